"""``manage.py pbx_check``: tries each part of the telephone system and says what is wrong."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from portal.pbx import get_pbx
from portal.pbx.types import CheckResult


class Command(BaseCommand):
    """Prints a line for each part, and what to do about those that fail; then the status is 1."""

    help = "Tries every part of the connection to the telephone system."

    def handle(self, **_options: Any) -> None:
        """Try everything, telling at once what is known."""
        failed = 0
        for result in get_pbx().diagnostics.check():
            self._tell(result)
            failed += not result.ok
        if failed:
            raise CommandError(f"{failed} of the parts do not work")
        self.stdout.write("Everything works.")

    def _tell(self, result: CheckResult) -> None:
        if result.ok:
            self.stdout.write(f"ok       {result.part}: {result.message}")
            return
        self.stdout.write(self.style.ERROR(f"PROBLEM  {result.part}: {result.message}"))
        if result.remedy:
            self.stdout.write(f"         {result.remedy}")
