"""The conversations there were: to look at, and to take away."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase, StreamingHttpResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from chat.admin.file import lines
from chat.models import Conversation
from chat.transcript import transcript
from portal.admin.reading import ReadOnlyAdmin
from portal.templatetags.portal import duracion, motivo


@admin.register(Conversation)
class ConversationAdmin(ReadOnlyAdmin):
    """Filtered by service, agent, state and day; what is shown can be exported."""

    list_display = [
        *("moment", "service", "subscriber", "agent", "state"),
        *("waited", "why", "rating"),
    ]
    list_display_links = ["moment"]
    list_filter = ["service", "state", "agent", "rating"]
    list_select_related = ["service", "subscriber", "agent"]
    list_per_page = 50
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    date_hierarchy = "opened_at"
    search_fields = ["subscriber__number", "subscriber__display_name"]
    fields = [
        *("service", "subscriber", "agent", "state", "opened_at", "taken_at", "closed_at"),
        *("why", "rating", "rating_comment", "said", "notes", "ways"),
    ]
    change_list_template = "admin/chat/conversation/change_list.html"

    @admin.display(description=gettext_lazy("empezada"), ordering="opened_at")
    def moment(self, conversation: Conversation) -> str:
        """To the second."""
        return timezone.localtime(conversation.opened_at).strftime("%Y-%m-%d %H:%M:%S")

    @admin.display(description=gettext_lazy("espera"))
    def waited(self, conversation: Conversation) -> str:
        """Until an agent took it."""
        return duracion(conversation.seconds_waited(timezone.now()))

    @admin.display(description=gettext_lazy("motivo"), ordering="close_reason")
    def why(self, conversation: Conversation) -> str:
        """The reason that the agent gave on closing it."""
        return motivo(conversation.close_reason)

    @admin.display(description=gettext_lazy("lo que se dijo"))
    def said(self, conversation: Conversation) -> SafeString:
        """All lines."""
        return _list(transcript(conversation))

    @admin.display(description=gettext_lazy("notas"))
    def notes(self, conversation: Conversation) -> SafeString:
        """What agents wrote for each other."""
        rows = conversation.notes.select_related("agent")
        return _list(f"{row.agent}: {row.text}" for row in rows)

    @admin.display(description=gettext_lazy("ofrecimientos y traspasos"))
    def ways(self, conversation: Conversation) -> SafeString:
        """To whom it was offered and what came of it, and who passed it on."""
        offers = conversation.offers.select_related("agent")
        given = conversation.hand_overs.select_related("giver", "receiver", "service")
        rows = [(row.at, f"{row.agent}: {row.get_outcome_display()}") for row in offers]
        rows += [(row.at, f"{row.giver} → {row.receiver or row.service}") for row in given]
        return _list(f"{timezone.localtime(at):%H:%M:%S} {text}" for at, text in sorted(rows))

    def get_urls(self) -> list[URLPattern]:
        """Also the file."""
        file = self.admin_site.admin_view(self.exportar_conversaciones)
        return [path("exportar/", file, name="exportar_conversaciones"), *super().get_urls()]

    def exportar_conversaciones(self, request: HttpRequest) -> HttpResponseBase:
        """All that the same address shows in the list, as CSV, sent while it is read."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        found: Any = self.get_changelist_instance(request).get_queryset(request)
        answer = StreamingHttpResponse(lines(found), content_type="text/csv; charset=utf-8")
        name = _("conversaciones %s.csv") % timezone.localdate().isoformat()
        answer["Content-Disposition"] = f'attachment; filename="{name}"'
        return answer


def _list(texts: Any) -> SafeString:
    return format_html_join("", '<span class="line">{}</span>', ((text,) for text in texts))
