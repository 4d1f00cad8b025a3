"""For machines and operators: whether the portal can serve, and what it counted."""

from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.db import DatabaseError, connections
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils.crypto import constant_time_compare
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from desvios import figures
from portal import metrics
from portal.heartbeat import is_alive
from portal.models import Heartbeat
from portal.pbx import cdr_import, get_pbx


@never_cache
@require_GET
def salud(request: HttpRequest) -> JsonResponse:
    """Whether this process can serve: its databases answer. Load balancers see no more than that;
    who has the token of the operators is told what else works.
    """
    state: dict[str, Any] = {name: _answers(name) for name in settings.DATABASES}
    status = 200 if state["default"] else 503
    if _is_operator(request):
        state |= _detail(state)
    return JsonResponse(state, status=status)


@never_cache
@require_GET
def metricas(request: HttpRequest) -> HttpResponse:
    """The figures of the web, for Prometheus. Not there without the token of the operators."""
    if not _is_operator(request):
        raise Http404
    return HttpResponse(metrics.exposition(), content_type=metrics.CONTENT_TYPE)


def _is_operator(request: HttpRequest) -> bool:
    """Whether the request bears the token. Without one in the settings nobody's does."""
    kind, _space, given = request.headers.get("Authorization", "").partition(" ")
    token = settings.OPERATOR_TOKEN
    return bool(token) and kind == "Bearer" and constant_time_compare(given, token)


def _answers(database: str) -> bool:
    try:
        with connections[database].cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return False
    return True


def _detail(databases: dict[str, bool]) -> dict[str, Any]:
    """What the databases that answer know of the rest."""
    nodes: dict[str, bool] = dict.fromkeys(get_pbx().nodes, False)
    detail: dict[str, Any] = {"version": settings.VERSION}
    detail |= {"link": {"alive": False}, "nodes": nodes}
    if databases["default"]:
        last = Heartbeat.objects.first()
        alive = is_alive(last)
        if last:
            detail["link"] = {"alive": alive, "host": last.host, "at": last.at}
            nodes |= {name: alive and bool(last.nodes.get(name)) for name in nodes}
        detail["pending"] = figures.pending()
    if databases["cdr"]:
        detail["calls_imported_at"] = {
            node: datetime.fromtimestamp(at, UTC) for node, at in cdr_import.last_read().items()
        }
    well = all(databases.values()) and detail["link"]["alive"] and all(nodes.values())
    return detail | {"all_well": well}
