"""``manage.py demo_queues``: the service queues of the demonstration, and calls that they gave."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from portal.pbx.cdr.entries import save
from portal.pbx.models import CallRecord
from portal.pbx.simulated.acd import Member, Queue
from portal.pbx.simulated.backend import build_nodes
from portal.pbx.simulated.node import Node
from portal.pbx.simulated.records import LEGS_APART

QUEUES = (
    Queue("atencion", "leastrecent", has_visitors=True),
    Queue("soporte", "rrmemory", has_visitors=True),
    Queue("ventas", "ringall"),
)
NUMBER = "900"
"""What callers dial to get into a queue."""

DAYS, CALLS_A_DAY = 5, 4
LUNCH = timedelta(minutes=12)


class Command(BaseCommand):
    """Puts the queues on every node, unless there are some."""

    help = "Gives the simulated telephone system queues; does nothing twice."

    def add_arguments(self, parser: CommandParser) -> None:
        """The outside numbers that call, and who works in the queues."""
        parser.add_argument("--agents", nargs=2, default=["301", "302"])
        parser.add_argument("--outside", nargs="*", default=["600000131"])

    def handle(self, *args: Any, **options: Any) -> None:
        """Queues, members, and the calls of some days."""
        nodes = list(build_nodes(**settings.PBX["OPTIONS"]).values())
        if nodes[0].queues.all():
            return
        now = timezone.now()
        for node in nodes:
            _fill(node, options["agents"], now)
        serial = nodes[0].keys.next_serials(DAYS * CALLS_A_DAY)
        save(list(_calls(nodes[0], serial, now, options)))


def _fill(node: Node, agents: list[str], now: datetime) -> None:
    first, second = agents
    for queue in QUEUES:
        node.queues.add(queue)
    came = (now - timedelta(hours=3)).timestamp()
    left = (now - LUNCH).timestamp()
    latest = (now - timedelta(minutes=6)).timestamp()
    node.queues.put(Member("atencion", first, last_call=latest))
    node.queues.put(Member("soporte", first, penalty=1, is_dynamic=True, since=came))
    node.queues.put(Member("atencion", second, penalty=1, paused_since=left, reason="Comida"))


def _calls(node: Node, serial: int, now: datetime, options: dict[str, Any]) -> Iterator[CallRecord]:
    """The same hours of each day, up to a moment ago."""
    chance = Random(serial)  # noqa: S311 - nothing secret
    for each in range(DAYS * CALLS_A_DAY):
        ago = timedelta(days=each // CALLS_A_DAY, minutes=7 + 25 * (each % CALLS_A_DAY))
        caller, agent = chance.choice(options["outside"]), chance.choice(options["agents"])
        yield from _call(node, serial + each, now - ago, caller, agent, chance.randint(40, 300))


def _call(
    node: Node, serial: int, at: datetime, caller: str, agent: str, talked: int
) -> Iterator[CallRecord]:
    """The caller's leg in the queue, and the one by which an agent took it (see the kit)."""
    waited = 3 + serial % 20
    uniqueid = f"{int(at.timestamp())}.{serial}"
    legs = (
        ("trunk", NUMBER, NUMBER, "Queue", 0, waited + talked),
        (f"Local/{agent}@webfon-queue-{serial:08x};2", agent, "", "Dial", 2, waited - 2 + talked),
    )
    for position, (channel, dst, dialed, app, begins, lasts) in enumerate(legs):
        sequence = serial * LEGS_APART + position
        started = at + timedelta(seconds=begins)
        ended = started + timedelta(seconds=lasts)
        yield CallRecord(
            node=node.name,
            uniqueid=uniqueid if position == 0 else f"{uniqueid}-{position}",
            sequence=sequence,
            linkedid=uniqueid,
            started=started,
            answered=ended - timedelta(seconds=talked),
            ended=ended,
            clid=caller,
            src=caller,
            dst=dst,
            dialed=dialed,
            channel=channel if position else f"PJSIP/trunk-{sequence:08x}",
            dstchannel=f"PJSIP/{agent}-{sequence + 1:08x}" if position else "",
            lastapp=app,
            duration=lasts,
            billsec=talked,
            disposition="ANSWERED",
        )
