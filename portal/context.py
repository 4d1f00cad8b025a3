"""What the frame of every page needs."""

from functools import partial
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from portal.access import subscriber_of
from portal.calls import current
from portal.models import BegunCall, Subscriber
from portal.pbx import get_pbx
from portal.pbx.errors import PBXError

COUNTS = {"historial:historial": "_waiting.html", "buzon:buzon": "_unheard.html"}
"""Tabs that say how many things wait there, and the template that does."""

OF_SETTINGS = ("ajustes:", "mfa_", "account_change", "account_reauth")
"""How the names of the pages behind the tab Ajustes begin; some are allauth's."""

OF_INFORMATION = ("ajustes:informacion", "ajustes:tarjeta")

TOPICS = [
    *("agenda", "historial", "buzon", "desvios", "calendario"),
    *("ajustes", "informacion", "chat"),
]
"""Parts of the page Ayuda, each named as the addresses of what it explains."""

THEME_CLASSES = {"claro": "light", "oscuro": "dark"}


def frame(request: HttpRequest) -> dict[str, Any]:
    """``subscriber``, ``tabs``, ``unheard``, ``theme``, where help is, who is the administrator."""
    theme = request.COOKIES.get(settings.THEME_COOKIE_NAME, "")
    subscriber = subscriber_of(request)
    return {
        "subscriber": subscriber,
        "unheard": partial(unheard, subscriber),
        "begun_call": partial(begun_call, subscriber),
        "tabs": tabs(request),
        "topic": topic(request),
        "theme": theme,
        "theme_class": THEME_CLASSES.get(theme, ""),
        "administrator_contact": settings.ADMINISTRATOR_CONTACT,
        "is_demo": settings.DEMO,
        "rendered_at": int(timezone.now().timestamp() * 1000),
    }


def begun_call(subscriber: Subscriber | None) -> BegunCall | None:
    """The call to follow that the portal began."""
    return current(subscriber) if subscriber else None


def unheard(subscriber: Subscriber | None) -> int:
    """How many messages nobody has heard; none where that cannot be said now."""
    try:
        return get_pbx().voicemail.count_new(subscriber.mailbox) if subscriber else 0
    except PBXError:
        return 0


def topic(request: HttpRequest) -> str:
    """The part of Ayuda that explains this page; ``""`` where none does by itself."""
    match = request.resolver_match
    route = match.route.split("/") if match else []
    return next((part for part in reversed(route) if part in TOPICS), "")


def tabs(request: HttpRequest) -> list[dict[str, Any]]:
    """The six tabs, in their order: address, name, icon, count, and whether it is the open one."""
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
    app = here.partition(":")[0]
    if app in ("agenda", "desvios", "buzon", "historial"):
        here = f"{app}:{app}"  # their other pages belong to them
    elif here in OF_INFORMATION:
        here = "ajustes:informacion"
    elif here.startswith(OF_SETTINGS):
        here = "ajustes:ajustes"
    return [
        {"url": url, "name": name, "icon": icon, "open": url == here, "count": COUNTS.get(url)}
        for url, name, icon in rows
    ]
