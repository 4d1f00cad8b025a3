"""Where a subscriber is: read from AstDB and the registrations, without the privilege ``system``.

``PJSIPShowContacts`` needs it, and gives all telephones of the node; ``Getvar`` of ``PJSIP_AOR``
and ``PJSIP_CONTACT`` needs ``reporting`` and gives one.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import NamedTuple

from portal.pbx.asterisk.forwarding import FAMILY, MISSING
from portal.pbx.asterisk.originate import originate
from portal.pbx.asterisk.pool import Node
from portal.pbx.asterisk.site import Site
from portal.pbx.asterisk.wire import Action, Reply, action
from portal.pbx.begun import new_linkedid
from portal.pbx.errors import NotFound, PBXRejected, PBXUnavailable
from portal.pbx.logins import SECONDS, MissedLogin, WrongLogins, wrong_key, wrong_logins
from portal.pbx.presence import (
    DEVICE,
    DeviceState,
    Registration,
    Use,
    Whereabouts,
    expect_number,
    expect_place,
)
from portal.pbx.projection import from_keys
from portal.pbx.union import ask_all, change_all

CONTACT = re.compile(r"[0-9A-Za-z_.-]{1,80};@[0-9a-f]{1,64}", re.ASCII)

ADDRESS = re.compile(r"<?sips?:(?:[^@]*@)?(\[[^]]+\](?::[0-9]+)?|[^;>]+)")
"""Host and port of a contact's address (RFC 3261, 19.1.1)."""

USES = {
    "NOT_INUSE": Use.FREE,
    "INUSE": Use.IN_USE,
    "BUSY": Use.IN_USE,
    "RINGING": Use.RINGING,
    "RINGINUSE": Use.RINGING,
    "ONHOLD": Use.ON_HOLD,
    "UNAVAILABLE": Use.UNREACHABLE,
}
"""By the words of DEVICE_STATE (Asterisk 22, main/devicestate.c)."""

FIELDS = ("uri", "status", "rtt", "user_agent")
GONE = "Unreachable"


class Place(NamedTuple):
    """A telephone, who is there instead of the one who was asked for, and whether he logged in."""

    device: str
    occupant: str
    is_guest: bool
    since: datetime | None


class AsteriskDevices:
    """Implements ``interface.Devices``. Three exchanges with each node."""

    def __init__(self, sites: Sequence[Site]) -> None:
        self._sites = sites

    def whereabouts(self, subscriber: str) -> Whereabouts:
        """See ``Devices``."""
        expect_number(subscriber)
        found, away = ask_all(
            {each.node.name: partial(_of_node, each, subscriber) for each in self._sites}
        )
        return Whereabouts(tuple(each for some in found.values() for each in some), away)

    def log_out(self, subscriber: str, device: str) -> tuple[str, ...]:
        """See ``Devices``. The kit does it, under its own lock."""
        local = _local("webfon-log-out", subscriber, device)
        return change_all({each.node.name: partial(_move, each, local) for each in self._sites})

    def log_in(self, subscriber: str, device: str) -> tuple[str, ...]:
        """See ``Devices``. The same, where he is not there already."""
        local, key = _local("webfon-log-in", subscriber, device), f"who/{device}"

        def enter(site: Site) -> None:
            if _keys(site, [key]).get(key) != subscriber:
                _move(site, local)

        return change_all({each.node.name: partial(enter, each) for each in self._sites})

    def make_up(self, node: str, missed: MissedLogin) -> None:
        """See ``Devices``. The kit does it, as for ``log_in`` and ``log_out``."""
        context = "webfon-log-in" if missed.is_in else "webfon-log-out"
        local = _local(context, missed.subscriber, missed.device)
        (site,) = [each for each in self._sites if each.node.name == node]
        who, since = (f"{kind}/{missed.device}" for kind in ("who", "since"))
        held = _keys(site, [who, since])
        is_so = (held.get(who) == missed.subscriber) == missed.is_in
        if not is_so and not missed.is_overtaken(held.get(since, "")):
            _move(site, local)

    def wrong_logins(self, subscriber: str) -> tuple[WrongLogins, ...]:
        """See ``Devices``. One exchange with each node."""
        key = wrong_key(subscriber)
        found, _away = ask_all({s.node.name: partial(_keys, s, [key]) for s in self._sites})
        counted = (wrong_logins(values.get(key, "")) for values in found.values())
        return tuple(each for each in counted if each)

    def let_in_again(self, subscriber: str) -> tuple[str, ...]:
        """See ``Devices``. As the user for rules, who may write AstDB."""
        key = wrong_key(subscriber)
        return change_all({s.node.name: partial(_forget, s, key) for s in self._sites})

    def guests(self, devices: Sequence[str]) -> dict[str, str]:
        """See ``Devices``. One exchange with each node."""
        names = [name for name in devices if DEVICE.fullmatch(name)]
        keys = [f"who/{name}" for name in names]
        found, _away = ask_all({s.node.name: partial(_keys, s, keys) for s in self._sites})
        held = {key: number for values in found.values() for key, number in values.items()}
        return {name: held[f"who/{name}"] for name in names if f"who/{name}" in held}

    def light(self, device: str, new: int) -> None:
        """See ``Devices``. A NOTIFY as Asterisk itself sends them (RFC 3842), to all contacts."""
        if not DEVICE.fullmatch(device):
            raise NotFound(f"{device!r} is no telephone")
        change_all({each.node.name: partial(_light, each, device, new) for each in self._sites})

    def owners(self, device: str) -> frozenset[str]:
        """See ``Devices``."""
        if not DEVICE.fullmatch(device):
            return frozenset()
        keys = [f"who/{device}", f"owner/{device}"]
        found, _away = ask_all({s.node.name: partial(_keys, s, keys) for s in self._sites})
        numbers = {number for values in found.values() for number in values.values()}
        return frozenset(numbers or {device})


def _forget(site: Site, key: str) -> None:
    (reply,) = site.node.request([action("DBDel", Family=FAMILY, Key=key)])
    # Asterisk says of a key that is not there only that it could not delete it.
    if not reply.ok and key in _keys(site, [key]):
        raise PBXRejected(f"node {site.node.name} refused: {reply.message}")


def _of_node(site: Site, subscriber: str) -> list[DeviceState]:
    node = site.for_acd
    places = list(_places(site, subscriber))
    contacts = _values(node, [f"PJSIP_AOR({place.device},contact)" for place in places])
    uses = _values(node, [f"DEVICE_STATE(PJSIP/{place.device})" for place in places])
    known = [[each for each in text.split(",") if CONTACT.fullmatch(each)] for text in contacts]
    wanted = [contact for some in known for contact in some]
    registered = _registrations(node, wanted)
    return [
        DeviceState(
            device=place.device,
            node=node.name,
            use=USES.get(use, Use.UNKNOWN),
            registrations=tuple(registered[each] for each in some),
            occupant=place.occupant,
            is_guest=place.is_guest,
            since=place.since,
        )
        for place, use, some in zip(places, uses, known, strict=True)
    ]


def _places(site: Site, subscriber: str) -> Iterator[Place]:
    """As the kit's ``webfon-reach`` looks for telephones, and own ones with somebody else."""
    held = _keys(site, [f"plan/{subscriber}", f"at/{subscriber}"])
    plan = from_keys(subscriber, held)
    own = plan.devices if plan else (subscriber,)
    at = held.get(f"at/{subscriber}", "").split("&")
    guest_at = [name for name in at if DEVICE.fullmatch(name)]
    names = [name for name in dict.fromkeys([*guest_at, *own]) if DEVICE.fullmatch(name)]
    there = _keys(site, [f"{kind}/{name}" for name in names for kind in ("who", "since")])
    for name in names:
        who, is_guest = there.get(f"who/{name}", subscriber), name in guest_at
        since = _moment(there.get(f"since/{name}", "")) if is_guest else None
        yield Place(name, "" if is_guest or who == subscriber else who, is_guest, since)


def _moment(epoch: str) -> datetime | None:
    return datetime.fromtimestamp(int(epoch), UTC) if SECONDS.fullmatch(epoch) else None


def _light(site: Site, device: str, new: int) -> None:
    content = (f"Messages-Waiting: {'yes' if new else 'no'}", f"Voice-Message: {new}/0 (0/0)", "")
    lines = [("Event", "message-summary"), ("Content-Type", "application/simple-message-summary")]
    lines += [("Content", line) for line in content]
    variables = [("Variable", f"{name}={value}") for name, value in lines]
    reply = site.node.request([Action("PJSIPNotify", (("Endpoint", device), *variables))])[0]
    if not reply.ok:
        raise PBXRejected(f"node {site.node.name} refused: {reply.message}")


def _local(context: str, subscriber: str, device: str) -> str:
    expect_place(subscriber, device)
    return f"Local/{subscriber}-{device}@{context}/n"


def _move(site: Site, local: str) -> None:
    linkedid = new_linkedid()
    asked = action(
        "Originate",
        Channel=local,
        ChannelId=linkedid,
        Application="Wait",
        Data="1",
        Async="true",
        Variable="CDR_PROP(disable)=1",
    )
    if originate(site.for_calls, asked, linkedid).get("Done") != "1":
        raise PBXUnavailable(f"node {site.node.name}: others are logging in or out")


def _registrations(node: Node, contacts: Sequence[str]) -> dict[str, Registration]:
    names = [f"PJSIP_CONTACT({each},{field})" for each in contacts for field in FIELDS]
    values = _values(node, names)
    return {
        contact: _registration(values[start : start + len(FIELDS)])
        for contact, start in zip(contacts, range(0, len(values), len(FIELDS)), strict=True)
    }


def _registration(values: Sequence[str]) -> Registration:
    uri, status, microseconds, user_agent = values
    found = ADDRESS.match(uri)
    is_measured = status == "Reachable" and microseconds.isdigit()
    return Registration(
        address=found[1] if found else "",
        user_agent=user_agent,
        is_reachable=status != GONE,
        milliseconds=int(microseconds) / 1000 if is_measured else None,
    )


def _keys(site: Site, keys: Sequence[str]) -> Mapping[str, str]:
    """The values of those keys that are there."""
    actions = [action("DBGet", Family=FAMILY, Key=key) for key in keys]
    found: dict[str, str] = {}
    for key, reply in zip(keys, _ask(site.for_acd, actions), strict=True):
        if reply.ok:
            found[key] = reply.events[0].get("Val", "") if reply.events else ""
        elif reply.message != MISSING:
            raise PBXRejected(f"node {site.node.name} refused: {reply.message}")
    return found


def _values(node: Node, variables: Sequence[str]) -> list[str]:
    """What each is, "" where there is no such thing, or no more."""
    actions = [action("Getvar", Variable=name) for name in variables]
    return [reply.response.get("Value", "") for reply in _ask(node, actions)]


def _ask(node: Node, actions: Sequence[Action]) -> list[Reply]:
    return node.request(actions) if actions else []
