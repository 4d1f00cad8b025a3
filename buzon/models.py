"""What the portal knows about mailboxes that the telephone system does not.

The spool is the truth about messages: a row whose message is elsewhere, or gone, says nothing.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _

from portal.models import Subscriber

LONGEST_NOTE = 500
LONGEST_ID = 80


class MailboxOptions(models.Model):
    """What a subscriber chose. ``temporary_until`` is the end of the temporary greeting."""

    class Notice(models.TextChoices):
        """What is sent when a message arrives."""

        NONE = "none", _("No avisar")
        NOTICE = "notice", _("Un aviso con un enlace")
        RECORDING = "recording", _("Un aviso con la grabación")

    subscriber = models.OneToOneField(
        Subscriber, on_delete=models.CASCADE, related_name="mailbox_options"
    )
    email = models.EmailField(_("correo"), blank=True)
    notice = models.CharField(
        _("aviso por correo"), max_length=10, choices=Notice, default=Notice.NONE
    )
    notices_since = models.DateTimeField(null=True, editable=False)
    temporary_until = models.DateTimeField(
        _("fin del saludo temporal"), null=True, blank=True, db_index=True
    )
    looked_at = models.DateTimeField(null=True, editable=False, db_index=True)

    class Meta:
        verbose_name = _("opciones de un buzón")
        verbose_name_plural = _("opciones de los buzones")

    def __str__(self) -> str:
        return str(self.subscriber)

    @property
    def wants_notices(self) -> bool:
        """Whether anything is to be sent, and there is somewhere to send it to."""
        return self.notice != self.Notice.NONE and bool(self.email)


class BinnedMessage(models.Model):
    """When a message was put into the bin, and out of which of the telephone system's folders."""

    mailbox = models.CharField(max_length=60)
    msg_id = models.CharField(max_length=LONGEST_ID)
    folder = models.CharField(max_length=20)
    binned_at = models.DateTimeField(db_index=True)

    class Meta:
        verbose_name = _("mensaje en la papelera")
        verbose_name_plural = _("mensajes en la papelera")
        constraints = [
            models.UniqueConstraint(fields=["mailbox", "msg_id"], name="message_binned_once")
        ]

    def __str__(self) -> str:
        return f"{self.mailbox} {self.msg_id}"


class ForwardedMessage(models.Model):
    """Who sent a message on to this mailbox, and what they wrote about it."""

    mailbox = models.CharField(max_length=60)
    msg_id = models.CharField(max_length=LONGEST_ID)
    sender = models.CharField(max_length=80)
    note = models.CharField(max_length=LONGEST_NOTE, blank=True)
    at = models.DateTimeField(db_index=True)

    class Meta:
        verbose_name = _("mensaje reenviado")
        verbose_name_plural = _("mensajes reenviados")
        constraints = [
            models.UniqueConstraint(fields=["mailbox", "msg_id"], name="message_forwarded_once")
        ]

    def __str__(self) -> str:
        return f"{self.mailbox} {self.msg_id}"


class NoticedMessage(models.Model):
    """A message for which a subscriber's notice was, or is to be, sent: each is noticed once."""

    class State(models.TextChoices):
        """How far it is."""

        PENDING = "pending", _("Por enviar")
        SENT = "sent", _("Enviado")
        NEEDLESS = "needless", _("No hizo falta")
        FAILED = "failed", _("No se pudo enviar")

    subscriber = models.ForeignKey(
        Subscriber, on_delete=models.CASCADE, verbose_name=_("usuario de telefonía")
    )
    mailbox = models.CharField(_("buzón"), max_length=60)
    msg_id = models.CharField(_("mensaje"), max_length=LONGEST_ID)
    state = models.CharField(_("estado"), max_length=10, choices=State, default=State.PENDING)
    found_at = models.DateTimeField(_("visto"), db_index=True)
    next_try = models.DateTimeField(_("próximo intento"))
    tries = models.PositiveSmallIntegerField(_("intentos"), default=0)
    error = models.CharField(_("error"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("aviso de un mensaje")
        verbose_name_plural = _("avisos de mensajes")
        ordering = ["-found_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["subscriber", "mailbox", "msg_id"], name="message_noticed_once"
            )
        ]
        indexes = [
            models.Index(
                fields=["next_try"], condition=models.Q(state="pending"), name="notice_pending"
            )
        ]

    def __str__(self) -> str:
        return f"{self.mailbox} {self.msg_id} {self.state}"


def options_of(subscriber: Subscriber) -> MailboxOptions:
    """The subscriber's row, or a fresh one in which everything is off."""
    try:
        return subscriber.mailbox_options
    except MailboxOptions.DoesNotExist:
        return MailboxOptions(subscriber=subscriber)
