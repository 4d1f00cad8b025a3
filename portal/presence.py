"""Telling open pages that something happened to a telephone, or in a queue; sending people home."""

import logging
from collections.abc import Iterable

from django.db import transaction
from django.utils import timezone

from portal.models import Device, PendingLogin, Subscriber
from portal.news import Topic, tell
from portal.pbx import get_pbx
from portal.pbx.errors import PBXError, PBXUnavailable
from portal.pbx.logins import Deed, MissedLogin, read

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
    login, now = read(device, state), timezone.now()
    if len(get_pbx().nodes) == 1 or not login.address:  # done by the portal, at all of them
        return
    moves = {Deed.IN: get_pbx().devices.log_in, Deed.OUT: get_pbx().devices.log_out}
    if not (move := moves.get(login.deed)):
        return
    away = get_pbx().nodes
    PendingLogin.objects.filter(device=device).delete()  # or ``make_up`` might still bring it
    try:
        away = move(login.subscriber, device)
    finally:  # a node that has it already is not harmed
        remember(
            away,
            MissedLogin(
                device=device, subscriber=login.subscriber, is_in=login.deed is Deed.IN, at=now
            ),
        )


def remember(away: Iterable[str], missed: MissedLogin) -> None:
    """Write down which nodes are still to hear of it; what they missed before counts no more."""
    with transaction.atomic():
        PendingLogin.objects.filter(device=missed.device).delete()
        PendingLogin.objects.bulk_create(
            PendingLogin(
                node=node,
                device=missed.device,
                subscriber_number=missed.subscriber,
                is_in=missed.is_in,
                at=missed.at,
            )
            for node in away
        )


def make_up() -> None:
    """A job of the link: tell nodes that were away who came to telephones, and who left them."""
    for row in PendingLogin.objects.order_by("pk"):
        if not PendingLogin.objects.filter(pk=row.pk).exists():
            continue
        known = row.node in get_pbx().nodes
        is_there = Subscriber.objects.filter(number=row.subscriber_number).exists()
        try:
            if known and (is_there or not row.is_in):
                get_pbx().devices.make_up(row.node, row.missed())
        except PBXUnavailable:
            continue
        except PBXError as error:
            log.warning("node %s does not take a login: %s", row.node, error)
        else:
            log.info("node %s: %s brought later", row.node, row)
        PendingLogin.objects.filter(pk=row.pk).delete()


def on_queue(queue: str, number: str = "") -> None:
    """What it does when it hears of a queue: tell the one member who changed, or all."""
    tell([number] if number else get_pbx().queues.members(queue), Topic.PRESENCE)
