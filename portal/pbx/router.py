"""Call records live in a database of their own; everything else in the default one."""

from typing import Any

from django.db.models import Model

ALIAS = "cdr"
MODELS = frozenset({"callrecord", "callentry", "importposition"})


class CallRecordRouter:
    """Sends the models that the import of call records writes together to the alias ``cdr``."""

    def db_for_read(self, model: type[Model], **hints: Any) -> str | None:
        """The database to read from."""
        return ALIAS if _is_ours(model._meta.app_label, model._meta.model_name) else None

    def db_for_write(self, model: type[Model], **hints: Any) -> str | None:
        """The database to write to."""
        return self.db_for_read(model, **hints)

    def allow_migrate(
        self, db: str, app_label: str, model_name: str | None = None, **hints: Any
    ) -> bool:
        """Whether the model's table stands in the database."""
        return (db == ALIAS) == _is_ours(app_label, model_name)


def _is_ours(app_label: str, model_name: str | None) -> bool:
    return app_label == "pbx" and model_name in MODELS
