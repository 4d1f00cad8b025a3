"""The dialplan kit: the part of Webfon that runs inside Asterisk, as files of configuration.

Rendering is pure text; the templates in the folder ``kit`` explain themselves to an operator.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from ipaddress import ip_network
from pathlib import Path

from portal.pbx.phone_rules import CODES, FIELDS, VALUE

TEMPLATES = Path(__file__).with_suffix("")

DIALPLAN = "extensions_webfon.conf"

PARTS = sorted(TEMPLATES.glob("*.conf"))

VERSION = sha256(b"".join(part.read_bytes() for part in PARTS)).hexdigest()[:8]
"""Another one with every change of the kit, so that ``pbx_check`` can tell an old one."""

VERSION_VARIABLE = "HINT(version@webfon-kit)"
"""Ask for it with the AMI action ``Getvar``: the kit in force answers ``VERSION_VALUE``."""

VERSION_VALUE = f"Custom:{VERSION}"

SECRETS = {
    "ami": "@SECRET@",
    "voicemail": "@VOICEMAIL_SECRET@",
    "calls": "@CALLS_SECRET@",
    "acd": "@ACD_SECRET@",
}
"""For each AMI user, what stands in ``manager_webfon.conf`` where its secret belongs."""

GREETING_SECONDS = 120
"""How long a greeting recorded at a telephone may be."""

BEGIN_SECONDS = 30
"""How long a subscriber's telephones ring for a call that the portal begins."""

KEY_SECONDS = 10
"""How long a login at a telephone waits for the next key."""

ROUNDS_A_STEP = 10
"""Of the clave's hash; Asterisk 22 follows variables in variables 15 deep (pbx_variables.c)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What differs between installations. ``ValueError`` where Asterisk could not read it."""

    subscribers: tuple[str, ...] = ("[23]XX",)
    """Patterns of the subscribers' numbers, in Asterisk's own syntax without the underscore."""
    outbound_context: str = "outbound"
    """The operator's context that takes permitted calls to all other numbers."""
    users_context: str = "webfon-users"
    """The context of the telephones, which is or includes ``webfon-users``."""
    emergency: tuple[str, ...] = ("112",)
    """Numbers that every telephone may call."""
    international_prefix: str = "00"
    """What stands for a leading ``+``."""
    voicemail_code: str = "*97"
    """What subscribers dial to hear their own messages."""
    login_code: str = "*11"
    """What is dialled to log in at a telephone; "" where nobody may."""
    logout_code: str = "*12"
    """What is dialled to log out."""
    login_tries: int = 5
    """After how many wrong logins in a row a PIN, or a telephone, is locked for logins."""
    login_lock_seconds: int = 300
    """For how long, from the last wrong one on."""
    forwarding_codes: Mapping[str, str] = field(default_factory=lambda: CODES)
    """For each of ``phone_rules.FIELDS`` the number in ``*21#``; "" where there is no code."""
    ring_seconds: int = 20
    """How long a telephone rings where the plan does not say."""
    max_hops: int = 5
    """How many subscribers one call may visit; ``routing.HOP_LIMIT`` is the same number."""
    loop_limit: int = 5
    """How many calls of one caller a subscriber may be forwarding at the same time."""
    permit: tuple[str, ...] = ("127.0.0.1",)
    """Addresses from which the portal asks the manager; networks as 192.0.2.0/24."""

    def __post_init__(self) -> None:
        for pattern in self.subscribers:
            _expect(r"([0-9NXZ]|\[[0-9-]+\])+", pattern)
        for number in (*self.emergency, self.international_prefix):
            _expect(r"[0-9]+", number)
        _expect(r"[*#]?[0-9]+", self.voicemail_code)
        for code in (self.login_code, self.logout_code):
            _expect(r"([*#]?[0-9]+)?", code)
        for code in self.forwarding_codes.values():
            _expect(r"([0-9]{1,4})?", code)
        _expect_different(self)
        for context in (self.outbound_context, self.users_context):
            _expect(r"[A-Za-z0-9_-]+", context)
        for count in (self.ring_seconds, self.max_hops, self.loop_limit):
            _expect(r"[1-9][0-9]*", str(count))
        for address in self.permit:
            ip_network(address)
        _expect(r"[1-9][0-9]?", str(self.login_tries))
        _expect(r"[1-9][0-9]{0,5}", str(self.login_lock_seconds))


def files(options: Options) -> dict[str, str]:
    """Every file of the kit by name; an Asterisk reads them after ``#include`` of the name."""
    return {part.name: _render(part.read_text(), options) for part in PARTS}


def render(options: Options) -> str:
    """The dialplan alone."""
    return files(options)[DIALPLAN]


def fill(text: str, values: Mapping[str, str]) -> str:
    """The text of a file with values in place of marks, such as those of ``SECRETS``."""
    for mark, value in values.items():
        text = text.replace(mark, value)
    return text


def _render(text: str, options: Options) -> str:
    text = fill(text, {f"@{name}@": value for name, value in _values(options).items()})
    patterns = tuple(f"_{pattern}" for pattern in options.subscribers)
    text = _repeat(text, "@SUBSCRIBER@", patterns)
    text = _repeat(text, "@LOGIN_CODE@", (options.login_code,) * bool(options.login_code))
    text = _repeat(text, "@LOGOUT_CODE@", (options.logout_code,) * bool(options.logout_code))
    text = _repeat(text, "@PERMIT@", options.permit)
    text = _forwarding(text, options.forwarding_codes)
    return _repeat(text, "@EMERGENCY@", options.emergency)


def _forwarding(text: str, codes: Mapping[str, str]) -> str:
    """Each line about a rule once for every rule that has a code."""
    lines = []
    *rules, disturb = (codes.get(name, "") for name in FIELDS)
    for line in _repeat(text, "@DISTURB_CODE@", (disturb,) if disturb else ()).splitlines():
        numbered = [(number, code) for number, code in enumerate(rules, 2) if code]
        lines += [
            line.replace("@RULE_CODE@", code).replace("@RULE_FIELD@", str(number))
            for number, code in (numbered if "@RULE_CODE@" in line else [(0, "")])
        ]
    return "\n".join(lines) + "\n"


def _values(options: Options) -> dict[str, str]:
    return {
        "VERSION": VERSION,
        "OUTBOUND": options.outbound_context,
        "USERS": options.users_context,
        "INTERNATIONAL": options.international_prefix,
        "VOICEMAIL_CODE": options.voicemail_code,
        "GREETING_SECONDS": str(GREETING_SECONDS),
        "BEGIN_SECONDS": str(BEGIN_SECONDS),
        "PHONE_VALUE": f"^{VALUE.pattern}$".replace(";", r"\;"),
        "RING_SECONDS": str(options.ring_seconds),
        "MAX_HOPS": str(options.max_hops),
        "LOOP_LIMIT": str(options.loop_limit),
        "KEY_SECONDS": str(KEY_SECONDS),
        "TEN_ROUNDS": _rounds("${WEBFON_CODE}"),
        "LOGIN_TRIES": str(options.login_tries),
        "LOCK_SECONDS": str(options.login_lock_seconds),
    }


def _rounds(text: str) -> str:
    """Some rounds of ``portal.access_code``'s hash, in one expression."""
    for _ in range(ROUNDS_A_STEP):
        text = f"${{SHA1(${{salt}}{text})}}"
    return text


def _repeat(text: str, mark: str, values: tuple[str, ...]) -> str:
    """Each line that bears the mark, once for every value."""
    lines = []
    for line in text.splitlines():
        lines += [line.replace(mark, value) for value in values] if mark in line else [line]
    return "\n".join(lines) + "\n"


def _expect(pattern: str, value: str) -> None:
    if not re.fullmatch(pattern, value):
        raise ValueError(f"{value!r} cannot stand in the dialplan (expected {pattern})")


def _expect_different(options: Options) -> None:
    """No two codes may be the same when they are dialled."""
    numbers = [code for code in options.forwarding_codes.values() if code]
    others = [options.voicemail_code, options.login_code, options.logout_code]
    dialled = [*filter(None, others), *(f"{sign}{code}" for code in numbers for sign in "*#")]
    for code in dialled:
        if dialled.count(code) > 1:
            raise ValueError(f"{code!r} cannot stand in the dialplan twice, as two codes")
