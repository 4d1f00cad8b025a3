from django.contrib.auth.management import create_permissions
from django.db import migrations

GROUPS = ["Soporte", "Administración"]
"""Those of 0012 who unlock logins."""


def give(apps, schema_editor):
    database = schema_editor.connection.alias
    config = apps.get_app_config("portal")
    config.models_module = True  # else nothing is created; this state has no modules
    create_permissions(config, apps=apps, verbosity=0, using=database)
    config.models_module = None
    permissions = apps.get_model("auth", "Permission").objects.using(database)
    right = permissions.get(content_type__app_label="portal", codename="unlock_access_code")
    groups = apps.get_model("auth", "Group").objects.using(database)
    for group in groups.filter(name__in=GROUPS):
        group.permissions.add(right)


class Migration(migrations.Migration):
    dependencies = [("portal", "0019_right_to_unlock_claves")]

    operations = [migrations.RunPython(give, migrations.RunPython.noop, elidable=False)]
