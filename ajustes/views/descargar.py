"""All own data as one file."""

from tempfile import TemporaryFile

from django.contrib import messages
from django.http import FileResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from portal import own_data
from portal.access import SubscriberRequest, subscriber_required
from portal.locks import LockTimeout, lock


@subscriber_required
@never_cache
@require_POST
def descargar(request: SubscriberRequest) -> HttpResponseBase:
    """Contacts, calls, messages, calendar and settings, packed and sent."""
    subscriber = request.subscriber
    file = TemporaryFile()  # noqa: SIM115 - the answer closes it
    try:
        with lock(f"own-data-{subscriber.pk}", timeout=0, own_connection=True):
            own_data.pack(subscriber, file)
    except LockTimeout:
        file.close()
        messages.info(request, _("Ya se están preparando tus datos en otra ventana."))
        return redirect("ajustes:ajustes")
    except BaseException:
        file.close()
        raise
    file.seek(0)
    name = f"webfon-{subscriber.number}-{timezone.localdate().isoformat()}.zip"
    response = FileResponse(file, as_attachment=True, filename=name, content_type="application/zip")
    response["Content-Encoding"] = "identity"  # it is compressed already
    return response
