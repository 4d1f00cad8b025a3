"""Where a change is undone."""

from django.urls import reverse

from portal.models import AuditEvent


def undo_address(event: AuditEvent) -> str:
    """Where the change is undone."""
    return reverse("agenda:deshacer", args=[event.pk])
