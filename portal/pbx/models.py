"""The call records, how far each file of them is read, and what each node has confirmed."""

from datetime import datetime

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class CallRecordQuerySet(models.QuerySet["CallRecord"]):
    """Legs of calls."""

    def latest_where(self, field: str, number: str, limit: int) -> "CallRecordQuerySet":
        """The latest legs with this number in one field: one walk along that field's index."""
        rows = self.filter(**{field: number})
        if field == "diverter":  # says that the partial index will do
            rows = rows.exclude(diverter="")
        return rows.order_by("-started")[:limit]


class CallRecord(models.Model):
    """One leg of a call, as Asterisk's ``cdr_custom`` writes it. Times are UTC, lengths seconds.

    ``dialed`` is the subscriber whom the caller wanted; ``diverter`` the last one who sent the call
    on, by the rule ``divreason`` (a ``types.Reason``); the dialplan kit sets the three.
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

    objects = CallRecordQuerySet.as_manager()

    class Meta:
        verbose_name = _("registro de llamada")
        verbose_name_plural = _("registros de llamadas")
        constraints = [
            models.UniqueConstraint(
                fields=["node", "uniqueid", "sequence"], name="call_record_once"
            )
        ]
        indexes = [
            models.Index(fields=["src", "-started"], name="call_src"),
            models.Index(fields=["dst", "-started"], name="call_dst"),
            models.Index(fields=["dialed", "-started"], name="call_dialed"),
            models.Index(
                fields=["diverter", "-started"], name="call_diverter", condition=~Q(diverter="")
            ),
            models.Index(fields=["linkedid"], name="call_linkedid"),
        ]

    def __str__(self) -> str:
        return f"{self.started:%Y-%m-%d %H:%M:%S} {self.src} → {self.dst} {self.disposition}"


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
    """The latest revision of a subscriber's plan that a node confirmed."""

    node = models.CharField(_("nodo"), max_length=40)
    subscriber = models.CharField(_("número"), max_length=15)
    revision = models.PositiveIntegerField(_("revisión"))
    confirmed_at: "models.DateTimeField[datetime, datetime]" = models.DateTimeField(
        _("confirmada el")
    )

    class Meta:
        verbose_name = _("plan confirmado")
        verbose_name_plural = _("planes confirmados")
        constraints = [
            models.UniqueConstraint(fields=["node", "subscriber"], name="node_plan_once")
        ]

    def __str__(self) -> str:
        return f"{self.node} {self.subscriber}: {self.revision}"
