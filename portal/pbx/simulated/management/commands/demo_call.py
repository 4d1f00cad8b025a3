"""``manage.py demo_call FROM TO [--state …]``: a call through the simulated telephone system."""

import argparse
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from portal.pbx.simulated.backend import build_switch
from portal.pbx.simulated.switch import Switch
from portal.pbx.simulated.wording import tell
from portal.pbx.types import LineState

STATES = {
    "answer": LineState.IDLE,
    "busy": LineState.BUSY,
    "offline": LineState.NOT_CONNECTED,
    "noanswer": LineState.NO_ANSWER,
}


class Command(BaseCommand):
    """Places one call now and says what happened to it."""

    help = "Places a call through the simulated telephone system and says what happened."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Who calls whom."""
        parser.add_argument("caller", metavar="FROM", type=digits, help="who calls, in digits")
        parser.add_argument("called", metavar="TO", type=digits, help="the number dialled")
        parser.add_argument(
            "--state",
            choices=sorted(STATES),
            default="answer",
            help="what the telephone of TO does; all others are answered (default: answer)",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Place the call."""
        switch = build_switch(**settings.PBX["OPTIONS"])
        if not switch.node.subscribers():
            raise CommandError(
                "The simulated telephone system knows no subscriber: run manage.py demo_data first."
            )
        called, state = options["called"], STATES[options["state"]]
        placed = switch.place_call(
            options["caller"],
            called,
            timezone.now(),
            lambda number: state if number == called else LineState.IDLE,
        )
        for sentence in tell(placed.route, lambda number: _named(switch, number)):
            self.stdout.write(sentence)


def digits(text: str) -> str:
    """What is given as a number. Raises ``ArgumentTypeError`` for anything else."""
    if not (text.isascii() and text.isdigit() and len(text) <= 20):
        raise argparse.ArgumentTypeError("a number is up to 20 digits")
    return text


def _named(switch: Switch, number: str) -> str:
    plan = switch.node.plan(number)
    return f"{number} {plan.display_name}".strip() if plan else number
