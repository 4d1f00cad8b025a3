"""What administrators change is written into the log of changes, whatever it is."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth.models import User
from django.http import HttpRequest
from django.utils import timezone

from portal.admin.completing import Many, One
from portal.audit import record
from portal.models import AuditEvent, Subscriber

Change = tuple[dict[str, Any], dict[str, Any]]
"""Before and after."""

UNSPOKEN = ("password", "usable_password", "access_pin")
"""How the fields begin of which only is said that they were changed."""


class AuditedAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Writes down every addition, change and deletion, with what was before and after."""

    audit_action = AuditEvent.Action.ADMIN

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """With our own way to complete what is typed."""
        if db_field.name in self.get_autocomplete_fields(request):
            kwargs["widget"] = One(db_field, self.admin_site)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """With our own way to complete what is typed."""
        if db_field.name in self.get_autocomplete_fields(request):
            kwargs["widget"] = Many(db_field, self.admin_site)
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    def construct_change_message(
        self, request: HttpRequest, form: Any, formsets: Any, add: bool = False
    ) -> Any:
        """Remember what the form changed; Django calls this before it writes its own log."""
        request.form_change = differences(form, formsets or [], add)  # type: ignore[attr-defined]
        return super().construct_change_message(request, form, formsets, add)

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        """Of what there is now."""
        self.write_down(request, obj, *getattr(request, "form_change", ({}, {})))
        return super().log_addition(request, obj, message)

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        """Of what is otherwise now; of a form that changed nothing, nothing."""
        before, after = getattr(request, "form_change", ({}, {}))
        if before or after:
            self.write_down(request, obj, before, after)
        return super().log_change(request, obj, message)

    def log_deletions(self, request: HttpRequest, queryset: Iterable[Any]) -> Any:
        """Of what is about to go."""
        rows = list(queryset)
        for row in rows:
            self.write_down(request, row, {"deleted": False}, {"deleted": True})
        return super().log_deletions(request, rows)  # type: ignore[arg-type]

    def write_down(
        self, request: HttpRequest, obj: Any, before: dict[str, Any], after: dict[str, Any]
    ) -> AuditEvent:
        """One entry, about the subscriber whom the row concerns, else with the row's name."""
        subscriber = subscriber_concerned(obj)
        if not isinstance(obj, Subscriber):
            after = {"object": f"{self.opts.verbose_name} «{obj}»", **after}
        return record(
            request, subscriber, self.audit_action, before=before, after=after, at=timezone.now()
        )


def subscriber_concerned(obj: Any) -> Subscriber | None:
    """Whom a row is about, if it is about a subscriber."""
    if isinstance(obj, Subscriber):
        return obj
    if isinstance(obj, User):
        return Subscriber.objects.filter(user=obj).first()
    return None


def differences(form: Any, formsets: Iterable[Any], add: bool) -> Change:
    """What a form that was saved changed, and what its rows did."""
    before: dict[str, Any] = {}
    after: dict[str, Any] = {}
    for name in form.changed_data:
        if name.startswith(UNSPOKEN):
            before["password" if name.startswith(("password", "usable")) else name] = False
            after["password" if name.startswith(("password", "usable")) else name] = True
            continue
        field = form.fields[name]
        if isinstance(field, forms.FileField):
            after[name] = str(getattr(form.files.get(name), "name", ""))
            continue
        before[name] = plain(field, form.get_initial_for_field(field, name))
        after[name] = plain(field, form.cleaned_data.get(name))
    for formset in formsets:
        _rows(formset, before, after)
    return ({}, after) if add else (before, after)


def plain(field: forms.Field, value: Any) -> Any:
    """A field's value as the log keeps it: words instead of keys."""
    found: Any = getattr(field, "queryset", None)
    if isinstance(field, forms.ModelMultipleChoiceField):
        rows = found.filter(pk__in=[getattr(each, "pk", each) for each in value or ()])
        return sorted(str(row) for row in rows)
    if isinstance(field, forms.ModelChoiceField):
        key = getattr(value, "pk", value)
        row = found.filter(pk=key).first() if key else None
        return str(row) if row else ""
    if value is None or isinstance(value, bool | int | str):
        return "" if value is None else value
    return value.isoformat() if isinstance(value, date) else str(value)


def _rows(formset: Any, before: dict[str, Any], after: dict[str, Any]) -> None:
    """The rows below a form: those that are new, otherwise, or gone."""
    name = f"{formset.model._meta.model_name}s"
    now = [*map(str, formset.new_objects), *(str(row) for row, _ in formset.changed_objects)]
    gone = [str(row) for row in formset.deleted_objects]
    if now or gone:
        before[name], after[name] = gone, now
