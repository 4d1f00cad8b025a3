"""All queues with their agents, as the telephone system has them now."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from ajustes.models import QueueRights
from ajustes.wording import Words, state_in, strategy, why_not
from portal.models import Subscriber
from portal.pbx import get_pbx
from portal.pbx.errors import PBXError
from portal.pbx.presence import Membership, Staffed


@dataclass(frozen=True, slots=True)
class Agent:
    """One member: the subscriber, where it is one."""

    number: str
    person: Subscriber | None
    here: Membership
    words: Words


@dataclass(frozen=True, slots=True)
class Queue:
    """One queue on one node."""

    here: Membership
    rights: QueueRights | None
    strategy: str
    waiting_since: datetime | None
    agents: list[Agent]


@require_GET
def colas_y_agentes(request: HttpRequest) -> HttpResponse:
    """Who is in which queue and what they do there; or why that cannot be said."""
    if not request.user.has_perms(["ajustes.view_queuerights", "portal.view_subscriber"]):
        raise PermissionDenied
    context = {
        **admin.site.each_context(request),
        "title": _("Colas y agentes ahora"),
        "has_nodes": len(get_pbx().nodes) > 1,
        **_found(),
    }
    return TemplateResponse(request, "admin/colas_y_agentes.html", context)


def _found() -> dict[str, object]:
    try:
        staff = get_pbx().queues.staff()
    except PBXError as error:
        return {"problem": why_not(error)}
    rights = {row.name: row for row in QueueRights.objects.all()}
    numbers = {number for each in staff.queues for number, _member in each.members}
    people = {row.number: row for row in Subscriber.objects.filter(number__in=numbers)}
    return {"queues": [_queue(each, rights, people) for each in staff.queues], "away": staff.away}


def _queue(
    staffed: Staffed, rights: dict[str, QueueRights], people: dict[str, Subscriber]
) -> Queue:
    here = staffed.queue
    longest = timezone.now() - timedelta(seconds=here.longest_wait)
    return Queue(
        here,
        rights.get(here.queue),
        strategy(here.strategy),
        longest if here.waiting else None,
        [
            Agent(number, people.get(number), member, state_in(member))
            for number, member in staffed.members
        ],
    )
