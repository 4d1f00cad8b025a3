from django.contrib.auth.management import create_permissions
from django.db import migrations

RIGHTS = [
    *(f"{deed}_{model}" for model in ("service", "openhours") for deed in ("view", "add", "change", "delete")),
    *("view_agent", "change_agent", "view_callbacktask"),
]
"""What was said is not among them: who is to read it gets that right for itself."""


def give(apps, schema_editor):
    database = schema_editor.connection.alias
    config = apps.get_app_config("chat")
    config.models_module = True  # else nothing is created; this state has no modules
    create_permissions(config, apps=apps, verbosity=0, using=database)
    config.models_module = None
    group = apps.get_model("auth", "Group").objects.using(database).filter(name="Administración").first()
    if group:
        permissions = apps.get_model("auth", "Permission").objects.using(database)
        group.permissions.add(*permissions.filter(content_type__app_label="chat", codename__in=RIGHTS))


class Migration(migrations.Migration):
    dependencies = [
        ("chat", "0002_last_lines"),
        ("portal", "0012_groups_of_rights"),
    ]

    operations = [migrations.RunPython(give, migrations.RunPython.noop, elidable=False)]
