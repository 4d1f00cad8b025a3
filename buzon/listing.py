"""What is in a mailbox, as its owner sees it. Only reads."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import overload

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from agenda.lookup import names_for
from buzon.models import BinnedMessage, ForwardedMessage
from portal import phone
from portal.folding import fold
from portal.models import Subscriber
from portal.pbx import get_pbx
from portal.pbx.errors import NotFound
from portal.pbx.types import VoicemailMessage

RECEIVED, BIN = "recibidos", "papelera"
NEW, HEARD = "nuevos", "oidos"

FOLDERS = {
    RECEIVED: gettext_lazy("Recibidos"),
    "trabajo": gettext_lazy("Trabajo"),
    "familia": gettext_lazy("Familia"),
    "amigos": gettext_lazy("Amigos"),
    "carpeta-1": gettext_lazy("Carpeta 1"),
    "carpeta-2": gettext_lazy("Carpeta 2"),
    "carpeta-3": gettext_lazy("Carpeta 3"),
    "carpeta-4": gettext_lazy("Carpeta 4"),
    BIN: gettext_lazy("Papelera"),
}
"""The folders of the pages with their names, in their order."""

PBX_FOLDERS = {
    RECEIVED: ("INBOX", "Urgent", "Old"),
    "trabajo": ("Work",),
    "familia": ("Family",),
    "amigos": ("Friends",),
    "carpeta-1": ("Cust1",),
    "carpeta-2": ("Cust2",),
    "carpeta-3": ("Cust3",),
    "carpeta-4": ("Cust4",),
    BIN: ("Cust5",),
}
"""The telephone system's folders in each of them."""

Messages = Sequence[VoicemailMessage]

SLUGS = {name: slug for slug, names in PBX_FOLDERS.items() for name in names}


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A message as the pages show it.

    ``name`` is who called; ``sender`` and ``note`` are of the colleague who sent it on.
    ``is_ambiguous``: its id occurs twice, so that it can be neither played nor changed.
    ``binned_at`` is known for what lies in the bin, at the latest minutes after it got there.
    """

    message: VoicemailMessage
    folder: str
    name: str
    sender: str = ""
    note: str = ""
    is_ambiguous: bool = False
    binned_at: datetime | None = None

    @property
    def is_heard(self) -> bool:
        """Whether the telephones count it as heard."""
        return not self.message.is_new


def read(mailbox: str) -> tuple[VoicemailMessage, ...]:
    """The messages of a mailbox; none where there is no mailbox. Raises ``PBXUnavailable``."""
    return get_pbx().voicemail.messages(mailbox) if mailbox else ()


def twice(messages: Messages) -> set[str]:
    """The ids that occur more than once."""
    counts = Counter(message.msg_id for message in messages)
    return {msg_id for msg_id, count in counts.items() if count > 1}


class Rows(Sequence[Row]):
    """Messages that become rows when they are looked at, so that a page costs what it shows."""

    def __init__(self, subscriber: Subscriber, messages: Messages, ambiguous: set[str]) -> None:
        self.subscriber = subscriber
        self.messages = messages
        self.ambiguous = ambiguous

    def __len__(self) -> int:
        return len(self.messages)

    @overload
    def __getitem__(self, place: int) -> Row: ...
    @overload
    def __getitem__(self, place: slice) -> list[Row]: ...

    def __getitem__(self, place: int | slice) -> Row | list[Row]:
        """One row, or a page of them with one query for each thing they show."""
        if isinstance(place, slice):
            return _rows(self.subscriber, self.messages[place], self.ambiguous)
        return _rows(self.subscriber, [self.messages[place]], self.ambiguous)[0]

    def __iter__(self) -> Iterator[Row]:
        return iter(self[:])


def rows(
    subscriber: Subscriber, *, folder: str = RECEIVED, state: str = "", search: str = ""
) -> Sequence[Row]:
    """The messages in a folder, those not heard first, then the newest first.

    ``state`` is ``NEW``, ``HEARD`` or ``""``. ``search`` looks in names and numbers, whatever the
    accents and capitals. Raises ``PBXUnavailable``.
    """
    messages = read(subscriber.mailbox)
    shown = [each for each in messages if each.folder in PBX_FOLDERS[folder]]
    if state:
        shown = [each for each in shown if each.is_new == (state == NEW)]
    found = Rows(subscriber, shown, twice(messages))
    return [row for row in found if _matches(row, search)] if search.strip() else found


def folder_counts(subscriber: Subscriber) -> dict[str, tuple[int, int]]:
    """For each folder how many messages it holds, and how many of them nobody has heard."""
    messages = read(subscriber.mailbox)
    total = Counter(SLUGS[each.folder] for each in messages)
    new = Counter(SLUGS[each.folder] for each in messages if each.is_new)
    return {slug: (total[slug], new[slug]) for slug in FOLDERS}


def find(subscriber: Subscriber, msg_id: str) -> Row:
    """One message of the subscriber's own. Raises ``NotFound``, and ``PBXUnavailable``."""
    messages = read(subscriber.mailbox)
    for message in messages:
        if message.msg_id == msg_id:
            return _rows(subscriber, [message], twice(messages))[0]
    raise NotFound(msg_id)


def _rows(subscriber: Subscriber, messages: Messages, ambiguous: set[str]) -> list[Row]:
    ids = [each.msg_id for each in messages]
    names = names_for(subscriber, {each.caller for each in messages if each.caller})
    about = Q(mailbox=subscriber.mailbox, msg_id__in=ids)
    sent_on = {row.msg_id: row for row in ForwardedMessage.objects.filter(about)}
    binned = dict(
        BinnedMessage.objects.filter(about).values_list("msg_id", "binned_at")
        if any(SLUGS[each.folder] == BIN for each in messages)
        else ()
    )
    return [
        Row(
            message=each,
            folder=SLUGS[each.folder],
            name=names.get(each.caller) or _unknown(each),
            sender=sent_on[each.msg_id].sender if each.msg_id in sent_on else "",
            note=sent_on[each.msg_id].note if each.msg_id in sent_on else "",
            is_ambiguous=each.msg_id in ambiguous,
            binned_at=binned.get(each.msg_id) if SLUGS[each.folder] == BIN else None,
        )
        for each in messages
    ]


def _unknown(message: VoicemailMessage) -> str:
    """What to call somebody who is in no address book."""
    return message.caller_name or phone.display(message.caller) or _("Número oculto")


def _matches(row: Row, search: str) -> bool:
    wanted = fold(search)
    digits = re.sub(r"[^0-9]", "", search)
    is_number = digits and not re.search(r"[^\W\d_]", search)
    by_name = wanted != "" and wanted in fold(row.name)
    return by_name or bool(is_number and digits in row.message.caller)
