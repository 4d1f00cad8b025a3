"""What the link does for contacts."""

from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from agenda.models import Contact

AT_ONCE = 1000


def empty_bins() -> None:
    """Remove for good what has been in a bin for ``settings.BIN_DAYS``, a part at a time."""
    over = timezone.now() - timedelta(days=settings.BIN_DAYS)
    due = Contact.objects.filter(binned_at__lt=over).order_by("binned_at")
    Contact.objects.filter(pk__in=list(due.values_list("pk", flat=True)[:AT_ONCE])).delete()
