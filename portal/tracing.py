"""What is known of each request from outside its page: its id, how it ended, how long it took."""

import logging
from collections.abc import Callable
from time import perf_counter

from django.http import HttpRequest, HttpResponse

from portal import logs, metrics

log = logging.getLogger(__name__)

HEADER = "X-Request-ID"

LONGEST_REASON = 300

QUIET = {"salud", "metricas", "eventos"}
"""Views that machines ask for all day; their lines are only for those who look for everything."""


def traced(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[..., HttpResponse]:
    """Middleware: an id for the request, taken over or new, in all it logs and in its answer."""

    def respond(request: HttpRequest) -> HttpResponse:
        began = perf_counter()
        request.META[logs.ID_KEY] = logs.id_from(request.headers.get(HEADER, ""))
        with logs.bearing(request.META[logs.ID_KEY]):
            response = get_response(request)
            response.headers[HEADER] = request.META[logs.ID_KEY]
            _tell(request, response, perf_counter() - began)
        return response

    return respond


def explained(response: HttpResponse, error: BaseException) -> HttpResponse:
    """A refusal, with the absence that is its reason: the line that ends the request says it.

    Nobody has to look for where it happened, so Django's own line, with a traceback, is left out.
    """
    reason = f"{type(error).__name__}: {' '.join(str(error).split())}"
    vars(response)["absence"] = reason[:LONGEST_REASON]
    vars(response)["_has_been_logged"] = True  # django.utils.log.log_response looks at it
    return response


def _tell(request: HttpRequest, response: HttpResponse, seconds: float) -> None:
    """The view is named, never the path: some paths are secrets, and numbers stand in others.

    Of the user only the id, where the page looked at who it is.
    """
    view = request.resolver_match.view_name if request.resolver_match else ""
    status, absence = response.status_code, getattr(response, "absence", "")
    metrics.PAGE_SECONDS.labels(view).observe(seconds)
    metrics.PAGES.labels(view, status).inc()
    milliseconds = round(seconds * 1000)
    user = getattr(getattr(request, "_cached_user", None), "pk", None)
    log.log(
        _level(view, absence),
        "%s %s %d in %d ms, user %s%s",
        *(request.method, view or "-", status, milliseconds, user or "-"),
        absence and f": {absence}",
        extra={
            "data": {
                "method": request.method,
                "view": view,
                "status": status,
                "milliseconds": milliseconds,
                "user": user,
                **({"reason": absence} if absence else {}),
            }
        },
    )


def _level(view: str, absence: str) -> int:
    if absence:
        return logging.WARNING
    return logging.DEBUG if view in QUIET else logging.INFO
