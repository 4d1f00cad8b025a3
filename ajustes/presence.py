"""The panel of telephones: where somebody is now, as the next call would find it."""

from dataclasses import dataclass, field

from django.http import HttpRequest
from django.utils import timezone

from ajustes.wording import Words, state_of, why_not
from portal.audit import record
from portal.models import AuditEvent, Device, Subscriber
from portal.pbx import get_pbx
from portal.pbx.errors import NotFound, PBXError
from portal.pbx.logins import MissedLogin
from portal.pbx.presence import DeviceState
from portal.presence import remember


@dataclass(frozen=True, slots=True)
class Row:
    """One telephone at one node."""

    state: DeviceState
    description: str
    words: Words
    occupant: str = ""
    is_left: bool = False  # an own one that does not ring, since the person logged in elsewhere


@dataclass(frozen=True, slots=True)
class Telephones:
    """All of somebody's, or ``problem``: why that cannot be said. ``away``: silent nodes."""

    rows: list[Row] = field(default_factory=list)
    away: tuple[str, ...] = ()
    problem: str = ""
    has_nodes: bool = False


def telephones(subscriber: Subscriber) -> Telephones:
    """Each telephone where it is registered; once where it is nowhere."""
    pbx = get_pbx()
    try:
        found = pbx.devices.whereabouts(subscriber.number)
    except PBXError as error:
        return Telephones(problem=why_not(error))
    states = _once(found.devices)
    names = dict(
        Device.objects.filter(name__in=[each.device for each in states]).values_list(
            "name", "description"
        )
    )
    occupants = {each.occupant for each in states if each.occupant}
    people = dict(
        Subscriber.objects.filter(number__in=occupants).values_list("number", "display_name")
    )
    guest_at = {each.node for each in states if each.is_guest}
    rows = [
        Row(
            each,
            names.get(each.device, ""),
            state_of(each),
            people.get(each.occupant, ""),
            is_left=each.node in guest_at and not each.is_guest and not each.occupant,
        )
        for each in states
    ]
    return Telephones(rows, found.away, has_nodes=len(pbx.nodes) > 1)


def leave(request: HttpRequest, subscriber: Subscriber, device: str) -> tuple[str, ...]:
    """Log out of a telephone. Returns the nodes that did not answer.

    Raises ``PBXError``; ``NotFound`` where the person is not there.
    """
    pbx = get_pbx()
    found = pbx.devices.whereabouts(subscriber.number).devices
    if not any(each.is_guest and each.device == device for each in found):
        raise NotFound(f"{subscriber.number} is not logged in at that telephone")
    away, now = pbx.devices.log_out(subscriber.number, device), timezone.now()
    remember(away, MissedLogin(device=device, subscriber=subscriber.number, is_in=False, at=now))
    record(
        request,
        subscriber,
        AuditEvent.Action.SECURITY,
        before={"devices": device},
        after={"devices": ""},
        at=now,
    )
    return away


def _once(devices: tuple[DeviceState, ...]) -> list[DeviceState]:
    """Without the nodes that do not know a telephone which another node knows."""
    kept: dict[str, list[DeviceState]] = {}
    for each in devices:
        kept.setdefault(each.device, []).append(each)
    return [
        state
        for states in kept.values()
        for state in ([each for each in states if each.is_connected] or states[:1])
    ]
