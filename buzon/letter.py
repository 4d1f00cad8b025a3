"""The e-mail that tells of a message."""

from django.conf import settings
from django.core.mail import EmailMessage
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from buzon.listing import Row
from buzon.models import MailboxOptions
from portal import dates
from portal.pbx import get_pbx
from portal.pbx.errors import Ambiguous
from portal.templatetags.portal import duracion

MOST_ATTACHED = 10 * 1024 * 1024
"""Bytes of sound: some ten minutes. Many mail servers refuse what is larger."""


def letter(options: MailboxOptions, row: Row) -> EmailMessage:
    """The notice of a message to its owner, as the owner chose it.

    Raises ``NotFound`` where the message went away meanwhile, and ``PBXUnavailable``.
    """
    subscriber, message = options.subscriber, row.message
    sound = _sound(options, row)
    at = timezone.localtime(message.received_at, subscriber.zone)
    lines = [
        _("Tienes un mensaje de voz de %s.") % row.name,
        "",
        _("Recibido: %s") % f"{dates.written(at, dates.LONG_WITH_YEAR)}, {at:%H:%M}",
        _("Duración: %s") % duracion(message.seconds),
        *([_("Te lo ha reenviado %s.") % row.sender] if row.sender else []),
        *([row.note] if row.note else []),
        "",
        _("Escúchalo en %s")
        % f"{settings.ADDRESS}{reverse('buzon:mensaje', args=[message.msg_id])}",
    ]
    if sound is None and options.notice == MailboxOptions.Notice.RECORDING:
        lines.append(_("La grabación es demasiado larga para ir en este correo."))
    mail = EmailMessage(
        subject=" ".join((_("Mensaje de voz de %s") % row.name).split()),
        body="\n".join(lines),
        to=[options.email],
        # The same for every try, so that a reader's program shows one of two.
        headers={"Message-ID": f"<{message.msg_id}.{subscriber.number}@{_host()}>"},
    )
    if sound:
        mail.attach(f"{at:%Y-%m-%d-%H%M}.wav", sound, "audio/wav")
    return mail


def _host() -> str:
    host: str = settings.ADDRESS.partition("://")[2].partition("/")[0].partition(":")[0]
    return host


def _sound(options: MailboxOptions, row: Row) -> bytes | None:
    """The recording, where it was asked for and is not too large."""
    if options.notice != MailboxOptions.Notice.RECORDING:
        return None
    try:
        mailbox = options.subscriber.mailbox
        with get_pbx().voicemail.open_sound(mailbox, row.message.msg_id) as file:
            sound = file.read(MOST_ATTACHED + 1)
    except Ambiguous:
        return None
    return sound if len(sound) <= MOST_ATTACHED else None
