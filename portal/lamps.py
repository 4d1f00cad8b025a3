"""Lamps of telephones at which somebody logged in: they show the guest's messages.

Asterisk tells a telephone of the mailbox that stands at its endpoint, its owner's, at every change
and every registration. What is told here holds until it does so again; a telephone that asks for
its messages itself (by a subscription) may not listen.
"""

import logging
from collections.abc import Iterable

from portal.models import Device, Subscriber
from portal.pbx import get_pbx
from portal.pbx.errors import PBXRejected
from portal.pbx.logins import Deed, read
from portal.pbx.presence import DeviceState

log = logging.getLogger(__name__)


def on_login(device: str, state: str) -> None:
    """What the link does when somebody logged in or out: the lamp is whose the telephone is now."""
    login = read(device, state)
    if login.deed is Deed.IN:
        _light(device, login.subscriber)
    elif login.deed is Deed.OUT:
        row = Device.objects.filter(name=device).select_related("owner").first()
        _light(device, row.owner.number if row else device)


def on_mailbox(mailbox: str) -> None:
    """Telephones that Asterisk does not tell, and those that it has told and should not have."""
    for number in Subscriber.objects.filter(mailbox=mailbox).values_list("number", flat=True):
        for device, who in _shown(get_pbx().devices.whereabouts(number).devices, number):
            _light(device, who)


def look_after_guests() -> None:
    """A job of the link: a telephone that registered again was told of its owner's mailbox."""
    owners = dict(Device.objects.values_list("name", "owner__number"))
    for device, number in get_pbx().devices.guests(list(owners)).items():
        if number != owners[device]:
            _light(device, number)


def _shown(devices: Iterable[DeviceState], number: str) -> set[tuple[str, str]]:
    """Where the person is a guest, and own telephones with somebody else there: who each shows."""
    guest_at = {(each.device, number) for each in devices if each.is_guest}
    return guest_at | {(each.device, each.occupant) for each in devices if each.occupant}


def _light(device: str, number: str) -> None:
    mailbox = Subscriber.objects.filter(number=number).values_list("mailbox", flat=True).first()
    new = get_pbx().voicemail.count_new(mailbox) if mailbox else 0
    try:
        get_pbx().devices.light(device, new)
    except PBXRejected as error:
        log.info("the lamp of %s stays as it is: %s", device, error)
