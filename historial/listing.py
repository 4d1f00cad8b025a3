"""The calls of a subscriber as the pages show them. Only reads."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta, tzinfo

from django.conf import settings
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from agenda.lookup import names_for
from historial.asked import KINDS, Asked
from historial.people import numbers_of
from historial.reach import CALL_RECORDS
from historial.wording import Label, label, whereto
from portal import phone
from portal.models import Subscriber
from portal.pbx import get_pbx
from portal.pbx.errors import PBXError
from portal.pbx.types import VOICEMAIL, Call, CallSearch, MissedCall, Page, VoicemailMessage

SLACK = timedelta(seconds=2)
"""How far the clocks of a call record and of its message may differ."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A call as pages show it.

    ``name`` is who it was with, ``number`` the number to show beside the name, if any. ``target``
    says whereto and why it was sent on. ``msg_id`` names the message left, while it is there.
    ``new_contact`` is where the number is put into the address book, unless it is known.
    """

    call: Call
    name: str
    number: str
    label: Label
    target: str
    msg_id: str = ""
    new_contact: str = ""

    @property
    def can_call(self) -> bool:
        """Whether the other party can be called: numbers are withheld, and codes are none."""
        return self.call.other.isascii() and self.call.other.isdigit()


@dataclass(frozen=True, slots=True)
class Waiting:
    """A missed call to return, and how often that number called in vain."""

    row: Row
    times: int


def search_for(asked: Asked, subscriber: Subscriber, zone: tzinfo) -> CallSearch:
    """What the call log is asked; a name becomes the numbers of whom it may mean."""
    since, until = asked.limits(timezone.localdate(timezone=zone), zone)
    is_name = bool(asked.text) and not asked.is_number
    return CallSearch(
        kind=KINDS[asked.kind][0],
        since=since,
        until=until,
        numbers=numbers_of(subscriber, asked.text) if is_name else None,
        prefix=asked.text if asked.is_number else "",
    )


def page_of(subscriber: Subscriber, asked: Asked, limit: int) -> Page:
    """One page of calls. Raises ``NotFound`` for a key that is none, and ``DatabaseError``."""
    wanted = search_for(asked, subscriber, subscriber.zone)
    with CALL_RECORDS.asked():
        return get_pbx().call_log.page(subscriber.number, wanted, before=asked.before, limit=limit)


def rows_of(subscriber: Subscriber, calls: Sequence[Call]) -> list[Row]:
    """The calls with names and links: one query, whatever their number."""
    names = names_for(subscriber, numbers_in(calls))
    found = messages_of(subscriber, calls)
    return [_row(call, names, found.get(call.key, "")) for call in calls]


def waiting_rows(subscriber: Subscriber, missed: Sequence[MissedCall]) -> list[Waiting]:
    """Missed calls to return, with names and links."""
    rows = rows_of(subscriber, [each.call for each in missed])
    return [Waiting(row, each.times) for row, each in zip(rows, missed, strict=True)]


def numbers_in(calls: Iterable[Call]) -> set[str]:
    """The numbers that the calls show, so that their names can be looked up."""
    shown = {number for call in calls for number in (call.other, call.forwarded_to)}
    return shown - {"", VOICEMAIL}


def messages_of(subscriber: Subscriber, calls: Sequence[Call]) -> dict[str, str]:
    """For the keys of calls that left a message the id of it, while it is in the mailbox."""
    left = [call for call in calls if call.voicemail_at and not call.outgoing]
    if not left or not subscriber.mailbox:
        return {}
    try:
        messages = get_pbx().voicemail.messages(subscriber.mailbox)
    except PBXError:
        return {}
    found = ((call.key, _message(call, messages)) for call in left)
    return {key: msg_id for key, msg_id in found if msg_id}


def _message(call: Call, messages: Sequence[VoicemailMessage]) -> str:
    """The message that began while the mailbox had the call, by the same caller."""
    if call.voicemail_at is None:
        return ""
    first = call.voicemail_at - SLACK
    last = call.voicemail_at + timedelta(seconds=call.seconds) + SLACK
    for each in messages:
        if first <= each.received_at <= last and _same_number(each.caller, call.caller):
            return each.msg_id
    return ""


def _same_number(one: str, other: str) -> bool:
    return one == other or _dialled(one) == _dialled(other)


def _dialled(number: str) -> str:
    try:
        return phone.normalise(number, settings.PHONE_REGION)
    except phone.InvalidNumber:
        return ""


def _row(call: Call, names: dict[str, str], msg_id: str) -> Row:
    known = names.get(call.other, "")
    shown = phone.display(call.other, settings.PHONE_REGION)
    name = known or (call.caller_name if call.other else "") or shown or _("Número oculto")
    return Row(
        call=call,
        name=name,
        number=shown if shown != name else "",
        label=label(call),
        target=whereto(call, names),
        msg_id=msg_id,
        new_contact="" if known else new_contact(call),
    )


def new_contact(call: Call) -> str:
    """Where the other party is put into the address book; ``""`` where there is nothing to put."""
    try:
        page = reverse("agenda:nuevo")
    except NoReverseMatch:
        return ""
    if not call.other.isdigit():
        return ""
    name = "" if call.outgoing else call.caller_name
    query = {"telefono": call.other, "nombre": name}
    return f"{page}?{urlencode({key: value for key, value in query.items() if value})}"
