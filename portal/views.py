"""The start page, the help, theme and language, and the pages for errors."""

import sys
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from agenda.lookup import namer, names_for
from desvios.directory import classes, plan_of
from desvios.wording import coming_in_words, now_in_words
from historial.listing import waiting_rows
from historial.returning import of_request
from portal import tracing
from portal.access import SubscriberRequest, subscriber_of, subscriber_required
from portal.pbx import get_pbx
from portal.pbx.errors import PBXError, PBXUnavailable
from portal.pbx.types import VoicemailMessage
from portal.ways import way_back

ROWS = 5
"""Rows of each list on the start page."""

THEMES = {"auto", "claro", "oscuro"}
YEAR = 365 * 24 * 3600


@login_required
@require_GET
def inicio(request: HttpRequest) -> HttpResponse:
    """What is true now; for administrators without a number, the administration."""
    if subscriber_of(request) is None and request.user.is_staff:
        return redirect("admin:index")
    return _now(request)


@subscriber_required
def _now(request: SubscriberRequest) -> HttpResponse:
    """Where calls go, missed calls to return, new messages."""
    subscriber = request.subscriber
    missed = of_request(request)
    unheard = _messages(subscriber.mailbox)
    numbers = {message.caller for message in unheard or ()}
    plan, name = plan_of(subscriber), namer(subscriber)
    context = {
        "sentences": now_in_words(plan, timezone.now(), classes(), name),
        "coming": coming_in_words(subscriber, timezone.now(), name),
        "calls": None if missed is None else waiting_rows(subscriber, missed[:ROWS]),
        "calls_more": max(0, len(missed or ()) - ROWS),
        "messages_new": unheard,
        "names": names_for(subscriber, numbers),
    }
    return render(request, "inicio.html", context)


def _messages(mailbox: str) -> tuple[VoicemailMessage, ...] | None:
    """The new messages, or ``None`` when the spool is away."""
    try:
        found = get_pbx().voicemail.messages(mailbox) if mailbox else ()
    except PBXError:
        return None
    return tuple(message for message in found if message.is_new)[:ROWS]


@login_required
@require_GET
def sin_contrasena(request: HttpRequest) -> HttpResponse:
    """Where allauth sends whoever would change a password and has none: administrators give it."""
    messages.info(request, _("No tienes contraseña. Pídela a quien administra el portal."))
    return redirect("ajustes:seguridad")


@login_required
@require_GET
def ayuda(request: HttpRequest) -> HttpResponse:
    """What each tab is for, and how to do there what people come for."""
    codes: dict[str, str] = settings.FEATURE_CODES
    return render(
        request, "ayuda.html", {"login_code": codes["login"], "logout_code": codes["logout"]}
    )


@require_POST
def tema(request: HttpRequest) -> HttpResponse:
    """Keep the chosen theme in a cookie."""
    response = redirect(way_back(request, "inicio"))
    theme = request.POST.get("tema", "")
    if theme in THEMES:
        _keep(response, settings.THEME_COOKIE_NAME, theme)
    return response


@require_POST
def idioma(request: HttpRequest) -> HttpResponse:
    """Keep the chosen language for the person who is logged in, and in a cookie for the door."""
    response = redirect(way_back(request, "inicio"))
    language = request.POST.get("idioma", "")
    if language not in dict(settings.LANGUAGES):
        messages.error(request, _("Elige uno de los idiomas de la lista."))
        return response
    _keep(response, settings.LANGUAGE_COOKIE_NAME, language)
    if subscriber := subscriber_of(request):
        subscriber.language = language
        subscriber.save(update_fields=["language"])
        with override(language):
            messages.success(request, _("Idioma cambiado."))
    return response


def _keep(response: HttpResponse, name: str, value: str) -> None:
    """Set a cookie of a choice."""
    response.set_cookie(
        name,
        value,
        max_age=YEAR,
        path=settings.COOKIE_PATH,
        secure=settings.HTTPS,
        httponly=True,
        samesite="Lax",
    )


@never_cache
@require_GET
def eventos(request: HttpRequest) -> HttpResponse:
    """Where no stream is served (``portal.asgi`` serves it), pages poll."""
    return HttpResponse(status=503)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form that was open for too long, or came from elsewhere."""
    return render(request, "403_csrf.html", status=403)


def peticion_incorrecta(request: HttpRequest, exception: Any = None) -> HttpResponse:
    """400, or 503 where the session could not be kept because its database is away."""
    return _in_our_words(400, _want_of_a_database(exception))


def _want_of_a_database(error: BaseException | None) -> BaseException | None:
    """Django takes any error in keeping a session for a session that somebody ended meanwhile."""
    while error and not isinstance(error, OperationalError):
        error = error.__context__
    return error


def sin_permiso(request: HttpRequest, exception: Any = None) -> HttpResponse:
    """403"""
    return render(request, "403.html", status=403)


def no_encontrado(request: HttpRequest, exception: Any = None) -> HttpResponse:
    """404, also for what belongs to somebody else."""
    return render(request, "404.html", status=404)


def error_interno(request: HttpRequest) -> HttpResponse:
    """500, or 503 where a database or the telephone system is away. Needs neither."""
    error = sys.exc_info()[1]
    away = isinstance(error, OperationalError | PBXUnavailable)
    return _in_our_words(500, error if away else None)


def _in_our_words(status: int, absence: BaseException | None) -> HttpResponse:
    """The page of that status, or that of 503 where something is away."""
    if absence is None:
        return HttpResponse(render_to_string(f"{status}.html"), status=status)
    return tracing.explained(HttpResponse(render_to_string("503.html"), status=503), absence)
