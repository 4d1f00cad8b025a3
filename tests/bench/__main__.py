"""``make bench``: measures on a real Asterisk, with baselines in the same run, and prints a table.

``python -m tests.bench calls pages`` runs some of them. Nothing here is asserted:
docs/benchmarks.md says how to read it.
"""

import gc
import os
import sys
import tempfile
from pathlib import Path
from types import ModuleType

FOLDER = tempfile.TemporaryDirectory(prefix="webfon-bench-")
os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
os.environ["WEBFON_DATA"] = FOLDER.name

import django  # noqa: E402

django.setup()

from tests.bench import (  # noqa: E402
    agenda,
    calendars,
    calls,
    chat,
    company,
    history,
    mailboxes,
    pages,
    reconciling,
    saving,
    sessions,
)

MEASURES = (saving, calls, sessions, pages, mailboxes, reconciling, calendars, agenda, chat)
ASKED_FOR = (history,)
"""Measured when named: their data takes long to make, and much room."""

PEOPLE = 10_000


def _name(measure: ModuleType) -> str:
    return measure.__name__.rpartition(".")[2]


def main() -> None:
    """Make a company, then measure each thing in turn."""
    named = [measure for measure in (*MEASURES, *ASKED_FOR) if _name(measure) in sys.argv]
    chosen = named or MEASURES
    gc.freeze()  # as the server does
    with company.on_asterisk(Path(FOLDER.name)) as instance:
        company.hire(PEOPLE)
        for measure in chosen:
            print(f"\n{measure.__doc__.strip()}", flush=True)
            for name, value in measure.run(instance):
                print(f"  {name:<58}{value}", flush=True)


main()
