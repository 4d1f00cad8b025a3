"""Rights in words: Django keeps their names in the database, in one language."""

from typing import Any

from django.contrib.auth.models import Permission
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

DEEDS = {
    "add": _("añadir"),
    "change": _("cambiar"),
    "delete": _("borrar"),
    "view": _("ver"),
}
"""What Django lets people do with each kind of thing, by how the right's code name begins."""


def right_in_words(right: Permission) -> str:
    """``Agenda | contacto | añadir``; rights of our own say it in a sentence."""
    kind = right.content_type
    deed, _separator, model = right.codename.partition("_")
    words = DEEDS[deed] if deed in DEEDS and model == kind.model else gettext(right.name)
    return f"{kind.app_labeled_name} | {words}"


def offered_in_words(field: Any) -> Any:
    """The field to choose rights with, in the language that is spoken now."""
    if getattr(field, "queryset", None) is not None and field.queryset.model is Permission:
        field.label_from_instance = right_in_words
    return field
