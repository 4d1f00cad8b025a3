"""The one gate: whose pages these are. The subscriber comes from the login, never from the URL."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse

from portal.models import Subscriber

View = Callable[..., HttpResponse]


class SubscriberRequest(HttpRequest):
    """A request that passed the gate."""

    subscriber: Subscriber
    htmx: Any  # django-htmx's details; false for a page that is loaded whole


def subscriber_of(request: Any) -> Subscriber | None:
    """The subscriber who is logged in, looked up once a request."""
    if not hasattr(request, "subscriber"):
        found = None
        if request.user.is_authenticated:
            related = Subscriber.objects.select_related("call_class", "forward_class", "user")
            found = related.filter(user=request.user).first()
        request.subscriber = found
    subscriber: Subscriber | None = request.subscriber
    return subscriber


def subscriber_required(view: View) -> View:
    """Let only subscribers in; the view finds them in ``request.subscriber``."""

    @login_required
    @wraps(view)
    def guarded(request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        if subscriber_of(request) is None:
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return guarded
