"""After a change: try the telephone system at once; say which is true."""

from django.contrib import messages
from django.urls import reverse
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
