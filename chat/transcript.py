"""A conversation as a text."""

from collections.abc import Iterator

from django.utils import timezone
from django.utils.translation import gettext as _

from chat.models import Conversation, Kind, Line
from chat.text import shown
from chat.wording import event


def transcript(conversation: Conversation) -> Iterator[str]:
    """Line by line, each with its moment and whose it is."""
    for line in conversation.lines.all():
        at = timezone.localtime(line.at).strftime("%Y-%m-%d %H:%M:%S")
        yield f"{at}  {_said(line)}"


def as_file(conversation: Conversation) -> str:
    """With a heading; lines end as every system reads them."""
    heading = _("Conversación con %(service)s, empezada a las %(when)s") % {
        "service": conversation.service.title,
        "when": timezone.localtime(conversation.opened_at).strftime("%Y-%m-%d %H:%M"),
    }
    text = "\n".join([heading, "", *transcript(conversation), ""])
    return text.replace("\n", "\r\n")


def _said(line: Line) -> str:
    if line.kind != Kind.TEXT:
        return f"— {event(line)}"
    text = shown(line.text).replace("\n", "\n" + " " * 21)  # so that no line looks like another's
    return f"{shown(line.name)}: {text}"
