"""Fields of the administration that complete what is typed, and take nonsense for nothing.

Django's own ask the database for whatever was sent in place of an id, which is an error of ours.
"""

from collections.abc import Iterable
from typing import Any

from django.contrib.admin.widgets import AutocompleteSelect, AutocompleteSelectMultiple

LONGEST_ID = 18
"""Digits; more than that no database holds."""


NOBODY = "0"
"""No row has this id, so the field says that it is no choice."""


class One(AutocompleteSelect):
    """Chooses a row."""

    def optgroups(self, name: str, value: Any, attr: Any = None) -> Any:
        """What is chosen."""
        return super().optgroups(name, ids(value), attr)

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        """What was sent, as far as a database can be asked for it."""
        sent = super().value_from_datadict(data, files, name)
        return sent if not sent or ids([sent]) else NOBODY


class Many(AutocompleteSelectMultiple):
    """Chooses rows."""

    def optgroups(self, name: str, value: Any, attr: Any = None) -> Any:
        """What is chosen."""
        return super().optgroups(name, ids(value), attr)

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        """What was sent, as far as a database can be asked for it."""
        sent = super().value_from_datadict(data, files, name) or []
        return [each if ids([each]) else NOBODY for each in sent]


def ids(values: Iterable[Any]) -> list[str]:
    """Those that may be a row's."""
    found = map(str, values)
    return [each for each in found if each.isdecimal() and len(each) <= LONGEST_ID]
