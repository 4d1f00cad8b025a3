"""Services, agents and conversations, for administrators and supervisors."""

from django.contrib import admin

from chat.models import OpenHours, Service


class OpenHoursInline(admin.TabularInline):  # type: ignore[type-arg]
    """The hours of a service."""

    model = OpenHours
    extra = 1


@admin.register(Service)
class ServiceAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Which queues offer chat, and when."""

    list_display = ["title", "queue", "is_offered", "answer_within", "position"]
    search_fields = ["title", "queue"]
    inlines = [OpenHoursInline]
