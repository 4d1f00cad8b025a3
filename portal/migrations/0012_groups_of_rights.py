from django.contrib.auth.management import create_permissions
from django.db import migrations


def named(app, deeds, *models):
    return [f"{app}.{deed}_{model}" for model in models for deed in deeds.split()]


ALL = "view add change delete"
BOOK = named("agenda", ALL, "contact", "contactnumber")
LOOK = [
    *named("portal", "view", "subscriber", "device", "serviceclass", "numberpattern"),
    *named("portal", "view", "auditevent", "loginevent"),
    *named("auth", "view", "user"),
    *named("ajustes", "view", "queuerights"),
    *named("buzon", "view", "noticedmessage"),
]
GROUPS = {
    "Soporte": [*LOOK, "portal.unlock_login"],
    "Administración": [
        *LOOK,
        *named("portal", ALL, "subscriber", "device", "serviceclass", "numberpattern"),
        *("portal.unlock_login", "portal.end_sessions", "portal.reset_factors"),
        *named("auth", ALL, "user"),
        *named("auth", "view", "group"),
        *named("ajustes", ALL, "queuerights"),
        *named("buzon", "view", "mailboxoptions"),
        *named("desvios", ALL, "holidaycalendar", "holiday"),
        *named("desvios", "change", "forwardingrules"),
        *BOOK,
    ],
    "Agenda corporativa": BOOK,
}


def make_groups(apps, schema_editor):
    """Those that are not there yet; what somebody made under such a name stays as it is."""
    database = schema_editor.connection.alias
    for config in apps.get_app_configs():
        config.models_module = True  # else nothing is created; this state has no modules
        create_permissions(config, apps=apps, verbosity=0, using=database)
        config.models_module = None
    give(apps.get_model("auth", "Group"), apps.get_model("auth", "Permission"), database)


def give(groups, permissions, database):
    for name, rights in GROUPS.items():
        group, is_new = groups.objects.using(database).get_or_create(name=name)
        if is_new:
            group.permissions.set([_permission(permissions, database, each) for each in rights])


def _permission(permissions, database, right):
    app, codename = right.split(".")
    return permissions.objects.using(database).get(content_type__app_label=app, codename=codename)


class Migration(migrations.Migration):
    dependencies = [
        ("portal", "0011_log_and_imports"),
        ("agenda", "0004_imports"),
        ("ajustes", "0001_initial"),
        ("buzon", "0001_initial"),
        ("desvios", "0005_calendars_outlive_subscribers"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]

    operations = [migrations.RunPython(make_groups, migrations.RunPython.noop, elidable=False)]
