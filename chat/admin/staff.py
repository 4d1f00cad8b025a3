"""Which queues answer in writing, and who attends them."""

from django.contrib import admin
from django.http import HttpRequest

from chat.models import Agent, CallbackTask, OpenHours, Service
from portal.admin.audited import AuditedAdmin
from portal.admin.reading import ReadOnlyAdmin


class OpenHoursInline(admin.TabularInline):  # type: ignore[type-arg]
    """The hours of a service."""

    model = OpenHours
    extra = 1


@admin.register(Service)
class ServiceAdmin(AuditedAdmin):
    """Which queues offer chat, and when."""

    list_display = ["title", "queue", "is_offered", "answer_within", "position"]
    search_fields = ["title", "queue"]
    filter_horizontal = ["holiday_calendars"]
    inlines = [OpenHoursInline]


@admin.register(Agent)
class AgentAdmin(AuditedAdmin):
    """How many conversations each may have; who is one, the telephone system says."""

    list_display = ["name", "number", "limit", "seen_at"]
    list_select_related = ["subscriber"]
    search_fields = ["name", "subscriber__number"]
    fields = ["name", "limit"]
    readonly_fields = ["name"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Agent | None = None) -> bool:
        return False


@admin.register(CallbackTask)
class CallbackTaskAdmin(ReadOnlyAdmin):
    """Who wants to be called, and who called."""

    list_display = ["made_at", "number", "conversation", "done_at", "done_by"]
    list_filter = [("done_at", admin.EmptyFieldListFilter), "conversation__service"]
    list_select_related = ["conversation__service", "conversation__subscriber", "done_by"]
    search_fields = ["number"]
