"""``manage.py demo_telephone NUMBER STATE``: what whoever is called from the portal does."""

import argparse
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from portal.pbx.simulated.backend import build_switch
from portal.pbx.simulated.management.commands.demo_call import STATES, digits


class Command(BaseCommand):
    """Sets how a number takes the calls that the portal begins."""

    help = "Says what the simulated telephone of a number does with calls that the portal begins."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Whose telephone, and what it does."""
        parser.add_argument("number", metavar="NUMBER", type=digits, help="in digits")
        parser.add_argument("state", choices=sorted(STATES), help="what happens there from now on")

    def handle(self, *args: Any, **options: Any) -> None:
        """Set it."""
        switch = build_switch(**settings.PBX["OPTIONS"])
        switch.node.telephones.behave(options["number"], STATES[options["state"]])
