"""Bringing events from a calendar file: upload, choose, import."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from desvios.calendar.changes import store
from desvios.exchange import arriving
from desvios.exchange.feeds import KEEP_UPLOADS
from desvios.exchange.forms import ChooseForm, UploadForm
from desvios.exchange.ics_lines import NotReadable
from desvios.exchange.models import CalendarUpload
from desvios.telling import apply_and_tell
from portal.access import SubscriberRequest, subscriber_required


@subscriber_required
@require_http_methods(["GET", "POST"])
def importar(request: SubscriberRequest) -> HttpResponse:
    """Take a file in; it waits in the database until its events are chosen."""
    form = UploadForm(request.POST, request.FILES) if request.method == "POST" else UploadForm()
    if form.is_valid():
        try:
            arriving.arrivals(request.subscriber, form.cleaned_data["file"], timezone.now())
        except NotReadable as error:
            form.add_error("file", str(error))
        else:
            CalendarUpload.objects.update_or_create(
                subscriber=request.subscriber,
                defaults={
                    "content": form.cleaned_data["file"],
                    "uploaded_at": timezone.now(),
                },
            )
            return redirect("desvios:elegir")
    return render(
        request, "desvios/importar.html", {"form": form}, status=422 if form.errors else 200
    )


@subscriber_required
@require_http_methods(["GET", "POST"])
def elegir(request: SubscriberRequest) -> HttpResponse:
    """Show what is in the file, and import what is chosen."""
    now = timezone.now()
    upload = CalendarUpload.objects.filter(
        subscriber=request.subscriber, uploaded_at__gt=now - KEEP_UPLOADS
    ).first()
    if upload is None:
        messages.warning(request, _("Ese archivo ya no está aquí. Súbelo otra vez."))
        return redirect("desvios:importar")
    found = arriving.arrivals(request.subscriber, bytes(upload.content), now)
    if request.method == "GET":
        return _page(request, ChooseForm(request.subscriber, found), found)
    form = ChooseForm(request.subscriber, found, request.POST)
    if not form.is_valid():
        return _page(request, form, found, status=422)
    chosen = form.cleaned_data["chosen"]
    edit = found.edit(
        chosen, form.cleaned_data["destination"], keep_own=form.cleaned_data["keep_own"]
    )
    event = store(request, request.subscriber, edit, at=now)
    upload.delete()
    count = len(edit)
    what = ngettext("%d evento importado", "%d eventos importados", count) % count
    apply_and_tell(request, event, what)
    return redirect("desvios:calendario")


def _page(
    request: SubscriberRequest, form: ChooseForm, found: arriving.Arrivals, *, status: int = 200
) -> HttpResponse:
    context: dict[str, Any] = {
        "form": form,
        "found": found,
        "chosen": set(request.POST.getlist("chosen")) if form.is_bound else found.suggested,
        "other": reverse("desvios:importar"),
    }
    return render(request, "desvios/elegir.html", context, status=status)
