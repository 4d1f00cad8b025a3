"""Ending one's own sessions elsewhere."""

from typing import Any

from allauth.usersessions.models import UserSession
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from portal.accounts import sessions
from portal.accounts.audited import record_security


@login_required
@require_POST
def cerrar(request: HttpRequest, pk: int) -> HttpResponse:
    """Log out in one of the other browsers; in this one there is the door."""
    user: Any = request.user
    session = get_object_or_404(UserSession, pk=pk, user=user)
    if session.session_key == request.session.session_key:
        return redirect("account_logout")
    session.end()
    record_security(request, user, before={"sessions": 1}, after={"sessions": 0})
    messages.success(request, _("Sesión cerrada: allí hay que entrar otra vez."))
    return redirect("ajustes:seguridad")


@login_required
@require_POST
def cerrar_otras(request: HttpRequest) -> HttpResponse:
    """Log out everywhere but here."""
    user: Any = request.user
    ended = sessions.end(user, but=request.session.session_key)
    if not ended:
        messages.info(request, _("No había ninguna otra sesión abierta."))
        return redirect("ajustes:seguridad")
    record_security(request, user, before={"sessions": ended}, after={"sessions": 0})
    text = ngettext("%(n)d sesión cerrada.", "%(n)d sesiones cerradas.", ended) % {"n": ended}
    messages.success(request, text)
    return redirect("ajustes:seguridad")
