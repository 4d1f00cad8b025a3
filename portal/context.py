"""What the frame of every page needs."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from portal.access import subscriber_of

THEME_CLASSES = {"claro": "light", "oscuro": "dark"}


def frame(request: HttpRequest) -> dict[str, Any]:
    """``subscriber``, ``tabs``, ``theme`` and how to reach the administrator."""
    theme = request.COOKIES.get("tema", "")
    return {
        "subscriber": subscriber_of(request),
        "tabs": tabs(request),
        "theme": theme,
        "theme_class": THEME_CLASSES.get(theme, ""),
        "administrator_contact": settings.ADMINISTRATOR_CONTACT,
        "is_demo": settings.DEMO,
        "rendered_at": int(timezone.now().timestamp() * 1000),
    }


def tabs(request: HttpRequest) -> list[dict[str, Any]]:
    """The six tabs, in their order: address, name, icon, and whether it is the open one."""
    match = request.resolver_match
    here = match.view_name if match else ""
    rows = [
        ("agenda:agenda", _("Agenda"), "book-user"),
        ("historial:historial", _("Historial"), "history"),
        ("buzon:buzon", _("Mensaje de voz"), "voicemail"),
        ("desvios:desvios", _("Desvíos"), "phone-forwarded"),
        ("ajustes:ajustes", _("Ajustes"), "settings"),
        ("ajustes:informacion", _("Información"), "info"),
    ]
    if here.startswith("desvios:"):
        here = "desvios:desvios"  # the calendar belongs to it
    return [
        {"url": url, "name": name, "icon": icon, "open": url == here} for url, name, icon in rows
    ]
