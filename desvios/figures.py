"""How far the nodes are behind, in numbers."""

from django.db.models import Exists, OuterRef

from portal.models import Subscriber
from portal.pbx import get_pbx
from portal.pbx.models import NodePlan


def pending() -> dict[str, float]:
    """Subscribers whose latest rules a node has not confirmed."""
    return {node: Subscriber.objects.filter(~_confirmed(node)).count() for node in get_pbx().nodes}


def _confirmed(node: str) -> Exists:
    return Exists(
        NodePlan.objects.filter(
            node=node, subscriber=OuterRef("number"), revision__gte=OuterRef("revision")
        )
    )
