"""Saying what was done in a mailbox, what was not, and why not, in plain words."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.contrib import messages
from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from buzon.changing import Busy, Left, Outcome
from portal.pbx.errors import Ambiguous, InUse, NotFound, PBXError, PBXUnavailable

REASONS: list[tuple[type[Exception], str | Promise]] = [
    (InUse, gettext_lazy("Tienes el buzón abierto en el teléfono: cuelga y vuelve a intentarlo.")),
    (Busy, gettext_lazy("El buzón se está cambiando desde otro sitio. Prueba otra vez.")),
    (NotFound, gettext_lazy("Eso ya no está en el buzón.")),
    (
        Ambiguous,
        gettext_lazy("La centralita tiene dos mensajes con la misma identificación."),
    ),
    (
        PBXUnavailable,
        gettext_lazy(
            "La centralita no responde y no se ha cambiado nada más. Los mensajes no se pierden: "
            "prueba de nuevo dentro de un minuto."
        ),
    ),
    (
        PBXError,
        gettext_lazy(
            "La centralita no lo ha aceptado. Si se repite, avisa a quien administra el portal."
        ),
    ),
]
"""Why something was not done, and what to do; the first that fits."""


class Refused(Exception):
    """It was not done, and the person has been told why."""


def why_not(error: Exception) -> str:
    """The reason in words."""
    return next(str(reason) for kind, reason in REASONS if isinstance(error, kind))


@contextmanager
def explained(request: HttpRequest, **reasons: Any) -> Iterator[None]:
    """Tell the person why it was not done. Raises ``Refused`` then.

    ``not_found`` says it in other words where nothing is missing from the mailbox.
    """
    try:
        yield
    except (PBXError, Busy) as error:
        other = reasons.get("not_found") if isinstance(error, NotFound) else None
        messages.error(request, str(other or why_not(error)))
        raise Refused from error


def tell_outcome(request: HttpRequest, outcome: Outcome, done: str, *, undo: str = "") -> None:
    """Say what was done, with a way to undo it, and of what was left why."""
    if outcome.done:
        messages.success(request, done, extra_tags=undo)
    for left, count in Counter(outcome.left.values()).items():
        text = ngettext(
            "%(n)d mensaje queda como estaba. %(why)s",
            "%(n)d mensajes quedan como estaban. %(why)s",
            count,
        )
        messages.warning(request, text % {"n": count, "why": Left(left).label})
    if not outcome.done and not outcome.left:
        messages.info(request, _("Elige primero algún mensaje."))
