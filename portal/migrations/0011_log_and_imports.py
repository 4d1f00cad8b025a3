import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

KEPT = ("id", "at", "actor_name", "address", "subscriber_number", "action", "revision", "before", "after")
LET_GO = ("actor_id", "subscriber_id")
"""What becomes null when a user or a subscriber is deleted, and is never set to another."""


def differs(word):
    """The condition by which an update is refused; ``word`` is how the database says «differs»."""
    kept = [f'NEW."{name}" {word} OLD."{name}"' for name in KEPT]
    gone = [f'(NEW."{name}" IS NOT NULL AND NEW."{name}" {word} OLD."{name}")' for name in LET_GO]
    return " OR ".join(kept + gone)


SQLITE = f"""
CREATE TRIGGER audit_is_kept BEFORE UPDATE ON portal_auditevent WHEN {differs("IS NOT")}
BEGIN SELECT RAISE(ABORT, 'the log is only ever added to'); END
"""
"""On SQLite deletion is left to the code: who may write the file may do anything with it."""

POSTGRES = f"""
CREATE FUNCTION audit_is_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF NOT ({differs("IS DISTINCT FROM")}) THEN RETURN NEW; END IF;
    END IF;
    RAISE EXCEPTION 'the log is only ever added to' USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER audit_is_kept BEFORE UPDATE OR DELETE ON portal_auditevent
FOR EACH ROW EXECUTE FUNCTION audit_is_kept();
"""


def guard(apps, schema_editor):
    statements = {"sqlite": SQLITE, "postgresql": POSTGRES}
    if statement := statements.get(schema_editor.connection.vendor):
        schema_editor.execute(statement)


def leave_open(apps, schema_editor):
    if schema_editor.connection.vendor == "sqlite":
        schema_editor.execute("DROP TRIGGER audit_is_kept")
    elif schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("DROP FUNCTION audit_is_kept CASCADE")


class Migration(migrations.Migration):
    dependencies = [
        ("portal", "0010_queue_changes"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterField(
            model_name="auditevent",
            name="action",
            field=models.CharField(
                choices=[
                    ("forwarding", "Desvíos"),
                    ("calendar", "Calendario"),
                    ("feed", "Suscripción a un calendario"),
                    ("voicemail", "Mensajes de voz"),
                    ("greeting", "Saludos del buzón"),
                    ("pin", "PIN del buzón"),
                    ("contact", "Contactos"),
                    ("profile", "Datos de contacto"),
                    ("security", "Seguridad de la entrada"),
                    ("queue", "Colas"),
                    ("subscriber", "Usuarios de telefonía"),
                    ("admin", "Administración"),
                ],
                max_length=20,
                verbose_name="qué",
            ),
        ),
        migrations.CreateModel(
            name="SubscriberImport",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=100, verbose_name="archivo")),
                ("content", models.BinaryField(default=bytes)),
                ("uploaded_at", models.DateTimeField(db_index=True, verbose_name="subida")),
                ("stored_at", models.DateTimeField(null=True, verbose_name="importada")),
                ("added", models.PositiveIntegerField(default=0, verbose_name="añadidos")),
                ("changed", models.PositiveIntegerField(default=0, verbose_name="cambiados")),
                (
                    "actor",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="quién",
                    ),
                ),
            ],
            options={
                "verbose_name": "importación de usuarios",
                "verbose_name_plural": "importaciones de usuarios",
                "ordering": ["-uploaded_at", "-pk"],
            },
        ),
        migrations.RunPython(guard, leave_open, elidable=False),
    ]
