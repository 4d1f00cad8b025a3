"""From the rules that a user set to the plan that the telephone system carries out. Pure."""

from dataclasses import dataclass, field
from enum import StrEnum

from portal.pbx.types import VOICEMAIL, ForwardingPlan, Window

MIN_RING_SECONDS, MAX_RING_SECONDS = 5, 120


class Kind(StrEnum):
    """The four conditional kinds. The values are prefixes of the fields that hold each."""

    UNCONDITIONAL = "unconditional"
    NOT_CONNECTED = "not_connected"
    BUSY = "busy"
    NO_ANSWER = "no_answer"


@dataclass(frozen=True, slots=True)
class Rule:
    """One kind of forwarding, as the user set it. The number stays when it is switched off."""

    to_voicemail: bool = False
    number: str = ""
    number_enabled: bool = False

    @property
    def destination(self) -> str:
        """Where calls go: voicemail beats the number; ``""`` when the rule is off."""
        if self.to_voicemail:
            return VOICEMAIL
        return self.number if self.number_enabled else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """Everything that a user set about forwarding."""

    unconditional: Rule = field(default_factory=Rule)
    not_connected: Rule = field(default_factory=Rule)
    busy: Rule = field(default_factory=Rule)
    no_answer: Rule = field(default_factory=Rule)
    do_not_disturb: bool = False
    ring_seconds: int = 20
    calendar_enabled: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What a plan says besides the rules; the names are the plan's own."""

    subscriber: str
    revision: int
    display_name: str
    devices: tuple[str, ...]
    mailbox: str
    call_class: str
    forward_class: str
    language: str = ""
    access_pin: str = ""
    access_code: str = field(default="", repr=False)
    calendar: str = ""
    until: str = ""
    windows: tuple[Window, ...] = ()


def compile_plan(facts: Facts, rules: Rules) -> ForwardingPlan:
    """The plan for a subscriber."""
    return ForwardingPlan(
        subscriber=facts.subscriber,
        revision=facts.revision,
        display_name=facts.display_name,
        devices=facts.devices,
        mailbox=facts.mailbox,
        unconditional=rules.unconditional.destination,
        not_connected=rules.not_connected.destination,
        busy=rules.busy.destination,
        no_answer=rules.no_answer.destination,
        do_not_disturb=rules.do_not_disturb,
        ring_seconds=rules.ring_seconds,
        call_class=facts.call_class,
        forward_class=facts.forward_class,
        language=facts.language,
        access_pin=facts.access_pin,
        access_code=facts.access_code,
        calendar=facts.calendar if rules.calendar_enabled else "",
        until=facts.until if rules.calendar_enabled else "",
        kept=(
            rules.unconditional.number,
            rules.not_connected.number,
            rules.busy.number,
            rules.no_answer.number,
        ),
        windows=facts.windows if rules.calendar_enabled else (),
    )
