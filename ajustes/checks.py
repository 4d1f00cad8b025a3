"""A wrong name among the locked fields would leave a field open that was meant to be closed."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register

from ajustes.profile import FIELDS


@register()
def locked_fields(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """An error for every name that is no field's."""
    return [
        Error(
            f"WEBFON_LOCKED_FIELDS names {name!r}, which is no field of the contact data.",
            hint=f"Use any of {', '.join(FIELDS)}.",
            id="ajustes.E001",
        )
        for name in settings.LOCKED_FIELDS
        if name not in FIELDS
    ]
