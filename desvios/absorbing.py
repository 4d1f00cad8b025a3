"""Taking over into the database what was changed at telephones, which the nodes obey already.

Of two changes of one rule the later one holds: a telephone's by its stamp, which is the clock of
the node that took it, a save by the moment when it was stored, and a telephone's where both are the
same. The earlier one is written down, too: nothing is lost without a word.
"""

import logging
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from desvios.models import ForwardingRules, rules_of
from portal import news
from portal.audit import record_from_telephone
from portal.models import AuditEvent, Subscriber
from portal.pbx import get_pbx
from portal.pbx.errors import PBXError
from portal.pbx.models import NodePlan
from portal.pbx.phone_rules import ON, PhoneRule, PhoneRules
from portal.pbx.types import VOICEMAIL

log = logging.getLogger(__name__)

Found = dict[str, PhoneRules]
"""What the nodes hold of one subscriber, by node."""


def absorb(numbers: Sequence[str], nodes: Iterable[str]) -> None:
    """Take over what these nodes hold and the database does not know yet.

    The caller holds the locks of the subscribers, and writes their plans afterwards: a node obeys
    its telephones until its plan names their stamp. A node that is away keeps what it has.
    """
    found: dict[str, Found] = {}
    for node in nodes:
        try:
            phones = get_pbx().forwarding.read_phones(node, numbers)
        except PBXError as error:
            log.warning("node %s: what telephones changed there waits: %s", node, error)
            continue
        known = absorbed_from(node, numbers)
        for number, phone in phones.items():
            if phone.stamp > known.get(number, 0):
                found.setdefault(number, {})[node] = phone
    for number, by_node in found.items():
        _take_over(number, by_node)
    news.tell(found, news.Topic.FORWARDING)


def absorbed_from(node: str, numbers: Sequence[str]) -> dict[str, int]:
    """Up to which stamp the database knows what telephones of the node changed, by number."""
    rows = NodePlan.objects.filter(node=node, subscriber__in=numbers)
    return dict(rows.values_list("subscriber", "absorbed"))


def _take_over(number: str, found: Found) -> None:
    now = timezone.now()
    with transaction.atomic():
        subscriber = Subscriber.objects.select_for_update().filter(number=number).first()
        if subscriber is None:
            return
        rules = ForwardingRules.objects.filter(subscriber=subscriber).first()
        rules = rules or rules_of(subscriber)
        subscriber.revision += 1
        subscriber.save(update_fields=["revision"])
        for rule in _in_order(number, found):
            _change(subscriber, rules, rule, now)
        rules.save()
        for node, phone in found.items():
            _note(node, number, phone.stamp, now)


def _in_order(number: str, found: Mapping[str, PhoneRules]) -> list[PhoneRule]:
    """Every change that is not known yet, the earliest first."""
    fresh: list[PhoneRule] = []
    for node, phone in found.items():
        fresh += phone.after(absorbed_from(node, [number]).get(number, 0))
    return sorted(fresh, key=lambda rule: rule.at)


def _change(subscriber: Subscriber, rules: ForwardingRules, rule: PhoneRule, now: datetime) -> None:
    """Store one change, unless a later one is stored already; write down either."""
    is_late = rules.changed_at.get(rule.field, 0) > rule.at
    before, wanted = rules.content(), _wanted(rule)
    changed = {name: value for name, value in wanted.items() if before[name] != value}
    if not is_late:
        rules.changed_at[rule.field] = rule.at
        for name, value in changed.items():
            setattr(rules, name, value)
    if changed:
        action = AuditEvent.Action.OVERTAKEN if is_late else AuditEvent.Action.TELEPHONE
        record_from_telephone(
            rule.device,
            subscriber,
            action,
            before={name: before[name] for name in changed},
            after=changed,
            at=min(datetime.fromtimestamp(rule.at / 1000, UTC), now),
        )


def _wanted(rule: PhoneRule) -> dict[str, Any]:
    """The fields that a change at a telephone sets. Switching off keeps the number."""
    if rule.field == "do_not_disturb":
        return {"do_not_disturb": rule.text == ON}
    number = {f"{rule.field}_number": rule.number} if rule.number else {}
    if rule.destination == VOICEMAIL:
        return {**number, f"{rule.field}_to_voicemail": True}
    is_on = bool(rule.destination)
    switches = {f"{rule.field}_to_voicemail": False, f"{rule.field}_number_enabled": is_on}
    return {**number, **switches}


def _note(node: str, number: str, stamp: int, now: datetime) -> None:
    NodePlan.objects.update_or_create(
        node=node,
        subscriber=number,
        defaults={"absorbed": stamp},
        create_defaults={"absorbed": stamp, "revision": 0, "confirmed_at": now},
    )
