"""A plan as the few keys and values that stand on a node, and back. ``docs/astdb.md`` names them.

Values of the JSON are strings throughout: Asterisk's JSON_DECODE cuts integers to 32 bits.
"""

import json
import re
from collections.abc import Mapping

from portal.pbx.types import ForwardingPlan

MAX_VALUE_BYTES = 1017
"""The longest value that an AMI line carries (Asterisk 22, manager.c)."""

MAX_NAME = 40

CONTROL = re.compile(r"[\x00-\x1f\x7f]")


def to_keys(plan: ForwardingPlan) -> dict[str, str]:
    """The keys of one subscriber, in the order to write them: the plan, the switch, comes last.

    Raises ``ValueError`` where a node could not take one: too long, or a control character in it.
    """
    keys = {f"owner/{device}": plan.subscriber for device in plan.devices}
    keys[f"name/{plan.subscriber}"] = plan.display_name[:MAX_NAME]
    keys |= _login(plan)
    keys[f"plan/{plan.subscriber}"] = _encode(plan)
    if any(CONTROL.search(text) for item in keys.items() for text in item):
        raise ValueError(f"a control character in the plan of {plan.subscriber}")
    return keys


def left_behind(old: ForwardingPlan | None, new: ForwardingPlan) -> dict[str, str]:
    """The keys, with their values, of devices and a PIN that the old plan had, and this has not."""
    if not old:
        return {}
    owned = {f"owner/{device}": new.subscriber for device in set(old.devices) - set(new.devices)}
    return owned | {key: value for key, value in _login(old).items() if key not in _login(new)}


def removable(plan: ForwardingPlan) -> dict[str, str]:
    """All keys of a subscriber, the switch first, each with the value it must have, "" for any."""
    own = {f"{kind}/{plan.subscriber}": "" for kind in ("plan", "name", "phone", "pin")}
    return own | {f"owner/{device}": plan.subscriber for device in plan.devices} | _login(plan)


def keys_of(subscriber: str) -> list[str]:
    """The keys that ``from_keys`` wants, besides ``further_keys``."""
    return [f"{kind}/{subscriber}" for kind in ("name", "pin", "plan")]


def further_keys(subscriber: str, values: Mapping[str, str]) -> list[str]:
    """Which it wants besides, by those that are there: the clave stands by the PIN."""
    pin = values.get(f"pin/{subscriber}")
    return [f"code/{pin}"] if pin else []


def from_keys(subscriber: str, values: Mapping[str, str]) -> ForwardingPlan | None:
    """The plan that these keys hold, or ``None`` when it is missing or malformed."""
    try:
        fields = json.loads(values[f"plan/{subscriber}"])
        pin = values.get(f"pin/{subscriber}", "")
        of, _colon, code = values.get(f"code/{pin}", "").partition(":")
        return ForwardingPlan(
            subscriber=subscriber,
            revision=int(fields["r"]),
            display_name=values.get(f"name/{subscriber}", ""),
            devices=tuple(device for device in fields["p"].split("&") if device),
            mailbox=fields["m"],
            unconditional=fields["u"],
            not_connected=fields["x"],
            busy=fields["b"],
            no_answer=fields["n"],
            do_not_disturb=fields["d"] == "1",
            ring_seconds=int(fields["t"]),
            call_class=fields["c"],
            forward_class=fields["f"],
            language=fields.get("l", ""),
            access_pin=pin,
            access_code=code if of == subscriber else "",
            calendar=fields["v"],
            until=fields["w"],
            kept=_kept(fields.get("k", "")),
            absorbed=int(fields.get("s") or 0),
        )
    except (KeyError, TypeError, ValueError, AttributeError):
        return None


def _kept(text: str) -> tuple[str, str, str, str]:
    unconditional, not_connected, busy, no_answer = text.split(";") if text else [""] * 4
    return unconditional, not_connected, busy, no_answer


def _login(plan: ForwardingPlan) -> dict[str, str]:
    """What lets the subscriber log in at a telephone, if anything does."""
    if not plan.access_pin:
        return {}
    pin = {f"pin/{plan.subscriber}": plan.access_pin}
    if not plan.access_code:
        return pin
    return {f"code/{plan.access_pin}": f"{plan.subscriber}:{plan.access_code}"} | pin


def _encode(plan: ForwardingPlan) -> str:
    fields = {
        "r": str(plan.revision),
        "u": plan.unconditional,
        "x": plan.not_connected,
        "b": plan.busy,
        "n": plan.no_answer,
        "d": "1" if plan.do_not_disturb else "",
        "t": str(plan.ring_seconds),
        "f": plan.forward_class,
        "c": plan.call_class,
        "m": plan.mailbox,
        "l": plan.language,
        "p": "&".join(plan.devices),
        "v": plan.calendar,
        "w": plan.until,
        "k": ";".join(plan.kept) if any(plan.kept) else "",
        "s": str(plan.absorbed or ""),
    }
    text = json.dumps(fields, separators=(",", ":"))
    if len(text.encode()) > MAX_VALUE_BYTES:
        raise ValueError(f"the plan of {plan.subscriber} is too long for one AMI line")
    return text
