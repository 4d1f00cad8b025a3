"""Subscribers from a table, for administrators: upload, see what it would do, do it or not."""

import zlib
from datetime import timedelta
from hashlib import sha256
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from portal.admin.log_words import value_in_words
from portal.admin.reading import ReadOnlyAdmin
from portal.csv_table import NotReadable
from portal.importing.comparing import Outcome, Row, compared
from portal.importing.headings import LABELS
from portal.importing.lines import MOST_LINES, read
from portal.importing.storing import HIDDEN, store
from portal.locks import LockTimeout, lock
from portal.models import SubscriberImport
from portal.uploads import MOST_BYTES, UploadField

NEEDED = ("portal.add_subscriber", "portal.change_subscriber", "auth.add_user")
ROWS_A_PAGE = 50
FORGET = timedelta(days=1)
PATIENCE = 5.0
"""Seconds to wait for somebody who is importing at the same moment."""

TITLES = {
    Outcome.NEW: gettext_lazy("Nuevos"),
    Outcome.CHANGED: gettext_lazy("Cambian"),
    Outcome.SAME: gettext_lazy("Iguales"),
    Outcome.REFUSED: gettext_lazy("Rechazados"),
}


class UploadForm(forms.Form):
    """A table."""

    file = UploadField(
        label=gettext_lazy("Archivo .csv"),
        accept=".csv,.txt,text/csv",
        missing=gettext_lazy("Elige el archivo .csv que quieres importar."),
        most_bytes=MOST_BYTES,
    )


@admin.register(SubscriberImport)
class SubscriberImportAdmin(ReadOnlyAdmin):
    """Files with subscribers, carried out whole or not at all."""

    list_display = ["name", "uploaded_at", "actor", "stored_at", "added", "changed"]
    list_select_related = ["actor"]

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whoever may add and change subscribers and their logins one by one."""
        return bool(request.user.has_perms(NEEDED))

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_add_permission(request)

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> Any:
        """Take a file in."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = UploadForm(request.POST, request.FILES) if request.method == "POST" else UploadForm()
        if form.is_valid():
            try:
                return HttpResponseRedirect(
                    _here(_taken_in(request.user, form.cleaned_data["file"]))
                )
            except NotReadable as error:
                form.add_error("file", str(error))
        context = {"form": form, "columns": LABELS.values(), "most": MOST_LINES}
        status = 422 if form.errors else 200
        return self._page(request, "add_form", _("Importar usuarios"), context, status)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Show what a file would do; do it, or throw it away."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        batch = self.get_object(request, object_id)
        if batch is None:
            raise Http404
        if request.method == "POST" and batch.stored_at is None:
            return _carried_out(request, batch)
        context = {"batch": batch, **(_preview(request, batch) if batch.stored_at is None else {})}
        return self._page(request, "change_form", batch.name, context)

    def _page(
        self,
        request: HttpRequest,
        name: str,
        title: str,
        context: dict[str, Any],
        status: int = 200,
    ) -> HttpResponse:
        shared = {**self.admin_site.each_context(request), "opts": self.opts, "title": title}
        template = f"admin/portal/subscriberimport/{name}.html"
        return TemplateResponse(request, template, {**shared, **context}, status=status)


def _taken_in(actor: Any, file: Any) -> SubscriberImport:
    """The file kept until it is carried out. Raises ``NotReadable``."""
    content = file.read()
    read(content)
    now = timezone.now()
    waiting = SubscriberImport.objects.filter(stored_at=None)
    waiting.filter(actor=actor).delete()
    waiting.filter(uploaded_at__lt=now - FORGET).delete()
    return SubscriberImport.objects.create(
        actor=actor,
        name=" ".join(file.name.split())[:100],
        content=zlib.compress(content),
        uploaded_at=now,
    )


def _rows(batch: SubscriberImport) -> tuple[list[Row], list[str]]:
    """What the lines would do now, and the headings that mean nothing here."""
    file = read(zlib.decompress(batch.content))
    return compared(file.lines), file.ignored


def _seen(rows: list[Row]) -> str:
    """Another text for another effect, so that nothing is done that was not shown."""
    told = [(row.line.place, row.outcome, _values(row.before), _values(row.after)) for row in rows]
    return sha256(repr(told).encode()).hexdigest()


def _values(values: dict[str, Any]) -> list[str]:
    return [f"{name}={value}" for name, value in values.items()]


def _preview(request: HttpRequest, batch: SubscriberImport) -> dict[str, Any]:
    rows, ignored = _rows(batch)
    by_outcome = {each: [row for row in rows if row.outcome is each] for each in Outcome}
    order = (Outcome.REFUSED, Outcome.NEW, Outcome.CHANGED, Outcome.SAME)
    first = next(each for each in order if by_outcome[each])
    asked = request.GET.get("ver", "")
    open_one = Outcome(asked) if asked in set(Outcome) else first
    page = Paginator(by_outcome[open_one], ROWS_A_PAGE).get_page(request.GET.get("p"))
    to_do = len(by_outcome[Outcome.NEW]) + len(by_outcome[Outcome.CHANGED])
    return {
        "kinds": [
            {"key": each, "title": TITLES[each], "count": len(by_outcome[each])} for each in Outcome
        ],
        "open": open_one,
        "page": page,
        "rows": [_shown(row) for row in page],
        "refused": len(by_outcome[Outcome.REFUSED]),
        "to_do": to_do,
        "ignored": ignored,
        "seen": _seen(rows),
    }


def _shown(row: Row) -> dict[str, Any]:
    """A line in words; of a PIN only that it is set or changed."""
    person = row.subscriber
    name = row.line.values.get("display_name") or (person.display_name if person else "")
    return {
        "place": row.line.place,
        "number": row.line.number,
        "name": name,
        "problems": row.line.problems,
        "changes": [
            (label, _old(kind, row), _new(kind, row))
            for kind, label in LABELS.items()
            if kind in row.after
        ],
    }


def _old(kind: str, row: Row) -> str:
    return "" if kind == HIDDEN or kind not in row.before else _said(row.before[kind])


def _new(kind: str, row: Row) -> str:
    return _("otro") if kind == HIDDEN and row.before else _said(row.after[kind], kind == HIDDEN)


def _said(value: Any, is_hidden: bool = False) -> str:
    return pgettext("valor", "puesto") if is_hidden else value_in_words(value)


def _carried_out(request: HttpRequest, batch: SubscriberImport) -> HttpResponse:
    """The next step, as the query says."""
    if request.GET.get("paso") == "descartar":
        batch.delete()
        messages.info(request, _("Archivo descartado. No se ha importado nada."))
        return HttpResponseRedirect(reverse("admin:portal_subscriberimport_changelist"))
    try:
        with lock("subscriber-import", timeout=PATIENCE), transaction.atomic():
            problem = _import(request, batch)
    except LockTimeout:
        problem = _("Alguien está importando usuarios en este momento. Prueba otra vez.")
    if problem:
        messages.error(request, problem)
    return HttpResponseRedirect(_here(batch))


def _import(request: HttpRequest, batch: SubscriberImport) -> str:
    """Do it; or why nothing was done."""
    batch.refresh_from_db()
    if batch.stored_at is not None:
        return ""
    rows, _ignored = _rows(batch)
    if any(row.outcome is Outcome.REFUSED for row in rows):
        return _("Hay líneas rechazadas: no se ha importado nada. Corrígelas y sube el archivo.")
    if request.POST.get("seen") != _seen(rows):
        return _("Mientras tanto cambió algo: no se ha importado nada. Mira lo que haría ahora.")
    store(request, batch, rows, timezone.now())
    return ""


def _here(batch: SubscriberImport) -> str:
    return reverse("admin:portal_subscriberimport_change", args=[batch.pk])
