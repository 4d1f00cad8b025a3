"""``webfon``, as the wheel installs it: Django's management commands with our settings."""

import os
import sys
from importlib import metadata

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line


def main() -> None:
    """The same as ``manage.py``, which needs a checkout. ``--version`` tells ours, not Django's.

    A setting that is wrong or missing is said in one sentence, and nothing is done.
    """
    if sys.argv[1:] == ["--version"]:
        sys.stdout.write(metadata.version("webfon") + "\n")
        return
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
    try:
        _ = settings.INSTALLED_APPS  # whatever is asked first has the settings read
    except ImproperlyConfigured as error:
        sys.exit(f"webfon: {error}")
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
