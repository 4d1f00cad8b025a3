import django.db.models.deletion
from django.db import migrations, models
from django.db.models import OuterRef, Subquery


def fill_in_numbers(apps, schema_editor):
    """Compiled calendars so far have a subscriber."""
    subscribers = apps.get_model("portal", "Subscriber").objects.filter(pk=OuterRef("subscriber"))
    compiled = apps.get_model("desvios", "CompiledCalendar").objects
    compiled.update(number=Subquery(subscribers.values("number")[:1]))


class Migration(migrations.Migration):
    dependencies = [
        ("desvios", "0004_feed_enabled"),
    ]

    operations = [
        migrations.AddField(
            model_name="compiledcalendar",
            name="number",
            field=models.CharField(default="", max_length=15),
            preserve_default=False,
        ),
        migrations.RunPython(fill_in_numbers, migrations.RunPython.noop),
        migrations.AlterField(
            model_name="compiledcalendar",
            name="subscriber",
            field=models.OneToOneField(
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="compiled_calendar",
                to="portal.subscriber",
            ),
        ),
    ]
