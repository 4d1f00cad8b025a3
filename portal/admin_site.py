"""The administration's front door: what there is, arranged by whom or what it is about."""

from typing import Any

from django.contrib.admin import AdminSite
from django.contrib.admin.apps import AdminConfig
from django.http import HttpRequest
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

SECTIONS = (
    ("people", _("Personas"), ("subscriber", "subscriberimport", "user", "group")),
    (
        "pbx",
        _("Centralita"),
        ("queuerights", "serviceclass", "mailboxoptions", "noticedmessage"),
    ),
    ("book", _("Agenda corporativa"), ("contact", "contactimport")),
    ("holidays", _("Calendarios de festivos"), ("holidaycalendar",)),
    ("log", _("Registro de cambios"), ("auditevent", "loginevent")),
)
"""Key, title and the models of each section, in their order; another model stays with its app."""


class Site(AdminSite):
    """As Django's, in sections of its own."""

    site_header = _("Administración de Webfon")
    site_title = _("Webfon")
    index_title = _("Administración")

    def get_app_list(
        self, request: HttpRequest, app_label: str | None = None
    ) -> list[dict[str, Any]]:
        """What this administrator may look at: for one app, else by section."""
        apps: list[dict[str, Any]] = super().get_app_list(request, app_label)
        if app_label:
            return apps
        models = {row["object_name"].lower(): row for app in apps for row in app["models"]}
        sections = [
            _section(key, title, [models.pop(name) for name in names if name in models])
            for key, title, names in SECTIONS
        ]
        left = [{**app, "models": _left(app["models"], models)} for app in apps]
        return [each for each in [*sections, *left] if each["models"]]

    def password_change(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> Any:
        """Where everybody changes it: that page writes down that it was."""
        return redirect(reverse("account_change_password"))


class AdministrationConfig(AdminConfig):
    """Django's administration with that site."""

    default_site = "portal.admin_site.Site"


def _section(key: str, title: Any, models: list[dict[str, Any]]) -> dict[str, Any]:
    """As ``AdminSite`` describes an app; its title leads to what comes first."""
    address = next((row["admin_url"] for row in models if row["admin_url"]), "")
    return {
        "app_label": key,
        "name": title,
        "app_url": address or reverse("admin:index"),
        "has_module_perms": True,
        "models": models,
    }


def _left(rows: list[dict[str, Any]], models: dict[str, Any]) -> list[dict[str, Any]]:
    return [row for row in rows if row["object_name"].lower() in models]
