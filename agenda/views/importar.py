"""Bringing an address book: upload, look, choose, import, take back."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django.views.decorators.vary import vary_on_headers
from django_htmx.http import HttpResponseClientRefresh

from agenda.exchange import arriving, preview, work
from agenda.exchange.forms import MOST_BYTES, ColumnsForm, UploadForm
from agenda.exchange.models import ContactImport
from agenda.exchange.record import NotReadable
from portal.access import SubscriberRequest, subscriber_required
from portal.uploads import takes

State = ContactImport.State
RECENT = 10


@takes(MOST_BYTES)
@subscriber_required
@require_http_methods(["GET", "POST"])
def importar(request: SubscriberRequest) -> HttpResponse:
    """Take a file in, and show what was imported lately."""
    form = UploadForm(request.POST, request.FILES) if request.method == "POST" else UploadForm()
    if form.is_valid():
        file = form.cleaned_data["file"]
        try:
            owner, actor = request.subscriber, request.user
            batch = arriving.take_in(owner, actor, file, file.name, timezone.now())
        except NotReadable as error:
            form.add_error("file", str(error))
        else:
            work.go_on(batch)
            return redirect("agenda:importacion", batch.pk)
    mine = ContactImport.objects.filter(owner=request.subscriber)
    context = {"form": form, "recent": mine[:RECENT]}
    return render(request, "agenda/importar.html", context, status=422 if form.errors else 200)


@subscriber_required
@require_GET
@vary_on_headers("HX-Request")
def importacion(request: SubscriberRequest, pk: int) -> HttpResponse:
    """How far an import is: its columns, its progress, its preview, or what it did."""
    batch = _mine(request, pk)
    if request.htmx:
        # The page that waits is told when there is something else to see.
        if not batch.is_working:
            return HttpResponseClientRefresh()
        return render(request, "agenda/_progress.html", {"batch": batch, "here": _here(batch)})
    return _page(request, batch)


@subscriber_required
@require_POST
def columnas(request: SubscriberRequest, pk: int) -> HttpResponse:
    """Say what each column is."""
    batch = _mine(request, pk)
    if batch.kind != arriving.CSV or batch.state not in {State.MAPPING, State.READY}:
        return redirect("agenda:importacion", pk)
    form = ColumnsForm(batch, request.POST)
    if not form.is_valid():
        return _page(request, batch, form, status=422)
    batch.columns = form.kinds
    batch.save(update_fields=["columns"])
    arriving.begin_again(batch)
    work.go_on(batch)
    return redirect("agenda:importacion", pk)


@subscriber_required
@require_POST
def elegir(request: SubscriberRequest, pk: int) -> HttpResponse:
    """Keep what was ticked; then go to another page of the preview, or import."""
    batch = _mine(request, pk)
    if batch.state != State.READY:
        return redirect("agenda:importacion", pk)
    preview.keep_choices(batch, request.POST)
    action, kind = request.POST.get("hacer", ""), request.POST.get("ver", "")
    if action in {"todos", "ninguno"}:
        preview.choose_all(batch, kind, chosen=action == "todos")
    if action != "importar":
        query = {"ver": request.POST.get("ir_a") or kind, "pagina": request.POST.get("pagina", "")}
        return redirect(f"{_here(batch)}?{urlencode({k: v for k, v in query.items() if v})}")
    if not batch.rows.filter(is_chosen=True).exists():
        messages.warning(request, _("No hay nada elegido. Marca al menos un contacto."))
        return redirect("agenda:importacion", pk)
    if batch.move(State.READY, State.STORING):
        work.go_on(batch)
    return redirect("agenda:importacion", pk)


@subscriber_required
@require_POST
def descartar(request: SubscriberRequest, pk: int) -> HttpResponse:
    """Forget a file that was not imported."""
    batch = _mine(request, pk)
    if batch.stored_at is None and not batch.is_working:
        batch.delete()
        messages.success(request, _("Archivo descartado: no se ha importado nada."))
    return redirect("agenda:importar")


@subscriber_required
@require_POST
def retirar(request: SubscriberRequest, pk: int) -> HttpResponse:
    """Take a whole import back."""
    batch = _mine(request, pk)
    if batch.state == State.DONE:
        batch.enter(State.UNDOING)
        work.go_on(batch)
        messages.success(
            request, _("Importación deshecha. El archivo sigue aquí por si lo quieres.")
        )
    return redirect("agenda:importacion", pk)


def _mine(request: SubscriberRequest, pk: int) -> ContactImport:
    found: ContactImport = get_object_or_404(ContactImport, owner=request.subscriber, pk=pk)
    return found


def _here(batch: ContactImport) -> str:
    return reverse("agenda:importacion", args=[batch.pk])


def _addresses(batch: ContactImport) -> dict[str, str]:
    return {
        "here": _here(batch),
        "choose": reverse("agenda:elegir", args=[batch.pk]),
        "throw_away": reverse("agenda:descartar", args=[batch.pk]),
        "take_back": reverse("agenda:retirar", args=[batch.pk]),
        "other": reverse("agenda:importar"),
        "book": reverse("agenda:agenda"),
    }


def _page(
    request: SubscriberRequest,
    batch: ContactImport,
    form: ColumnsForm | None = None,
    *,
    status: int = 200,
) -> HttpResponse:
    context: dict[str, Any] = {"batch": batch, "form": form, **_addresses(batch)}
    wants_columns = request.GET.get("ver") == "columnas" and batch.kind == arriving.CSV
    if form is None and (
        batch.state == State.MAPPING or (batch.state == State.READY and wants_columns)
    ):
        context["form"] = ColumnsForm(batch)
    elif form is None and batch.state == State.READY:
        query = request.GET
        context |= preview.context(batch, query.get("ver", ""), query.get("pagina", ""))
    return render(request, "agenda/importacion.html", context, status=status)
