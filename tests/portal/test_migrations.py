"""Old code works on the new schema, as it has to while an upgrade goes on (docs/operate.md).

What was there in the release stays there, and rows that old code writes are taken. The rule, and
how something goes in two releases, stands in CONTRIBUTING.md, "Migrations".
"""

from pathlib import Path

import pytest
from django.apps import apps
from django.db import migrations, models
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState
from django.db.migrations.utils import resolve_relation

LAST = {
    "agenda": "0006_names_in_words",
    "ajustes": "0001_initial",
    "buzon": "0001_initial",
    "chat": "0003_rights_of_administrators",
    "desvios": "0006_rules_changed_at",
    "historial": "0001_initial",
    "pbx": "0003_absorbed_stamp",
    "portal": "0016_heartbeat",
}
"""The last migrations of the release before, 0.1.0. At a release: those of that one."""

JUDGED: dict[tuple[str, str], str] = {
    ("portal", "0020_unlocking_claves"): "gives a right that old code does not ask for",
    ("portal", "0018_keep_requests_of_changes"): "refuses to change a column unknown to old code",
}
"""Migrations with code, SQL or removals, which nothing here can read: why old code bears them."""

HARMLESS = (
    migrations.AddIndex,
    migrations.AlterModelManagers,
    migrations.AlterModelOptions,
    migrations.AlterModelTableComment,
    migrations.RemoveConstraint,
    migrations.RemoveIndex,
    migrations.RenameIndex,
)


def refusals(
    operations: list[Operation], app: str, state: ProjectState, known: set[tuple[str, str]]
) -> list[str]:
    """What of these code that knows those models stumbles over; ``state`` is brought after them."""
    wrong = []
    for operation in operations:
        if isinstance(operation, migrations.SeparateDatabaseAndState):
            wrong += refusals(operation.database_operations, app, state.clone(), known)
        elif not _is_borne(operation, app, state, known):
            wrong.append(operation.describe())
        operation.state_forwards(app, state)
    return wrong


def _is_borne(
    operation: Operation, app: str, state: ProjectState, known: set[tuple[str, str]]
) -> bool:
    if isinstance(operation, HARMLESS):
        return True
    if isinstance(operation, migrations.RunPython | migrations.RunSQL):
        return False
    fields = [field for _, field in getattr(operation, "fields", [])]
    fields.append(getattr(operation, "field", None))
    if any(field and _holds_fast(field, app, known) for field in fields):
        return False
    name = getattr(operation, "model_name", None) or getattr(operation, "name", "")
    if (app, name.lower()) not in known:
        return True
    if isinstance(operation, migrations.AddField):
        return _may_be_left_out(operation.field)
    if isinstance(operation, migrations.AlterField):
        field = state.apps.get_model(app, name)._meta.get_field(operation.name)
        return _takes_all_that(field, operation.field)
    return False


def _holds_fast(field: models.Field, app: str, known: set[tuple[str, str]]) -> bool:
    """Whether it keeps who does not know of it from deleting a row of an old table."""
    if not field.remote_field:
        return False
    holder = field.remote_field if field.many_to_many else field
    return holder.db_constraint and resolve_relation(field.remote_field.model, app) in known


def _may_be_left_out(field: models.Field) -> bool:
    """Whether rows can be written by who does not know of it."""
    return field.many_to_many or field.null or (field.has_db_default() and not field.unique)


def _takes_all_that(old: models.Field, new: models.Field) -> bool:
    """Whether the column keeps its name and holds whatever it held before, and nothing else."""
    new.set_attributes_from_name(old.name)
    same = old.column == new.column and old.get_internal_type() == new.get_internal_type()
    roomier = (new.max_length or 0) >= (old.max_length or 0)
    laxer = (new.null or not old.null) and (old.unique or not new.unique)
    return same and roomier and laxer


def newer_than_the_release() -> list[tuple[str, str]]:
    """Migrations of ours that came since, each after those that it needs."""
    graph = MigrationLoader(None).graph
    done = {node for item in LAST.items() for node in graph.forwards_plan(item)}
    plan = [node for leaf in graph.leaf_nodes() for node in graph.forwards_plan(leaf)]
    return [node for node in dict.fromkeys(plan) if node[0] in LAST and node not in done]


def test_every_app_with_migrations_of_ours_has_its_last_one_named():
    labels = {node[0] for node in MigrationLoader(None).graph.leaf_nodes()}
    folders = {label: Path(apps.get_app_config(label).path) for label in labels}
    ours = {label for label, path in folders.items() if "site-packages" not in path.parts}
    assert ours == set(LAST)


def test_code_of_the_release_before_works_on_the_schema_of_today():
    loader = MigrationLoader(None)
    state = loader.project_state(list(LAST.items()))
    known = set(state.models)
    wrong = {}
    for node in newer_than_the_release():
        migration = loader.graph.nodes[node]
        found = refusals(migration.operations, node[0], state, known)
        if found and node not in JUDGED:
            wrong[node] = found
    assert wrong == {}


def test_what_was_judged_is_there_and_newer_than_the_release():
    assert set(JUDGED) - set(newer_than_the_release()) == set()


TEXT = models.CharField(max_length=20)
UNIQUE = models.UniqueConstraint(fields=["name"], name="one")
CHECK = models.CheckConstraint(condition=models.Q(name__gt=""), name="named")


@pytest.mark.parametrize(
    ("operation", "is_borne"),
    [
        (migrations.AddField("old", "new", models.TextField(null=True)), True),
        (migrations.AddField("old", "new", models.TextField(db_default="")), True),
        (migrations.AddField("old", "new", models.ManyToManyField("old")), False),
        (
            migrations.AddField("old", "new", models.ManyToManyField("old", db_constraint=False)),
            True,
        ),
        (migrations.CreateModel("New", [("old", models.ForeignKey("old", models.CASCADE))]), False),
        (migrations.AddField("old", "new", models.TextField(default="")), False),
        (migrations.AddField("old", "new", models.IntegerField(db_default=1, unique=True)), False),
        (migrations.AlterField("old", "name", models.CharField(max_length=30, null=True)), True),
        (migrations.AlterField("old", "name", models.CharField(max_length=19)), False),
        (migrations.AlterField("old", "name", models.CharField(max_length=20, unique=True)), False),
        (migrations.AlterField("old", "name", models.IntegerField()), False),
        (migrations.AlterField("old", "some", TEXT), False),
        (migrations.RemoveField("old", "name"), False),
        (migrations.RenameField("old", "name", "title"), False),
        (migrations.RenameModel("old", "young"), False),
        (migrations.DeleteModel("old"), False),
        (migrations.AlterModelTable("old", "elsewhere"), False),
        (migrations.AddConstraint("old", UNIQUE), False),
        (migrations.AddConstraint("old", CHECK), False),
        (migrations.AlterUniqueTogether("old", {("name", "some")}), False),
        (migrations.RunPython(migrations.RunPython.noop, migrations.RunPython.noop), False),
        (migrations.RunSQL("DROP TABLE app_old", ""), False),
        (migrations.AddIndex("old", models.Index(fields=["name"], name="by_name")), True),
        (
            migrations.SeparateDatabaseAndState(
                state_operations=[migrations.RemoveField("old", "some")]
            ),
            True,
        ),
    ],
    ids=lambda value: value.describe() if isinstance(value, Operation) else None,
)
def test_what_old_code_bears_is_told_from_what_it_does_not(operation, is_borne):
    state = ProjectState()
    some = models.CharField(max_length=20, null=True)
    fields = [("id", models.BigAutoField(primary_key=True)), ("name", TEXT), ("some", some)]
    migrations.CreateModel("Old", fields).state_forwards("app", state)
    assert (refusals([operation], "app", state, {("app", "old")}) == []) == is_borne


def test_what_came_with_the_migration_itself_may_be_as_strict_as_it_likes():
    own = models.ForeignKey("app.new", models.CASCADE)
    fields = [("id", models.BigAutoField(primary_key=True)), ("own", own)]
    new = migrations.CreateModel("New", fields)
    added = migrations.AddField("new", "name", TEXT.clone())
    strict = migrations.AddConstraint("new", UNIQUE.clone())
    assert refusals([new, added, strict], "app", ProjectState(), set()) == []
