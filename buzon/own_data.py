"""The person's messages and greetings with their sound, and what was chosen for the mailbox."""

import csv
import json
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import datetime
from functools import partial
from io import StringIO
from typing import BinaryIO

from django.utils import timezone
from django.utils.translation import gettext as _

from agenda.lookup import names_for
from buzon.models import options_of
from portal.models import Subscriber
from portal.own_data import File
from portal.pbx import get_pbx
from portal.pbx.errors import Ambiguous, NotFound
from portal.pbx.types import VoicemailMessage

BLOCK = 64 * 1024
BOM = "\ufeff"


def export(subscriber: Subscriber) -> Iterator[File]:
    """The options, a list of the messages, and of each message and greeting the sound.

    A message that goes away meanwhile is left out, as is one whose id occurs twice.
    """
    yield "buzon.json", [_options(subscriber)]
    voicemail, mailbox = get_pbx().voicemail, subscriber.mailbox
    if not mailbox:
        return
    messages = voicemail.messages(mailbox)
    yield "mensajes.csv", [_listed(subscriber, messages)]
    for message in messages:
        found = partial(voicemail.open_sound, mailbox, message.msg_id)
        yield from _sound(_name(message), found)
    for greeting in sorted(voicemail.greetings(mailbox)):
        recorded = partial(voicemail.open_greeting, mailbox, greeting)
        yield from _sound(f"saludos/{greeting}.wav", recorded)


def _sound(name: str, open_it: Callable[[], BinaryIO]) -> Iterator[File]:
    with suppress(NotFound, Ambiguous), open_it() as file:
        yield name, iter(lambda: file.read(BLOCK), b"")


def _options(subscriber: Subscriber) -> bytes:
    options = options_of(subscriber)
    facts = {
        "mailbox": subscriber.mailbox,
        "notice": options.notice,
        "email": options.email,
        "language": subscriber.voicemail_language,
    }
    return json.dumps(facts, indent=2, ensure_ascii=False).encode()


def _listed(subscriber: Subscriber, messages: tuple[VoicemailMessage, ...]) -> bytes:
    names = names_for(subscriber, {each.caller for each in messages if each.caller})
    text = StringIO(newline="")
    text.write(BOM)
    table = csv.writer(text, delimiter=";", lineterminator="\r\n")
    table.writerow([_("Archivo"), _("Cuándo"), _("Número"), _("Nombre"), _("Segundos"), _("Nuevo")])
    for each in messages:
        name = names.get(each.caller) or each.caller_name
        table.writerow(
            [
                _name(each),
                f"{_local(each):%Y-%m-%d %H:%M}",
                _text(each.caller),
                _text(name),
                each.seconds,
                _("Sí") if each.is_new else _("No"),
            ]
        )
    return text.getvalue().encode()


def _name(message: VoicemailMessage) -> str:
    """``mensajes/INBOX/2026-11-23 10.42.07 600123123 id.wav``, in the order of their times."""
    caller = "".join(each for each in message.caller if each.isalnum()) or "0"
    known = "".join(each for each in message.msg_id if each.isalnum() or each == "-")
    at = f"{_local(message):%Y-%m-%d %H.%M.%S}"
    return f"mensajes/{message.folder}/{at} {caller} {known}.wav"


def _local(message: VoicemailMessage) -> datetime:
    return timezone.localtime(message.received_at)


def _text(cell: str) -> str:
    """Not a formula for any spreadsheet: callers choose their own names."""
    return f"'{cell}" if cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n")) else cell
