"""What members of queues may do, for administrators."""

from django.contrib import admin

from ajustes.models import QueueRights


@admin.register(QueueRights)
class QueueRightsAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Queues by the name that the telephone system knows them by."""

    list_display = ["name", "title", "may_pause", "penalty"]
    search_fields = ["name", "title"]
    autocomplete_fields = ["agents"]
