"""The log of changes: who changed what, before and after, from where. To read, and to take away."""

from typing import Any

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet, TextField
from django.db.models.functions import Cast
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from portal.admin import log_file
from portal.admin.log_filter import AskedFilter, KindFilter, in_stored_text
from portal.admin.log_words import (
    after_in_words,
    before_in_words,
    changes_in_words,
    shortened,
)
from portal.admin.reading import ReadOnlyAdmin
from portal.models import AuditEvent


@admin.register(AuditEvent)
class AuditEventAdmin(ReadOnlyAdmin):
    """Filtered by person, subscriber, kind, period and text; what is shown can be exported."""

    list_display = ["moment", "actor_name", "about", "action", "what", "address"]
    list_display_links = ["moment"]
    list_filter = [AskedFilter, ("action", KindFilter)]
    show_facets = admin.ShowFacets.NEVER
    list_select_related = ["subscriber"]
    list_per_page = 50
    show_full_result_count = False
    search_fields = ["actor_name"]  # shows the field; get_search_results says what is found
    search_help_text = gettext_lazy("Lo que pone en el cambio, antes o después")
    fields = [
        *("at", "actor_name", "address", "request_id"),
        *("about", "action", "was_whole", "became_whole"),
    ]
    change_list_template = "admin/portal/auditevent/change_list.html"

    class Media:
        css = {"all": ["css/administration.css"]}

    @admin.display(description=gettext_lazy("cuándo"), ordering="at")
    def moment(self, event: AuditEvent) -> str:
        """To the second: changes come close together."""
        return timezone.localtime(event.at).strftime("%Y-%m-%d %H:%M:%S")

    @admin.display(description=gettext_lazy("usuario de telefonía"), ordering="subscriber_number")
    def about(self, event: AuditEvent) -> str:
        """Whose it is; the number alone where the subscriber is gone."""
        return str(event.subscriber or event.subscriber_number)

    @admin.display(description=gettext_lazy("antes → después"))
    def what(self, event: AuditEvent) -> SafeString:
        """What was there and what there is since, as much of it as fits."""
        return _lines(shortened(changes_in_words(event)))

    @admin.display(description=gettext_lazy("antes"))
    def was_whole(self, event: AuditEvent) -> SafeString:
        """All that was there."""
        return _lines(before_in_words(event))

    @admin.display(description=gettext_lazy("después"))
    def became_whole(self, event: AuditEvent) -> SafeString:
        """All that there is since."""
        return _lines(after_in_words(event))

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """The list, by its name."""
        return super().changelist_view(request, {"title": _("Registro de cambios")})

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[AuditEvent], search_term: str
    ) -> tuple[QuerySet[AuditEvent], bool]:
        """Each word somewhere in what was before or after."""
        if search_term.strip():
            queryset = queryset.annotate(
                was_text=Cast("before", TextField()), became_text=Cast("after", TextField())
            )
        for word in search_term.split():
            stored = in_stored_text(word)
            queryset = queryset.filter(
                Q(was_text__icontains=stored) | Q(became_text__icontains=stored)
            )
        return queryset, False

    def get_urls(self) -> list[URLPattern]:
        """Also the file."""
        file = self.admin_site.admin_view(self.exportar_cambios)
        return [path("exportar/", file, name="exportar_cambios"), *super().get_urls()]

    def exportar_cambios(self, request: HttpRequest) -> HttpResponseBase:
        """All that the same address shows in the list, as CSV, sent while it is read."""
        return _file(self, request)


@require_GET
def _download(request: HttpRequest, events: QuerySet[AuditEvent]) -> HttpResponseBase:
    lines = log_file.lines(events)
    response = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
    name = _("cambios %s.csv") % timezone.localdate().isoformat()
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _file(model_admin: AuditEventAdmin, request: HttpRequest) -> HttpResponseBase:
    if not model_admin.has_view_permission(request):
        raise PermissionDenied
    changes: ChangeList = model_admin.get_changelist_instance(request)
    return _download(request, changes.get_queryset(request))


def _lines(lines: list[str]) -> SafeString:
    return format_html_join("", '<span class="line">{}</span>', ((line,) for line in lines))
