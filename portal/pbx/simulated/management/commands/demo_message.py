"""``manage.py demo_message FROM TO``: a call that ends in the mailbox of who does not answer."""

import argparse
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from portal.pbx.simulated.backend import build_switch
from portal.pbx.simulated.management.commands.demo_call import digits
from portal.pbx.simulated.switch import Placed, Switch
from portal.pbx.spool import FOLDERS
from portal.pbx.types import LineState

HIDDEN = "hidden"
SUFFIXES = {"wav": ".wav", "wav49": ".WAV"}


class Command(BaseCommand):
    """Leaves one message, with the record of its call."""

    help = "Leaves a message with sound, now or in the past, in the mailbox of TO."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Who leaves it for whom, and what it is like."""
        parser.add_argument("caller", metavar="FROM", type=_caller, help="digits, or: hidden")
        parser.add_argument("called", metavar="TO", type=digits, help="whose mailbox")
        parser.add_argument("--seconds", type=int, default=8, help="how long it is (8)")
        parser.add_argument("--ago", type=int, default=0, metavar="MINUTES", help="when it came")
        parser.add_argument("--folder", choices=FOLDERS, default="INBOX")
        parser.add_argument("--format", choices=sorted(SUFFIXES), default="wav")

    def handle(self, *args: Any, **options: Any) -> None:
        """Place the call."""
        switch = build_switch(**settings.PBX["OPTIONS"])
        placed = _call(switch, options)
        if not placed.msg_id:
            raise CommandError(
                f"No message was left: calls to {options['called']} do not end in a mailbox when "
                "nobody answers, or its folder is full."
            )
        self.stdout.write(placed.msg_id)


def _call(switch: Switch, options: dict[str, Any]) -> Placed:
    return switch.place_call(
        options["caller"],
        options["called"],
        timezone.now() - timedelta(minutes=options["ago"]),
        lambda _number: LineState.NO_ANSWER,
        message_seconds=options["seconds"],
        folder=options["folder"],
        suffix=SUFFIXES[options["format"]],
    )


def _caller(text: str) -> str:
    return "" if text == HIDDEN else digits(text)
