"""What ends with time."""

from datetime import datetime, timedelta

from django.conf import settings
from django.utils import timezone

from chat.models import Conversation

BATCH = 500


def forget_old(now: datetime | None = None) -> None:
    """A job of the link: remove ended conversations after ``settings.CHAT_DAYS``, for good.

    Those that somebody still has to be called about stay.
    """
    if not settings.CHAT_DAYS:
        return
    before = (now or timezone.now()) - timedelta(days=settings.CHAT_DAYS)
    old = Conversation.objects.filter(closed_at__lt=before)
    old = old.exclude(callback__isnull=False, callback__done_at__isnull=True)
    while batch := list(old.order_by("closed_at").values_list("pk", flat=True)[:BATCH]):
        Conversation.objects.filter(pk__in=batch).delete()
