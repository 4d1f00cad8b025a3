"""Lets the search find the contacts that were there before it."""

from django.db import migrations

from agenda.folding import words_in
from portal.folding import fold

COMPARED = {
    "agenda_contact": {"name_key": 100, "last_name_key": 100, "company_key": 100, "number": 40},
    "agenda_contactword": {"word": 40},
}


def compare_byte_by_byte(apps, schema_editor):
    """PostgreSQL: an index in the order of a language finds no beginnings of words."""
    if schema_editor.connection.vendor != "postgresql":
        return
    for table, columns in COMPARED.items():
        for column, length in columns.items():
            schema_editor.execute(
                f'ALTER TABLE {table} ALTER COLUMN {column} TYPE varchar({length}) COLLATE "C"'
            )


def write(apps, schema_editor):
    contacts = apps.get_model("agenda", "Contact").objects
    words = apps.get_model("agenda", "ContactWord")
    for row in contacts.iterator(chunk_size=500):
        names = [row.first_name, row.last_name, row.second_last_name]
        contacts.filter(pk=row.pk).update(
            name_key=fold(" ".join(names)),
            last_name_key=fold(" ".join([*names[1:], names[0]])),
            company_key=fold(row.company),
        )
        found = words_in([*names, row.display_name, row.company], [row.number])
        words.objects.bulk_create(
            words(contact_id=row.pk, owner_id=row.owner_id, word=word) for word in sorted(found)
        )


class Migration(migrations.Migration):

    dependencies = [
        ("agenda", "0002_agenda"),
    ]

    operations = [
        migrations.RunPython(compare_byte_by_byte, migrations.RunPython.noop),
        migrations.RunPython(write, migrations.RunPython.noop),
    ]
