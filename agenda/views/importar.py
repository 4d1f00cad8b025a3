"""Bringing an address book: upload, look, choose, import, take back."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django.views.decorators.vary import vary_on_headers
from django_htmx.http import HttpResponseClientRefresh

from agenda.exchange import arriving, steps, work
from agenda.exchange.forms import MOST_BYTES, ColumnsForm, UploadForm
from agenda.exchange.models import ContactImport
from portal.access import SubscriberRequest, subscriber_required
from portal.csv_table import NotReadable
from portal.uploads import takes

RECENT = 10


@takes(MOST_BYTES)
@subscriber_required
@require_http_methods(["GET", "POST"])
def importar(request: SubscriberRequest) -> HttpResponse:
    """Take a file in, and show what was imported lately."""
    form = UploadForm(request.POST, request.FILES) if request.method == "POST" else UploadForm()
    if form.is_valid():
        owner, file = request.subscriber, form.cleaned_data["file"]
        try:
            batch = arriving.take_in(owner, request.user, file, file.name, timezone.now())
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
    if not request.htmx:
        return _page(request, batch)
    if batch.is_working:
        return render(request, "agenda/_progress.html", {"batch": batch, **_addresses(batch)})
    return HttpResponseClientRefresh()


@subscriber_required
@require_POST
def columnas(request: SubscriberRequest, pk: int) -> HttpResponse:
    """Say what each column is."""
    batch = _mine(request, pk)
    if form := steps.name_columns(batch, request.POST):
        return _page(request, batch, form, status=422)
    return redirect("agenda:importacion", pk)


@subscriber_required
@require_POST
def elegir(request: SubscriberRequest, pk: int) -> HttpResponse:
    """Keep what was ticked; then go to another page of the preview, or import."""
    batch, query = _mine(request, pk), ""
    try:
        query = steps.choose(batch, request.POST)
    except steps.NothingChosen:
        messages.warning(request, _("No hay nada elegido. Marca al menos un contacto."))
    return redirect(reverse("agenda:importacion", args=[pk]) + query)


@subscriber_required
@require_POST
def descartar(request: SubscriberRequest, pk: int) -> HttpResponse:
    """Forget a file that was not imported."""
    if steps.discard(_mine(request, pk)):
        messages.success(request, _("Archivo descartado."))
    return redirect("agenda:importar")


@subscriber_required
@require_POST
def retirar(request: SubscriberRequest, pk: int) -> HttpResponse:
    """Take a whole import back."""
    steps.take_back(_mine(request, pk))
    return redirect("agenda:importacion", pk)


def _mine(request: SubscriberRequest, pk: int) -> ContactImport:
    found: ContactImport = get_object_or_404(ContactImport, owner=request.subscriber, pk=pk)
    return found


def _addresses(batch: ContactImport) -> dict[str, str]:
    names = {
        "here": "importacion",
        "name_columns": "columnas",
        "choose": "elegir",
        "throw_away": "descartar",
        "take_back": "retirar",
    }
    addresses = {key: reverse(f"agenda:{name}", args=[batch.pk]) for key, name in names.items()}
    return {**addresses, "other": reverse("agenda:importar"), "book": reverse("agenda:agenda")}


def _page(
    request: SubscriberRequest,
    batch: ContactImport,
    form: ColumnsForm | None = None,
    *,
    status: int = 200,
) -> HttpResponse:
    context = {**_addresses(batch), **steps.context(batch, request.GET, form)}
    return render(request, "agenda/importacion.html", context, status=status)
