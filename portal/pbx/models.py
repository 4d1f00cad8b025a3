"""The call records, how far each file of them is read, and what each node has confirmed."""

from datetime import datetime

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class CallRecord(models.Model):
    """One leg of a call, as Asterisk's ``cdr_custom`` writes it. Times are UTC, lengths seconds.

    ``dialed`` is the subscriber whom the caller wanted; ``diverter`` the last one who sent the call
    on, by the rule ``divreason`` (a ``types.Reason``); the dialplan kit sets the three. ``merged``
    is true once the leg is part of ``CallEntry``; whoever else writes legs leaves it null.
    """

    node = models.CharField(max_length=40)
    uniqueid = models.CharField(max_length=150)
    sequence = models.BigIntegerField()
    linkedid = models.CharField(max_length=150)
    started = models.DateTimeField()
    answered = models.DateTimeField(null=True)
    ended = models.DateTimeField()
    clid = models.CharField(max_length=160, blank=True)
    src = models.CharField(max_length=80, blank=True)
    dst = models.CharField(max_length=80, blank=True)
    dialed = models.CharField(max_length=80, blank=True)
    diverter = models.CharField(max_length=80, blank=True)
    divreason = models.CharField(max_length=20, blank=True)
    channel = models.CharField(max_length=150, blank=True)
    dstchannel = models.CharField(max_length=150, blank=True)
    lastapp = models.CharField(max_length=40, blank=True)
    duration = models.FloatField(default=0)
    billsec = models.FloatField(default=0)
    disposition = models.CharField(max_length=20, blank=True)
    accountcode = models.CharField(max_length=80, blank=True)
    merged = models.BooleanField(null=True)

    class Meta:
        verbose_name = _("registro de llamada")
        verbose_name_plural = _("registros de llamadas")
        constraints = [
            models.UniqueConstraint(
                fields=["node", "uniqueid", "sequence"], name="call_record_once"
            )
        ]
        indexes = [
            models.Index(fields=["linkedid"], name="call_linkedid"),
            models.Index(fields=["started"], name="call_started"),
            # MariaDB has no partial indexes; there a migration makes one of ``merged``.
            models.Index(fields=["id"], condition=Q(merged=None), name="call_unmerged"),
        ]

    def __str__(self) -> str:
        return f"{self.started:%Y-%m-%d %H:%M:%S} {self.src} → {self.dst} {self.disposition}"


class CallEntry(models.Model):
    """One call as one subscriber sees it: what ``cdr.merging`` makes of the call's legs.

    Written again whenever a leg comes late; keeps its ``id`` then. ``other`` is the other party in
    dialled form, "" where withheld; ``called`` what the caller dialled, in calls received.
    """

    class Kind(models.IntegerChoices):
        """What searches tell apart; ``types.CallKind`` are unions of these."""

        RECEIVED = 1
        MISSED = 2
        VOICEMAIL = 3
        FORWARDED = 4
        LOST = 5  # forwarded, and nobody answered there
        MADE = 6
        TRIED = 7  # made, and nobody answered
        ELSEWHERE = 8

    node = models.CharField(max_length=40)
    linkedid = models.CharField(max_length=150)
    subscriber = models.CharField(max_length=15)
    started: "models.DateTimeField[datetime, datetime]" = models.DateTimeField()
    kind = models.PositiveSmallIntegerField(choices=Kind)
    other = models.CharField(max_length=20, blank=True)
    other_name = models.CharField(max_length=80, blank=True)
    called = models.CharField(max_length=20, blank=True)
    result = models.CharField(max_length=10)
    seconds = models.PositiveIntegerField(default=0)
    forwarded_to = models.CharField(max_length=20, blank=True)
    reason = models.CharField(max_length=20, blank=True)
    voicemail_at: "models.DateTimeField[datetime | None, datetime | None]" = models.DateTimeField(
        null=True
    )

    class Meta:
        verbose_name = _("llamada de un usuario")
        verbose_name_plural = _("llamadas de los usuarios")
        constraints = [
            models.UniqueConstraint(
                fields=["linkedid", "subscriber", "node"], name="call_entry_once"
            )
        ]
        indexes = [
            models.Index(fields=["subscriber", "started", "id", "kind", "other"], name="entry_all"),
            models.Index(fields=["subscriber", "kind", "started", "id"], name="entry_kind"),
            models.Index(
                fields=["subscriber", "other", "kind", "started", "id"], name="entry_other"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.started:%Y-%m-%d %H:%M:%S} {self.subscriber} {self.other} {self.result}"


class ImportPosition(models.Model):
    """How far one file of call records is read; kept in one transaction with what was read."""

    node = models.CharField(max_length=40)
    inode = models.BigIntegerField()
    offset = models.BigIntegerField(default=0)
    head = models.CharField(max_length=64, default="")
    read_at = models.DateTimeField()

    class Meta:
        verbose_name = _("posición de lectura")
        verbose_name_plural = _("posiciones de lectura")
        constraints = [
            models.UniqueConstraint(fields=["node", "inode"], name="import_position_once")
        ]

    def __str__(self) -> str:
        return f"{self.node} {self.inode}: {self.offset}"


class NodePlan(models.Model):
    """The latest revision of a subscriber's plan that a node confirmed.

    ``absorbed`` is the stamp up to which the database has what was changed at telephones there.
    """

    node = models.CharField(_("nodo"), max_length=40)
    subscriber = models.CharField(_("número"), max_length=15)
    revision = models.PositiveIntegerField(_("revisión"))
    confirmed_at: "models.DateTimeField[datetime, datetime]" = models.DateTimeField(
        _("confirmada el")
    )
    absorbed = models.BigIntegerField(default=0)

    class Meta:
        verbose_name = _("plan confirmado")
        verbose_name_plural = _("planes confirmados")
        constraints = [
            models.UniqueConstraint(fields=["node", "subscriber"], name="node_plan_once")
        ]

    def __str__(self) -> str:
        return f"{self.node} {self.subscriber}: {self.revision}"
