"""Fields of the administration that complete what is typed, and take nonsense for nothing.

Django's own ask the database for whatever was sent in place of an id, which is an error of ours.
"""

from collections.abc import Iterable
from typing import Any

from django.contrib.admin.widgets import AutocompleteSelect, AutocompleteSelectMultiple

LONGEST_ID = 18
"""Digits; more than that no database holds."""


class One(AutocompleteSelect):
    """Chooses a row."""

    def optgroups(self, name: str, value: Any, attr: Any = None) -> Any:
        """What is chosen."""
        return super().optgroups(name, ids(value), attr)


class Many(AutocompleteSelectMultiple):
    """Chooses rows."""

    def optgroups(self, name: str, value: Any, attr: Any = None) -> Any:
        """What is chosen."""
        return super().optgroups(name, ids(value), attr)


def ids(values: Iterable[Any]) -> list[str]:
    """Those that may be a row's."""
    found = map(str, values)
    return [each for each in found if each.isdecimal() and len(each) <= LONGEST_ID]
