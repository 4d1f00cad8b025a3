"""Telling open pages that something happened to a telephone, or in a queue; sending people home."""

import logging
from collections.abc import Iterable

from portal.models import Device
from portal.news import Topic, tell
from portal.pbx import get_pbx
from portal.pbx.errors import PBXError
from portal.pbx.logins import Deed, read

log = logging.getLogger(__name__)


def send_home(numbers: Iterable[str]) -> None:
    """Give back every telephone at which these subscribers, who are gone, are logged in."""
    for number in numbers:
        try:
            for each in get_pbx().devices.whereabouts(number).devices:
                if each.is_guest:
                    get_pbx().devices.log_out(number, each.device)
        except PBXError as error:
            log.warning("%s may still be logged in at a telephone: %s", number, error)


def on_device(device: str) -> None:
    """What the link does when it hears of a telephone: tell its owner and whoever is there."""
    owners = Device.objects.filter(name=device).values_list("owner__number", flat=True)
    tell({*owners, *get_pbx().devices.owners(device)}, Topic.PRESENCE)


def on_login(device: str, state: str) -> None:
    """The same for who logged in or out there, and whose is the telephone."""
    login = read(device, state)
    if login.deed in (Deed.IN, Deed.OUT, Deed.DISPLACED):
        on_device(device)
        tell([login.subscriber], Topic.PRESENCE)


def copy_login(device: str, state: str) -> None:
    """And the other nodes, which take the next call as well as this one: they do the same."""
    login = read(device, state)
    if len(get_pbx().nodes) == 1 or not login.address:  # done by the portal, at all of them
        return
    if login.deed is Deed.IN:
        get_pbx().devices.log_in(login.subscriber, device)
    elif login.deed is Deed.OUT:
        get_pbx().devices.log_out(login.subscriber, device)


def on_queue(queue: str, number: str = "") -> None:
    """What it does when it hears of a queue: tell the one member who changed, or all."""
    tell([number] if number else get_pbx().queues.members(queue), Topic.PRESENCE)
