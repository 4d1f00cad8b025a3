from django.db import migrations

KEPT = (
    *("id", "at", "actor_name", "address", "subscriber_number", "action", "revision", "request_id"),
    *("before", "after"),
)
LET_GO = ("actor_id", "subscriber_id")
"""What becomes null when a user or a subscriber is deleted, and is never set to another."""


def differs(word, kept):
    """The condition by which an update is refused; ``word`` is how the database says «differs»."""
    kept = [f'NEW."{name}" {word} OLD."{name}"' for name in kept]
    gone = [f'(NEW."{name}" IS NOT NULL AND NEW."{name}" {word} OLD."{name}")' for name in LET_GO]
    return " OR ".join(kept + gone)


def on_sqlite(kept):
    return f"""
CREATE TRIGGER audit_is_kept BEFORE UPDATE ON portal_auditevent WHEN {differs("IS NOT", kept)}
BEGIN SELECT RAISE(ABORT, 'the log is only ever added to'); END
"""


def on_postgres(kept):
    return f"""
CREATE OR REPLACE FUNCTION audit_is_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF NOT ({differs("IS DISTINCT FROM", kept)}) THEN RETURN NEW; END IF;
    END IF;
    RAISE EXCEPTION 'the log is only ever added to' USING ERRCODE = 'integrity_constraint_violation';
END $$
"""


def guard(schema_editor, kept):
    """The trigger of 0011 anew."""
    if schema_editor.connection.vendor == "sqlite":
        schema_editor.execute("DROP TRIGGER audit_is_kept")
        schema_editor.execute(on_sqlite(kept))
    elif schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(on_postgres(kept))


def keep_request(apps, schema_editor):
    guard(schema_editor, KEPT)


def let_it_be(apps, schema_editor):
    guard(schema_editor, [name for name in KEPT if name != "request_id"])


class Migration(migrations.Migration):
    dependencies = [("portal", "0017_requests_of_changes")]

    operations = [migrations.RunPython(keep_request, let_it_be, elidable=False)]
