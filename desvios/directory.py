"""The plans of all subscribers as the database has them, for applying, checking and explaining."""

from desvios.models import facts_of, rules_of
from desvios.plan import compile_plan
from portal.models import PendingQuerySet, ServiceClass, Subscriber
from portal.pbx.routing import Classes
from portal.pbx.types import ForwardingPlan


def plan_of(subscriber: Subscriber) -> ForwardingPlan:
    """The subscriber's plan, compiled from the rows that were read with it."""
    return compile_plan(facts_of(subscriber), rules_of(subscriber).rules())


def plan_by_number(number: str) -> ForwardingPlan | None:
    """The plan of the subscriber with this number, if there is one."""
    subscriber = with_rules(Subscriber.objects.filter(number=number)).first()
    return plan_of(subscriber) if subscriber else None


def with_rules(subscribers: PendingQuerySet) -> PendingQuerySet:
    """The same subscribers, read together with all that their plans need."""
    related = ("forwarding", "call_class", "forward_class")
    return subscribers.select_related(*related).prefetch_related("devices")


def classes() -> Classes:
    """All service classes as regular expressions, by code."""
    rows = ServiceClass.objects.prefetch_related("patterns")
    return {row.code: row.regex() for row in rows}
