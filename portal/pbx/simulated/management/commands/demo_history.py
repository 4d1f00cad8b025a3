"""``manage.py demo_history``: weeks of calls and messages on a fresh simulated PBX."""

import argparse
from collections import Counter, defaultdict
from datetime import timedelta
from functools import cache
from itertools import count
from random import Random
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.utils import timezone

from portal.pbx.cdr.entries import save
from portal.pbx.models import CallRecord
from portal.pbx.simulated.backend import build_switch
from portal.pbx.simulated.history import Company, calls
from portal.pbx.simulated.route import Route
from portal.pbx.simulated.switch import Switch

KEPT_FOR = timedelta(days=24)
NEW, HEARD = 2, 3
"""Messages of each mailbox that were not heard yet, and heard ones that were kept."""


class Command(BaseCommand):
    """Invents the past of the subscribers that the node knows."""

    help = "Fills the simulated telephone system with calls and messages; does nothing twice."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """How long, and who calls from outside."""
        parser.add_argument("--days", type=int, default=30)
        parser.add_argument("--seed", type=int, default=7)
        parser.add_argument("--outside", nargs="*", default=[], metavar="NUMBER")
        parser.add_argument("--friend", nargs="*", default=[], metavar="SUBSCRIBER:NUMBER")

    def handle(self, *args: Any, **options: Any) -> None:
        """Fill it, unless there are calls already."""
        switch = build_switch(**settings.PBX["OPTIONS"])
        node = switch.node
        if CallRecord.objects.filter(node=node.name).exists():
            return
        plans = {n: plan for n in node.subscribers() if (plan := node.plan(n))}
        if not plans:
            return
        company = Company(
            plans, node.classes(), options["outside"], _by_subscriber(options["friend"])
        )
        chance = Random(options["seed"])  # noqa: S311
        past = list(calls(company, timezone.localtime(), options["days"], chance))
        save(_records(switch, past))
        _leave_messages(switch, past)


def _by_subscriber(pairs: list[str]) -> dict[str, list[str]]:
    friends: dict[str, list[str]] = defaultdict(list)
    for pair in pairs:
        subscriber, _colon, number = pair.partition(":")
        friends[subscriber].append(number)
    return friends


def _records(switch: Switch, past: list[Route]) -> list[CallRecord]:
    serials = count(switch.node.keys.next_serials(len(past)))
    identity = cache(switch.identity)
    return [
        record
        for each in past
        for record in switch.records(each, next(serials), identity(each.caller))
    ]


def _leave_messages(switch: Switch, past: list[Route]) -> None:
    """The latest messages of each mailbox: new ones, and heard ones that were kept."""
    oldest = timezone.now() - KEPT_FOR
    kept: list[tuple[Route, str]] = []
    seen: Counter[str] = Counter()
    for each in reversed(past):
        if each.mailbox and each.at > oldest and seen[each.mailbox] < NEW + HEARD:
            kept.append((each, "INBOX" if seen[each.mailbox] < NEW else "Old"))
            seen[each.mailbox] += 1
    for each, folder in reversed(kept):
        switch.leave(each, folder)
