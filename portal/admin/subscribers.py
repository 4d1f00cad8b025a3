"""Subscribers and service classes, for administrators."""

from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.db.models import QuerySet
from django.forms import BaseInlineFormSet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from agenda.colleagues import people_found
from desvios.relocating import follow_zone
from portal import phone
from portal.admin import helping
from portal.admin.audited import AuditedAdmin
from portal.models import (
    AuditEvent,
    Device,
    NumberPattern,
    ServiceClass,
    Subscriber,
    check_fits,
)


class PatternFormSet(BaseInlineFormSet):  # type: ignore[type-arg]
    """The patterns of a class must fit on the telephone system together."""

    def clean(self) -> None:
        super().clean()
        rows = [form.cleaned_data for form in self.forms if form.is_valid()]
        kept = [row["pattern"] for row in rows if row.get("pattern") and not row.get("DELETE")]
        check_fits([pattern for pattern in kept if phone.is_pattern(pattern)])


class NumberPatternInline(admin.TabularInline):  # type: ignore[type-arg]
    """The kinds of numbers of a class."""

    model = NumberPattern
    formset = PatternFormSet
    extra = 1


class AppliedAdmin(AuditedAdmin):
    """Rows that the telephone system carries out: a change marks them, the link applies them."""

    @admin.display(description=_("en la centralita"), boolean=True)
    def is_applied(self, row: Any) -> bool:
        """Whether every node confirmed the latest version."""
        return bool(row.applied_revision >= row.revision)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """After the row and all that hangs from it."""
        super().save_related(request, form, formsets, change)
        type(form.instance).objects.filter(pk=form.instance.pk).bump()
        form.instance.refresh_from_db(fields=["revision"])  # the log names it


@admin.register(ServiceClass)
class ServiceClassAdmin(AppliedAdmin):
    """Categories, with a try-out on every one."""

    list_display = ["name", "code", "is_applied"]
    inlines = [NumberPatternInline]
    change_form_template = "admin/portal/serviceclass/change_form.html"

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """The code stands in plans on the nodes, so it stays."""
        return ["is_applied", "code"] if obj else ["is_applied"]

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> Any:
        """Answer «which numbers would this allow?» for the number in the address."""
        obj, text = kwargs.get("obj"), request.GET.get("probar", "")
        context["trial_number"] = text
        if obj and text:
            context["trial_answer"] = _try_out(obj, text)
        return super().render_change_form(request, context, *args, **kwargs)


def _try_out(service_class: ServiceClass, text: str) -> dict[str, Any]:
    """Whether a number as somebody writes it would be allowed, and by which pattern."""
    try:
        number = phone.normalise(text)
    except phone.InvalidNumber as error:
        return {"error": str(error)}
    rows = [row for row in service_class.patterns.all() if row.matches(number)]
    return {"number": phone.display(number), "allowed": service_class.allows(number), "by": rows}


class DeviceInline(admin.TabularInline):  # type: ignore[type-arg]
    """The telephones that are the subscriber's own."""

    model = Device
    extra = 1


class SubscriberList(ChangeList):
    """Leads to the page about each of them."""

    def url_for_result(self, result: Any) -> str:
        """How things stand with the subscriber."""
        return reverse("admin:situacion", args=[result.pk])


ADDRESSES = ("situacion", "desvios", "desvios/quitar", "entrada", "clave")

MOST_FOUND = 200
"""People found by name; who looks for somebody writes more than that many have."""


@admin.register(Subscriber)
class SubscriberAdmin(AppliedAdmin):
    """Who has which number, and what they may call."""

    audit_action = AuditEvent.Action.SUBSCRIBER
    list_display = ["number", "display_name", "user", "call_class", "forward_class", "is_applied"]
    list_filter = ["call_class", "forward_class"]
    list_select_related = ["user", "call_class", "forward_class"]
    search_fields = ["number", "display_name", "user__username", "devices__name"]
    autocomplete_fields = ["user"]
    search_help_text = _("Número, nombre, teléfono o usuario")
    inlines = [DeviceInline]
    readonly_fields = ["is_applied"]

    def get_urls(self) -> list[URLPattern]:
        """Also the pages about one of them."""
        views = [
            *(helping.situacion, helping.cambiar_desvios, helping.quitar_desvio),
            *(helping.entrada, helping.clave),
        ]
        own = [
            path(f"<int:pk>/{address}/", self.admin_site.admin_view(view), name=view.__name__)
            for address, view in zip(ADDRESSES, views, strict=True)
        ]
        return [*own, *super().get_urls()]

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        """From the list one comes to how things stand."""
        return SubscriberList

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """The list, by its name."""
        return super().changelist_view(request, {"title": _("Usuarios de telefonía")})

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Subscriber], search_term: str
    ) -> tuple[QuerySet[Subscriber], bool]:
        """Also by the beginnings of names, without accents."""
        found, is_double = super().get_search_results(request, queryset, search_term)
        numbers = [number for number, _name in islice(people_found(search_term), MOST_FOUND)]
        return found | queryset.filter(number__in=numbers), is_double

    def get_exclude(self, request: HttpRequest, obj: Any = None) -> Any:
        """The PIN is for whoever gives it out."""
        return [] if self.has_change_permission(request, obj) else ["access_pin"]

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """What hangs from a person goes with the person, whoever may change it otherwise."""
        found, counts, _needed, protected = super().get_deleted_objects(objs, request)
        return found, counts, set(), protected

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """In another zone the calendar has other windows."""
        if change and "time_zone" in form.changed_data:
            before = ZoneInfo(form.initial["time_zone"])
            follow_zone(form.instance, before, timezone.now())
        super().save_related(request, form, formsets, change)
