"""Where to go after a change, and where it is undone."""

from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from portal.models import AuditEvent


def own_address(request: HttpRequest, way: str) -> str:
    """The address if it is one of the portal's, else ``""``."""
    fits = url_has_allowed_host_and_scheme(
        way, {request.get_host()}, require_https=request.is_secure()
    )
    return way if fits else ""


def way_back(request: HttpRequest, otherwise: str = "agenda:agenda") -> str:
    """The page that the button stood on, if it is one of ours; else the one of that name."""
    way = request.GET.get("next") or request.POST.get("next", "")
    return own_address(request, way) or reverse(otherwise)


def undo_address(event: AuditEvent) -> str:
    """Where the change is undone."""
    return reverse("agenda:deshacer", args=[event.pk])
