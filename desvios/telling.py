"""After a change: try the telephone system at once, say which is true, and go back."""

from django.contrib import messages
from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from desvios.apply import apply
from portal.access import SubscriberRequest
from portal.models import AuditEvent


def apply_and_tell(request: SubscriberRequest, event: AuditEvent | None, what: str) -> None:
    """Apply the change that ``event`` wrote down; the message offers to undo it.

    ``what`` says what was done, without a full stop. ``None`` stands for a change of nothing.
    """
    if event is None:
        messages.info(request, _("No había nada que cambiar."))
        return
    undo = reverse("desvios:deshacer", args=[event.pk])
    if apply(request.subscriber):
        messages.success(request, _("%s: activo en la centralita.") % what, extra_tags=undo)
    else:
        text = _("%s, pendiente de aplicar: la centralita no responde. Se aplicará sola.") % what
        messages.warning(request, text, extra_tags=undo)


def way_back(request: HttpRequest, otherwise: str = "desvios:desvios") -> str:
    """The page that the button stood on, if it is one of ours; else the one of that name."""
    way = request.POST.get("next", "")
    if url_has_allowed_host_and_scheme(
        way, {request.get_host()}, require_https=request.is_secure()
    ):
        return way
    return reverse(otherwise)
