"""A conversation as its page shows it, and the parts of it that change."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from chat.availability import Availability, availability
from chat.models import Conversation, Kind, Line, Role, State
from chat.talking import Writer, lines_after
from chat.text import linked, shown
from chat.wording import Words, event, state_for_agent, state_for_user

TYPING = timedelta(seconds=6)
"""How long somebody counts as writing after a sign of it."""

MOST_SHOWN = 500


@dataclass(frozen=True, slots=True)
class Shown:
    """A line as one of the sides sees it."""

    line: Line
    html: SafeString | str
    is_event: bool
    is_mine: bool


def parts(
    conversation: Conversation,
    writer: Writer,
    now: datetime,
    *,
    after: int = 0,
    everything: bool = False,
) -> dict[str, Any]:
    """Lines after that one, how it goes, who is writing, and whether the last line was read."""
    latest = 0 if everything else conversation.last_line - MOST_SHOWN
    rows = lines_after(conversation, max(after, latest))
    return {
        "conversation": conversation,
        "side": writer.role.value,
        "lines": [_shown(row, writer.role) for row in rows],
        "has_earlier": after == 0 and latest > 0,
        "state": _state(conversation, writer, now),
        "typing": _typing(conversation, writer, now),
        "receipt": _receipt(conversation, writer),
    }


def _shown(line: Line, side: Role) -> Shown:
    is_event = line.kind != Kind.TEXT
    html = shown(event(line)) if is_event else linked(line.text)
    return Shown(line, html, is_event, is_mine=not is_event and line.role == side)


def _state(conversation: Conversation, writer: Writer, now: datetime) -> Words:
    if writer.agent:
        return state_for_agent(conversation)
    found: Availability | None = None
    if conversation.state == State.WAITING:
        found = availability(conversation.service, now)
    return state_for_user(conversation, found)


def _typing(conversation: Conversation, writer: Writer, now: datetime) -> str:
    at = conversation.user_typed_at if writer.agent else conversation.agent_typed_at
    if at is None or at < now - TYPING or conversation.state != State.ACTIVE:
        return ""
    agent = conversation.agent
    name = conversation.subscriber.display_name if writer.agent else agent.name if agent else ""
    return _("%s está escribiendo…") % name


def _receipt(conversation: Conversation, writer: Writer) -> str:
    """Of the last line that this side wrote."""
    last: int = getattr(conversation, writer.line_field)
    if not last:
        return ""
    read = conversation.read_by_user if writer.agent else conversation.read_by_agent
    if read >= last:
        return _("Leído")
    return _("Enviado") if conversation.state == State.ACTIVE else _("Guardado")
