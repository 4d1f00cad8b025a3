"""``webfon move_databases FOLDER``: from SQLite to the databases that the settings name."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from portal.moving import NotMoved, move

FILES = {"default": "webfon.sqlite3", "cdr": "calls.sqlite3"}


class Command(BaseCommand):
    """All or nothing for each of the two databases; the SQLite files stay as they are."""

    help = "Move what the SQLite files in FOLDER hold into the databases of the settings."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The folder, and which of the two."""
        parser.add_argument("folder", type=Path)
        parser.add_argument("--database", choices=FILES, help="only this one")

    def handle(self, *args: Any, **options: Any) -> None:
        """Say of each table how many rows there are now."""
        chosen = [options["database"]] if options["database"] else list(FILES)
        for alias in chosen:
            self.stdout.write(f"{alias}: moving {FILES[alias]} ...")
            try:
                counts = list(move(options["folder"] / FILES[alias], alias))
            except NotMoved as error:
                raise CommandError(str(error)) from error
            for table, rows in counts:
                self.stdout.write(f"  {table:<40}{rows:>12,}")
            self.stdout.write(f"{alias}: {sum(rows for _table, rows in counts):,} rows moved.")
