"""What goes on in the chat now."""

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from chat.figures import figures
from chat.models import Service


@require_GET
def chat_ahora(request: HttpRequest) -> HttpResponse:
    """Each service: who waits, who attends, and how it has gone since midnight."""
    if not request.user.has_perm("chat.view_conversation"):
        raise PermissionDenied
    now = timezone.now()
    midnight = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    context = {
        **admin.site.each_context(request),
        "title": _("Chat ahora"),
        "services": [figures(each, now, midnight) for each in Service.objects.all()],
        "now": now,
    }
    return TemplateResponse(request, "admin/chat_ahora.html", context)
