"""The one gate: whose pages these are. The subscriber comes from the login, never from the URL."""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils import timezone, translation
from django.utils.cache import add_never_cache_headers, patch_vary_headers

from portal.models import Subscriber

View = Callable[..., HttpResponse]
Answer = TypeVar("Answer", bound=HttpResponseBase)


class SubscriberRequest(HttpRequest):
    """A request that passed the gate."""

    subscriber: Subscriber
    htmx: Any  # django-htmx's details; false for a page that is loaded whole


def subscriber_of(request: Any) -> Subscriber | None:
    """The subscriber who is logged in, looked up once a request."""
    if not request.user.is_authenticated:
        return None  # and not remembered: the request may be the one that logs somebody in
    if not hasattr(request, "subscriber"):
        related = Subscriber.objects.select_related("call_class", "forward_class", "user")
        request.subscriber = related.filter(user=request.user).first()
    subscriber: Subscriber | None = request.subscriber
    return subscriber


def local_time(get_response: View) -> View:
    """Middleware: pages tell the time and speak the language of the person who is logged in.

    No browser keeps them, unless their view says how.
    """

    def respond(request: Any) -> HttpResponse:
        subscriber = subscriber_of(request)
        if subscriber and subscriber.language in dict(settings.LANGUAGES):
            translation.activate(subscriber.language)
        with timezone.override(subscriber.zone if subscriber else None):
            response = get_response(request)
        patch_vary_headers(response, ["Cookie"])  # one of them may hold the language
        if request.user.is_authenticated and not response.has_header("Cache-Control"):
            add_never_cache_headers(response)
        return response

    return respond


def subscriber_required(view: Callable[..., Answer]) -> Callable[..., Answer]:
    """Let only subscribers in; the view finds them in ``request.subscriber``.

    Without a login a page goes to the door, and a part of a page is answered with 401: the open
    page says that the session has ended, and keeps what is on it.
    """

    @login_required
    def enter(request: Any, *args: Any, **kwargs: Any) -> Answer:
        if subscriber_of(request) is None:
            raise PermissionDenied
        return view(request, *args, **kwargs)

    @wraps(view)
    def guarded(request: Any, *args: Any, **kwargs: Any) -> Any:
        if request.htmx and not request.user.is_authenticated:
            return HttpResponse(status=401)
        return enter(request, *args, **kwargs)

    return guarded
