"""The plans of all subscribers as the database has them, for applying, checking and explaining."""

from dataclasses import replace
from datetime import UTC, datetime

from django.utils import timezone

from desvios.calendar.compile import BEHIND, windows_around
from desvios.models import compiled_of, facts_of, rules_of
from desvios.plan import compile_plan
from portal.models import PendingQuerySet, ServiceClass, Subscriber
from portal.pbx.routing import Classes, Plans
from portal.pbx.types import ForwardingPlan


def plan_of(subscriber: Subscriber, *, with_windows: bool = True) -> ForwardingPlan:
    """The subscriber's plan, compiled from the rows that were read with it.

    Without windows it still equals what a node holds, and costs less.
    """
    facts = facts_of(subscriber, with_windows=with_windows)
    return compile_plan(facts, rules_of(subscriber).rules())


def plan_at(subscriber: Subscriber, instant: datetime) -> ForwardingPlan:
    """The plan with the windows around any instant, also one that is not compiled yet."""
    if _is_compiled(subscriber, instant):
        return plan_of(subscriber)
    plan = plan_of(subscriber, with_windows=False)
    return replace(plan, windows=windows_around(subscriber, instant)) if plan.calendar else plan


def _is_compiled(subscriber: Subscriber, instant: datetime) -> bool:
    """Whether the stored windows reach so far, and so far back."""
    compiled, day = compiled_of(subscriber), instant.astimezone(UTC).date()
    return compiled is None or timezone.now().date() - BEHIND <= day <= compiled.until


def plans_at(instant: datetime) -> Plans:
    """The plans at an instant, by number; ``None`` for what is no subscriber's number."""

    def plan(number: str) -> ForwardingPlan | None:
        subscriber = with_rules(Subscriber.objects.filter(number=number)).first()
        return plan_at(subscriber, instant) if subscriber else None

    return plan


def with_rules(subscribers: PendingQuerySet, *, with_windows: bool = True) -> PendingQuerySet:
    """The same subscribers, read together with all that their plans need."""
    related = ("forwarding", "compiled_calendar", "call_class", "forward_class")
    found = subscribers.select_related(*related).prefetch_related("devices")
    return found if with_windows else found.defer("compiled_calendar__won")


def classes() -> Classes:
    """All service classes as regular expressions, by code."""
    rows = ServiceClass.objects.prefetch_related("patterns")
    return {row.code: row.regex() for row in rows}
