"""What a subscriber shares with other calendars: subscriptions, an upload, a secret address."""

import re
from hashlib import sha256
from typing import Any

from django.db import models
from django.utils.crypto import get_random_string, salted_hmac
from django.utils.translation import gettext_lazy as _

from portal.models import Subscriber

LONGEST_URL = 2_000


class FeedQuerySet(models.QuerySet[Any]):
    """Subscriptions."""

    def in_use(self) -> "FeedQuerySet":
        """Those that nobody removed."""
        return self.filter(removed_at=None)


class CalendarFeed(models.Model):
    """A calendar elsewhere whose busy times send calls away; read again every quarter of an hour.

    ``content`` is the last good answer as it came; ``error`` is why the latest one was not good,
    ``""`` if it was. A removed one stays for a while, so that it can be brought back; one that is
    switched off is still read, but sends no calls anywhere.
    """

    subscriber = models.ForeignKey(
        Subscriber, on_delete=models.CASCADE, related_name="feeds", verbose_name=_("usuario")
    )
    name = models.CharField(_("nombre"), max_length=60)
    url = models.CharField(_("dirección"), max_length=LONGEST_URL)
    destination = models.CharField(_("destino"), max_length=20)
    enabled = models.BooleanField(_("activa"), default=True)
    content = models.BinaryField(default=bytes)
    etag = models.CharField(max_length=300, blank=True)
    last_modified = models.CharField(max_length=100, blank=True)
    fetched_at = models.DateTimeField(null=True)
    tried_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField(db_index=True)
    failures = models.PositiveSmallIntegerField(default=0)
    error = models.CharField(max_length=300, blank=True)
    remark = models.CharField(max_length=300, blank=True)
    removed_at = models.DateTimeField(null=True)

    objects = FeedQuerySet.as_manager()

    class Meta:
        verbose_name = _("suscripción a un calendario")
        verbose_name_plural = _("suscripciones a calendarios")
        ordering = ["name", "pk"]

    def __str__(self) -> str:
        return self.name

    @property
    def uid_prefix(self) -> str:
        """How the UIDs of its events begin."""
        return f"feed-{self.pk}-"


def feed_of(subscriber: Subscriber, uid: str) -> CalendarFeed | None:
    """The subscription by which an event of that UID came, if it did."""
    named = re.match("feed-([0-9]{1,18})-", uid)
    if not named:
        return None
    found: CalendarFeed | None = (
        CalendarFeed.objects.in_use().filter(subscriber=subscriber, pk=named[1]).first()
    )
    return found


class CalendarUpload(models.Model):
    """A file between its preview and its import; one a subscriber, and not for long."""

    subscriber = models.OneToOneField(
        Subscriber, on_delete=models.CASCADE, related_name="calendar_upload"
    )
    content = models.BinaryField()
    uploaded_at = models.DateTimeField(db_index=True)

    class Meta:
        verbose_name = _("calendario subido")
        verbose_name_plural = _("calendarios subidos")

    def __str__(self) -> str:
        return str(self.subscriber)


class CalendarShare(models.Model):
    """The secret address under which a subscriber's calendar can be read.

    The secret itself is not here: it comes from ``nonce`` and the installation's key, and a reader
    is known by the secret's digest.
    """

    subscriber = models.OneToOneField(
        Subscriber, on_delete=models.CASCADE, related_name="calendar_share"
    )
    nonce = models.CharField(max_length=32)
    digest = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField()

    class Meta:
        verbose_name = _("calendario compartido")
        verbose_name_plural = _("calendarios compartidos")

    def __str__(self) -> str:
        return str(self.subscriber)

    @property
    def secret(self) -> str:
        """256 bits as text, or ``""`` where the installation's key is another by now."""
        secret = secret_of(self.subscriber, self.nonce)
        return secret if digest_of(secret) == self.digest else ""


def new_nonce() -> str:
    """What makes a secret another one."""
    return get_random_string(32)


def secret_of(subscriber: Subscriber, nonce: str) -> str:
    """The secret that belongs to a nonce."""
    value = f"{subscriber.pk} {nonce}"
    return salted_hmac("desvios.calendar.share", value, algorithm="sha256").hexdigest()


def digest_of(secret: str) -> str:
    """What is stored of a secret, and looked up by."""
    return sha256(secret.encode()).hexdigest()
