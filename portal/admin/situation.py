"""How things stand with one subscriber: what happens to the calls, and what the nodes hold."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from django.contrib.auth.models import User
from django.utils.translation import gettext_lazy as _

from ajustes.agents import browser_in_words
from ajustes.presence import Telephones, telephones
from ajustes.queues import queues
from desvios import wording
from desvios.apply import NodeState, state_on_nodes
from desvios.directory import classes, plan_of, plans_at
from portal.accounts import limits, sessions, telephone_locks
from portal.accounts.audited import factors_of
from portal.admin.log_words import changes_in_words, shortened
from portal.models import AuditEvent, LoginEvent, Subscriber
from portal.pbx.errors import PBXError
from portal.pbx.models import NodePlan
from portal.pbx.routing import Action, decide, follow
from portal.pbx.types import LineState

RECENT = 5
"""Logins and changes that the page shows."""

OF_NODE = {
    NodeState.ACTIVE: ("ok", _("Lo tiene")),
    NodeState.PENDING: ("warn", _("Pendiente de aplicar")),
    NodeState.AWAY: ("bad", _("El nodo no responde")),
}

OF_STATE = {
    LineState.IDLE: _("Si el teléfono está libre"),
    LineState.NO_ANSWER: _("Si no contesta"),
    LineState.BUSY: _("Si está comunicando"),
    LineState.NOT_CONNECTED: _("Si no está conectado"),
}


@dataclass(frozen=True, slots=True)
class OnNode:
    """What one node holds; ``confirmed`` is the version that it last confirmed, 0 for none."""

    name: str
    words: tuple[str, Any]
    confirmed: int = 0
    confirmed_at: datetime | None = None


def situation(subscriber: Subscriber, now: datetime) -> dict[str, Any]:
    """Everything that the page shows, for its template. Panels say by themselves what is away."""
    plan, permitted, name = plan_of(subscriber), classes(), colleague_namer()
    found = telephones(subscriber)
    return {
        "sentences": wording.now_in_words(plan, now, permitted, name),
        "is_diverted": decide(plan, now, LineState.IDLE, permitted).action is not Action.RING,
        "forbidden": wording.forbidden(plan, now, permitted),
        "cases": _cases(subscriber, now, state_now(found), name),
        "nodes": on_nodes(subscriber),
        "telephones": found,
        "is_code_locked": not found.problem and _is_code_locked(subscriber, now),
        "queues": queues(subscriber),
        "changes": _changes(subscriber),
        **(way_in(subscriber.user) if subscriber.user else {}),
    }


def colleague_namer() -> Callable[[str], str]:
    """A number's name in the company; what people call it themselves is their own."""

    @cache
    def name(number: str) -> str:
        names = Subscriber.objects.filter(number=number).values_list("display_name", flat=True)
        return names.first() or ""

    return name


def state_now(found: Telephones) -> LineState | None:
    """What a call would find; ``None`` where nobody can say."""
    if found.problem:
        return None
    here = [row.state for row in found.rows if not row.state.occupant]
    connected = any(each.is_connected for each in here)
    return LineState.IDLE if connected else LineState.NOT_CONNECTED


def _cases(
    subscriber: Subscriber, now: datetime, current: LineState | None, name: Callable[[str], str]
) -> list[dict[str, Any]]:
    """For each state of the telephone the way of a call, in the words of the page Desvíos."""
    plans, permitted = plans_at(now), classes()

    def way(state: LineState) -> list[dict[str, Any]]:
        def states(number: str) -> LineState:
            return state if number == subscriber.number else LineState.IDLE

        hops = list(follow(subscriber.number, now, states, plans, permitted))
        return wording.explain(hops, "", name)

    return [
        {"title": title, "is_now": state is current, "hops": way(state)}
        for state, title in OF_STATE.items()
    ]


def on_nodes(subscriber: Subscriber) -> list[OnNode]:
    """What each node holds, asked now, and which version it last confirmed."""
    rows = NodePlan.objects.filter(subscriber=subscriber.number)
    confirmed = {row.node: row for row in rows}
    found = []
    for node, state in state_on_nodes(subscriber).nodes.items():
        row = confirmed.get(node)
        held = (row.revision, row.confirmed_at) if row else (0, None)
        found.append(OnNode(node, OF_NODE[state], *held))
    return found


def way_in(user: User) -> dict[str, Any]:
    """How things stand at the door."""
    return {
        "is_locked": limits.is_locked(user),
        "factors": sorted(factors_of(user).values()),
        "sessions": [
            {"session": each, "browser": browser_in_words(each.user_agent)}
            for each in sessions.open_sessions(user)
        ],
        "logins": LoginEvent.objects.filter(user=user)[:RECENT],
    }


def _is_code_locked(subscriber: Subscriber, now: datetime) -> bool:
    try:
        return telephone_locks.is_locked(subscriber, now)
    except PBXError:
        return False


def _changes(subscriber: Subscriber) -> list[dict[str, Any]]:
    """The latest, whoever made them."""
    events = AuditEvent.objects.filter(subscriber=subscriber)[:RECENT]
    return [{"event": event, "lines": shortened(changes_in_words(event))} for event in events]
