"""Writing lines: stored before anything is told, once however often it is sent, in one order."""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from django.db import IntegrityError, transaction
from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext as _

from chat.models import MOST_TEXT, OPEN, Agent, Conversation, Kind, Line, Role, State
from chat.text import clean, searchable
from portal.news import Topic, tell

log = logging.getLogger(__name__)

MOST_LINES, LINES_WITHIN = 15, timedelta(seconds=15)
"""How many lines one side may write in which time."""

MOST_STARTED, STARTED_WITHIN = 6, timedelta(minutes=10)
"""How many conversations somebody may begin in which time."""

SIGNS_APART = timedelta(seconds=1)
"""Signs of writing count once in so long, and so do marks of what was read before the last line.

Each one that counts lets the pages of both sides look again."""


class NotSent(Exception):
    """Nothing was stored; the message says why, to whoever wrote. ``status`` is HTTP's."""

    status = 422


class TooFast(NotSent):
    """A flood."""

    status = 429


class Over(NotSent):
    """The conversation has ended, or is another agent's now."""

    status = 409


@dataclass(frozen=True, slots=True)
class Writer:
    """Who writes: the user of a conversation, or its agent."""

    role: Role
    name: str
    agent: Agent | None = None

    @property
    def may(self) -> Q:
        """In which conversations, so that the database decides."""
        if self.agent:
            return Q(state=State.ACTIVE, agent=self.agent)
        return Q(state__in=OPEN)

    @property
    def read_field(self) -> str:
        """What the writer has read is counted there."""
        return "read_by_agent" if self.agent else "read_by_user"

    @property
    def line_field(self) -> str:
        """The last line of this side's."""
        return "agent_line" if self.agent else "user_line"

    @property
    def typed_field(self) -> str:
        """When the writer was last seen writing."""
        return "agent_typed_at" if self.agent else "user_typed_at"

    @property
    def marked_field(self) -> str:
        """When the writer last said what was read."""
        return "agent_marked_at" if self.agent else "user_marked_at"


PORTAL = Writer(Role.PORTAL, "")


def as_user(conversation: Conversation) -> Writer:
    """Whose conversation it is."""
    return Writer(Role.USER, conversation.subscriber.display_name)


def as_agent(agent: Agent) -> Writer:
    """An agent."""
    return Writer(Role.AGENT, agent.name, agent)


def checked(text: str) -> str:
    """The text as it will be stored. Raises ``NotSent``."""
    kept = clean(text[: 4 * MOST_TEXT])
    if not kept:
        raise NotSent(_("Escribe algo antes de enviar."))
    if len(kept) > MOST_TEXT:
        words = _("Cada mensaje puede tener %(most)d caracteres como mucho. Envíalo en partes.")
        raise NotSent(words % {"most": MOST_TEXT})
    return kept


def send(
    conversation: Conversation, writer: Writer, client_id: UUID, text: str, now: datetime
) -> Line:
    """Store a line and let both sides know. Raises ``NotSent``.

    One that was stored already is returned as it is, whatever has happened since.
    """
    kept = checked(text)
    try:
        with transaction.atomic():
            _slow_down(conversation, writer, now)
            line = append(conversation, writer, kept, now, client_id=client_id)
            if line is None:
                raise Over(_why_over(conversation))
            tell(both_sides(conversation), Topic.CHAT)
    except (IntegrityError, NotSent):
        if stored := conversation.lines.filter(client_id=client_id).first():
            return stored
        raise
    return line


def append(
    conversation: Conversation,
    writer: Writer,
    text: str,
    now: datetime,
    *,
    kind: Kind = Kind.TEXT,
    client_id: UUID | None = None,
    always: bool = False,
) -> Line | None:
    """Add a line within the caller's transaction; ``None`` where the writer may not (any more).

    The update takes the lock of the row: numbers have no gaps, and nothing comes after the end.
    """
    fields: dict[str, Any] = {"last_line": F("last_line") + 1, "last_line_at": now}
    if writer.role != Role.PORTAL:
        fields |= {writer.read_field: F("last_line") + 1, writer.typed_field: None}
    if kind == Kind.TEXT:
        fields[writer.line_field] = F("last_line") + 1
    row = Conversation.objects.filter(pk=conversation.pk)
    allowed = row if always or writer.role == Role.PORTAL else row.filter(writer.may)
    if not allowed.update(**fields):
        return None
    return Line.objects.create(
        conversation=conversation,
        number=row.values_list("last_line", flat=True).get(),
        client_id=client_id or uuid4(),
        kind=kind,
        role=writer.role,
        name=writer.name,
        text=text,
        folded=searchable(text) if kind == Kind.TEXT else "",
        at=now,
    )


def lines_after(conversation: Conversation, number: int) -> QuerySet[Line]:
    """Everything since that line: numbers have no gaps, so nothing can be missing before it."""
    return conversation.lines.filter(number__gt=number).order_by("number")


def mark_read(conversation: Conversation, writer: Writer, number: int, now: datetime) -> bool:
    """The person has seen the lines up to this one. False where it comes too soon to count.

    The last line's counts at once: there are no more of those than lines.
    """
    field = writer.read_field
    if not getattr(conversation, field) < number <= conversation.last_line:
        return True
    is_last = number == conversation.last_line
    if not is_last and _is_soon(getattr(conversation, writer.marked_field), now):
        return False
    behind = Q(**{f"{field}__lt": number}) & Q(last_line__gte=number)
    rows = Conversation.objects.filter(behind, pk=conversation.pk)
    if not is_last:
        rows = rows.filter(_apart(writer.marked_field, now))
    if writer.agent:
        rows = rows.filter(agent=writer.agent)
    if rows.update(**{field: number, writer.marked_field: now}):
        tell(both_sides(conversation), Topic.CHAT)
    return True


def mark_typing(conversation: Conversation, writer: Writer, now: datetime) -> None:
    """The person is writing; it holds for some seconds."""
    if _is_soon(getattr(conversation, writer.typed_field), now):
        return
    rows = Conversation.objects.filter(writer.may, pk=conversation.pk, state=State.ACTIVE)
    if rows.filter(_apart(writer.typed_field, now)).update(**{writer.typed_field: now}):
        tell(both_sides(conversation), Topic.CHAT)


def both_sides(conversation: Conversation) -> list[str]:
    """The numbers of the user and of the agent, as they are now."""
    row = Conversation.objects.filter(pk=conversation.pk)
    found = row.values_list("subscriber__number", "agent__subscriber__number")
    return [number for pair in found for number in pair if number]


def _is_soon(before: datetime | None, now: datetime) -> bool:
    """By the row that was read anyway, so that what does not count writes nothing."""
    return before is not None and before > now - SIGNS_APART


def _apart(field: str, now: datetime) -> Q:
    """The same by the row as it is, for those that come at once."""
    return Q(**{field: None}) | Q(**{f"{field}__lte": now - SIGNS_APART})


def _slow_down(conversation: Conversation, writer: Writer, now: datetime) -> None:
    lines = conversation.lines.filter(role=writer.role, at__gt=now - LINES_WITHIN)
    if lines.count() >= MOST_LINES:
        log.warning("refused: too many lines of the chat by one %s", writer.role)
        raise TooFast(
            _("Escribes muy deprisa. Espera unos segundos y envíalo otra vez; el texto sigue aquí.")
        )


def _why_over(conversation: Conversation) -> str:
    state = Conversation.objects.values_list("state", flat=True).get(pk=conversation.pk)
    if state in OPEN:
        return _("Esta conversación ya no es tuya: la lleva otro agente o ha vuelto a la espera.")
    return _("La conversación ha terminado y no se ha enviado. Empieza otra si hace falta.")
