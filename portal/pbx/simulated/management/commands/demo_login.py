"""``manage.py demo_login TELEPHONE [PIN CLAVE]``: who logs in or out at a simulated telephone."""

import argparse
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from portal.pbx.logins import Deed
from portal.pbx.simulated.backend import build_switch

REFUSALS = {
    Deed.WRONG: "Refused: the PIN is nobody's, or the clave is another.",
    Deed.LOCKED: "Refused: too many wrong logins. It opens again by itself after five minutes.",
}


class Command(BaseCommand):
    """Keys in PIN and clave, or without them logs out."""

    help = "Logs in at a telephone, for example: demo_login 203 9201 246810; without PIN, out."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Where, and who."""
        parser.add_argument("telephone", metavar="TELEPHONE", help="the name of its device")
        parser.add_argument("pin", metavar="PIN", nargs="?", default="")
        parser.add_argument("code", metavar="CLAVE", nargs="?", default="")

    def handle(self, *args: Any, **options: Any) -> None:
        """Log in, or out."""
        logins = build_switch(**settings.PBX["OPTIONS"]).node.logins
        if not options["pin"]:
            logins.log_out(options["telephone"])
            self.stdout.write("The telephone is its owner's.")
            return
        deed = logins.log_in(options["telephone"], options["pin"], options["code"])
        if deed is not Deed.IN:
            raise CommandError(REFUSALS[deed])
        self.stdout.write("Logged in: calls ring there from now on.")
