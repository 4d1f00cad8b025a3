"""``webfon``, as the wheel installs it: Django's management commands with our settings."""

import os
import sys
from importlib import metadata

from django.core.management import execute_from_command_line


def main() -> None:
    """The same as ``manage.py``, which needs a checkout. ``--version`` tells ours, not Django's."""
    if sys.argv[1:] == ["--version"]:
        sys.stdout.write(metadata.version("webfon") + "\n")
        return
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
