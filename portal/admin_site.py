"""The administration's front door: what there is, arranged by whom or what it is about."""

from collections.abc import Callable
from typing import Any

from django.contrib.admin import AdminSite
from django.contrib.admin.apps import AdminConfig
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext_lazy as _

SECTIONS = (
    ("people", _("Personas"), ("subscriber", "subscriberimport", "user", "group")),
    (
        "pbx",
        _("Centralita"),
        ("agents", "queuerights", "serviceclass", "mailboxoptions", "noticedmessage"),
    ),
    ("chat", _("Chat"), ("conversation", "callbacktask", "service", "agent")),
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

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.pages: list[URLPattern] = []

    def get_app_list(
        self, request: HttpRequest, app_label: str | None = None
    ) -> list[dict[str, Any]]:
        """What this administrator may look at: for one app, else by section."""
        apps: list[dict[str, Any]] = super().get_app_list(request, app_label)
        if app_label:
            return apps
        models = {row["object_name"].lower(): row for app in apps for row in app["models"]}
        if "queuerights" in models:
            models["agents"] = _agents()
        sections = [
            _section(key, title, [models.pop(name) for name in names if name in models])
            for key, title, names in SECTIONS
        ]
        left = [{**app, "models": _left(app["models"], models)} for app in apps]
        return [each for each in [*sections, *left] if each["models"]]

    def get_urls(self) -> list[Any]:
        """Also the pages that are no model's."""
        return [*self.pages, *super().get_urls()]

    def add_page(self, address: str, view: Callable[..., HttpResponse]) -> None:
        """A page of the administration by the name of its view."""
        self.pages.append(path(address, self.admin_view(view), name=view.__name__))

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


def _agents() -> dict[str, Any]:
    """The page about queues now, which is no model's."""
    return {
        "name": _("Colas y agentes ahora"),
        "object_name": "Agents",
        "perms": {"view": True},
        "admin_url": reverse("admin:colas_y_agentes"),
        "add_url": None,
        "view_only": True,
    }


def _left(rows: list[dict[str, Any]], models: dict[str, Any]) -> list[dict[str, Any]]:
    return [row for row in rows if row["object_name"].lower() in models]
