"""The panel of telephones: where somebody is now, as the next call would find it."""

from dataclasses import dataclass, field

from ajustes.wording import Words, state_of, why_not
from portal.models import Device, Subscriber
from portal.pbx import get_pbx
from portal.pbx.errors import PBXError
from portal.pbx.presence import DeviceState


@dataclass(frozen=True, slots=True)
class Row:
    """One telephone at one node."""

    state: DeviceState
    description: str
    words: Words
    occupant: str = ""


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
    rows = [
        Row(each, names.get(each.device, ""), state_of(each), people.get(each.occupant, ""))
        for each in states
    ]
    return Telephones(rows, found.away, has_nodes=len(pbx.nodes) > 1)


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
