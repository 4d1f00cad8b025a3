"""``manage.py demo_code TELEPHONE CODE``: dials a code at a simulated telephone."""

import argparse
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from portal.pbx.phone_rules import FIELDS
from portal.pbx.simulated.backend import build_switch
from portal.pbx.simulated.codes import dial


class Command(BaseCommand):
    """Changes forwarding as somebody does who has no portal at hand."""

    help = "Dials a code that changes forwarding, for example: demo_code 201 '*21*203#'."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Where, and what."""
        parser.add_argument("telephone", metavar="TELEPHONE", help="the name of its device")
        parser.add_argument("code", metavar="CODE", help="as it is dialled, in quotes")

    def handle(self, *args: Any, **options: Any) -> None:
        """Dial it."""
        node = build_switch(**settings.PBX["OPTIONS"]).node
        codes = {name: settings.FEATURE_CODES.get(name, "") for name in FIELDS}
        if not dial(node, options["telephone"], options["code"], codes):
            raise CommandError("The telephone system refused it by voice: nothing was changed.")
        self.stdout.write("Done: calls obey it from now on.")
