"""The vocabulary of the telephone system: frozen values that cross the adapter's border."""

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

VOICEMAIL = "vm"
"""The destination that means the subscriber's own mailbox."""


class LineState(StrEnum):
    """What a call finds when it reaches a subscriber; ``decide`` is asked once for each."""

    IDLE = "idle"  # registered, before anything rings
    NOT_CONNECTED = "offline"  # logged in at no reachable device
    BUSY = "busy"  # rang and answered busy or declined
    NO_ANSWER = "noanswer"  # rang for the whole ring time


class Reason(StrEnum):
    """Which rule sent a call on. The values stand in call records as ``divreason``."""

    CALENDAR = "calendar"
    UNCONDITIONAL = "unconditional"
    NOT_CONNECTED = "unavailable"
    BUSY = "busy"
    NO_ANSWER = "noanswer"
    DO_NOT_DISTURB = "dnd"


@dataclass(frozen=True, slots=True, order=True)
class Window:
    """A stretch of time in which the calendar sends calls to ``destination``.

    Epoch seconds; ``end`` is the first second after it.
    """

    start: int
    end: int
    destination: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ForwardingPlan:
    """Everything a node must know about one subscriber, compiled.

    A destination is ``""`` (the rule is off), ``VOICEMAIL``, or the digits to dial.
    ``ring_seconds`` lies in 5–120. ``mailbox`` is ``box@context`` or ``""`` for none.
    ``call_class`` and ``forward_class`` are codes of service classes. ``language`` is what the
    mailbox speaks, as Asterisk names it (``es``), or ``""`` for the telephone's own.
    ``access_pin`` says who logs in at a telephone, ``access_code`` is the clave for it as
    ``portal.access_code`` stores it; without either nobody does.
    ``revision`` counts the subscriber's saved changes; a node confirms it by holding it.
    ``kept`` are the numbers of the four rules, also of those that are off. ``absorbed`` is the
    stamp (``phone_rules``) up to which it has what was changed at telephones of the node on which
    it stands; it is each node's own, so plans are equal without it. ``request_id`` names the
    request that saved it, where that is not the one that writes it; nodes do not hold it.

    ``calendar`` is the version of the calendar in force, ``""`` for none, and ``until`` the last
    UTC day (``yyyymmdd``) that is written of it. ``windows`` are that calendar's: sorted, not
    overlapping. They stand on a node apart from the plan, so plans are equal without them.
    """

    subscriber: str
    revision: int = 0
    display_name: str = ""
    devices: tuple[str, ...] = ()
    mailbox: str = ""
    unconditional: str = ""
    not_connected: str = ""
    busy: str = ""
    no_answer: str = ""
    do_not_disturb: bool = False
    ring_seconds: int = 20
    call_class: str = ""
    forward_class: str = ""
    language: str = ""
    access_pin: str = ""
    access_code: str = field(default="", repr=False)
    calendar: str = ""
    until: str = ""
    kept: tuple[str, str, str, str] = ("", "", "", "")
    absorbed: int = field(default=0, compare=False)
    request_id: str = field(default="", compare=False)
    windows: tuple[Window, ...] = field(default=(), compare=False, repr=False)


class CallResult(StrEnum):
    """How a call ended, seen from one subscriber."""

    ANSWERED = "answered"
    MISSED = "missed"
    BUSY = "busy"
    FORWARDED = "forwarded"
    VOICEMAIL = "voicemail"
    FAILED = "failed"
    ELSEWHERE = "elsewhere"  # a queue rang here too, and somebody else took it


class CallKind(StrEnum):
    """Which calls of a subscriber a search looks at."""

    ALL = "all"
    MISSED = "missed"  # nobody answered, here or where it was sent; a mailbox is nobody
    RECEIVED = "received"  # answered here
    MADE = "made"
    FORWARDED = "forwarded"  # sent on to a number, answered there or not
    VOICEMAIL = "voicemail"  # taken by the subscriber's mailbox


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One call with its legs merged, seen from one subscriber. Times are aware, lengths seconds.

    Numbers stand as they would be dialled (``portal.phone.normalise``), "" where withheld.
    ``key`` is opaque: it names this call among the subscriber's and a place in their order.
    """

    key: str = ""
    linkedid: str
    started_at: datetime
    caller: str
    caller_name: str
    called: str  # what the caller dialled
    outgoing: bool
    result: CallResult
    seconds: int
    forwarded_to: str = ""  # digits or VOICEMAIL
    reason: str = ""  # a Reason, when forwarded
    voicemail_at: datetime | None = None  # the mailbox took it; a message began within ``seconds``

    @property
    def other(self) -> str:
        """The other party's number."""
        return self.called if self.outgoing else self.caller

    @property
    def is_missed(self) -> bool:
        """Whether it was received and nobody answered it."""
        if self.outgoing:
            return False
        unanswered = {CallResult.MISSED, CallResult.BUSY, CallResult.VOICEMAIL}
        lost = self.result is CallResult.FORWARDED and self.seconds == 0
        return lost or self.result in unanswered


@dataclass(frozen=True, slots=True, kw_only=True)
class CallSearch:
    """Which calls are wanted: those for which everything given here holds.

    From ``since`` on and before ``until``; the other party is one of ``numbers`` (dialled form;
    empty finds nothing, ``None`` asks for nobody in particular; at most
    ``MOST_NUMBERS`` are looked at), or begins with ``prefix`` (as people type it).
    """

    kind: CallKind = CallKind.ALL
    since: datetime | None = None
    until: datetime | None = None
    numbers: tuple[str, ...] | None = None
    prefix: str = ""


MOST_NUMBERS = 500


@dataclass(frozen=True, slots=True)
class Page:
    """Some calls, newest first. ``next`` is where the following page begins, "" for none.

    A search that looked far without finding gives fewer calls than asked, even none, and ``next``.
    """

    calls: tuple[Call, ...]
    next: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One attempt to reach somebody within a call."""

    started_at: datetime
    number: str  # where it rang; "" for a number outside that another subscriber chose
    result: CallResult  # ANSWERED, MISSED, BUSY, VOICEMAIL or FAILED
    waited: int  # seconds until it was answered, or ended
    seconds: int  # talked, or taken by a mailbox
    diverter: str = ""  # the subscriber by whose rule it went there
    reason: str = ""  # which one, a Reason
    queue: bool = False  # the caller waits in a queue, until this or another step is answered


@dataclass(frozen=True, slots=True)
class MissedCall:
    """The latest missed call of a number that was not spoken with since; ``times`` it called."""

    call: Call
    times: int


@dataclass(frozen=True, slots=True)
class Count:
    """How many calls received were answered, and how many missed."""

    answered: int = 0
    missed: int = 0


@dataclass(frozen=True, slots=True)
class Summary:
    """Calls received, by local day and by (weekday, hour), Monday 0; without what has none."""

    days: dict[date, Count]
    hours: dict[tuple[int, int], Count]


@dataclass(frozen=True, slots=True, kw_only=True)
class VoicemailMessage:
    """One message in a mailbox, known by ``msg_id``; file numbers change and are never used."""

    msg_id: str
    folder: str
    caller: str
    caller_name: str
    received_at: datetime
    seconds: int
    is_new: bool


class Greeting(StrEnum):
    """What a mailbox says to callers; the values are Asterisk's names for the files."""

    UNAVAILABLE = "unavail"
    BUSY = "busy"
    TEMPORARY = "temp"  # takes the place of the two while it is there
    NAME = "greet"  # the name alone, in the system's own announcement


class CallState(StrEnum):
    """How far a call that the portal began has come, and at last how it ended."""

    OWN = "own"  # the subscriber's own telephones ring
    CALLING = "calling"  # somebody took it there, and the other party is called
    RINGING = "ringing"  # the other party's telephone rings
    ANSWERED = "answered"
    VOICEMAIL = "voicemail"  # a mailbox answered
    OVER = "over"  # somebody, or a mailbox, had answered
    CANCELLED = "cancelled"  # the subscriber hung up first
    OWN_UNANSWERED = "own-unanswered"  # nobody took it at the subscriber's own telephones
    NO_ANSWER = "no-answer"
    BUSY = "busy"  # or declined
    OFFLINE = "offline"  # the other party, a subscriber, is at no reachable telephone
    REFUSED = "refused"  # the caller's class forbids the number
    FAILED = "failed"  # no such number, or no way there
    LOST = "lost"  # no node said how it ended


BEING_BEGUN = frozenset({CallState.OWN, CallState.CALLING, CallState.RINGING})
GOING_ON = BEING_BEGUN | {CallState.ANSWERED, CallState.VOICEMAIL}


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckResult:
    """One line of ``pbx_check``: what was tried, whether it worked, and what to do if not."""

    part: str
    ok: bool
    message: str
    remedy: str = ""


class News(StrEnum):
    """What the link may hear from a node."""

    UP = "up"  # fully booted, or reached again: compare and repair
    DOWN = "down"  # the connection is gone
    MAILBOX = "mailbox"  # a message came, went, or was heard
    CALL = "call"  # a call that the portal began has come further
    LOGIN = "login"  # somebody logged in or out at a telephone, or tried: see ``logins``
    DEVICE = "device"  # a telephone came, went, rings or is in use
    PHONE = "phone"  # a subscriber changed a rule at a telephone
    QUEUE = "queue"  # callers came or went, or, with a state, one member changed


@dataclass(frozen=True, slots=True)
class NodeEvent:
    """One piece of news. ``subject`` says of what: a mailbox as ``box@context``, a call as its
    ``linkedid`` with the ``state`` it has reached, a device or a queue by name, a subscriber by
    number, "" for a node.
    """

    news: News
    subject: str = ""
    state: str = ""  # a CallState; the number of the member of a queue; what ``logins`` writes


UP, DOWN = NodeEvent(News.UP), NodeEvent(News.DOWN)
