"""``make bench``: measures on a real Asterisk, with baselines in the same run, and prints a table.

Nothing here is asserted: docs/benchmarks.md says how to read it.
"""

import os
import tempfile
from pathlib import Path

FOLDER = tempfile.TemporaryDirectory(prefix="webfon-bench-")
os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
os.environ["WEBFON_DATA"] = FOLDER.name

import django  # noqa: E402

django.setup()

from tests.bench import calendars, calls, company, pages, reconciling, saving  # noqa: E402


def main() -> None:
    """Make a company, then measure each thing in turn."""
    with company.on_asterisk(Path(FOLDER.name)) as instance:
        company.hire(10_000)
        for measure in (saving, calls, pages, reconciling, calendars):
            print(f"\n{measure.__doc__.strip()}", flush=True)
            for name, value in measure.run(instance):
                print(f"  {name:<58}{value}", flush=True)


main()
