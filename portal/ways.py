"""Where a page goes after a change: back to where the button stood, and nowhere outside."""

from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme


def own_address(request: HttpRequest, way: str) -> str:
    """The address if it is one of the portal's, else ``""``."""
    fits = url_has_allowed_host_and_scheme(
        way, {request.get_host()}, require_https=request.is_secure()
    )
    return way if fits else ""


def way_back(request: HttpRequest, otherwise: str) -> str:
    """The page that the button stood on (``next``), if it is one of ours; else that view's."""
    way = request.GET.get("next") or request.POST.get("next", "")
    return own_address(request, way) or reverse(otherwise)
