"""The call records that Asterisk would write for a simulated call."""

from datetime import timedelta

from portal.pbx.models import CallRecord
from portal.pbx.simulated.route import Leg, Route

LEGS_APART = 100
"""Distance of the sequence numbers of two calls; no call has so many legs."""


def to_records(
    route: Route, *, node: str, serial: int, clid: str, device: str, uniqueid: str = ""
) -> list[CallRecord]:
    """One unsaved record a leg, all with the same ``uniqueid`` and ``linkedid``.

    ``device`` is the endpoint that the call came in by.
    """
    uniqueid = uniqueid or f"{int(route.at.timestamp())}.{serial}"
    return [
        _record(route, leg, node, uniqueid, serial * LEGS_APART + position, clid, device)
        for position, leg in enumerate(route.legs)
    ]


def _record(
    route: Route, leg: Leg, node: str, uniqueid: str, sequence: int, clid: str, device: str
) -> CallRecord:
    started = route.at + timedelta(seconds=leg.begins)
    ended = started + timedelta(seconds=leg.lasts)
    return CallRecord(
        node=node,
        uniqueid=uniqueid,
        sequence=sequence,
        linkedid=uniqueid,
        started=started,
        answered=ended - timedelta(seconds=leg.talked) if leg.talked else None,
        ended=ended,
        clid=clid,
        src=route.caller,
        dst=leg.dst,
        dialed=route.called,
        diverter=leg.diverter,
        divreason=leg.reason,
        channel=f"PJSIP/{device}-{sequence:08x}",
        dstchannel=f"PJSIP/{leg.device}-{sequence + 1:08x}" if leg.device else "",
        lastapp=leg.app,
        duration=leg.lasts,
        billsec=leg.talked,
        disposition=leg.disposition,
    )
