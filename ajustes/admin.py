"""What members of queues may do, for administrators."""

from django.contrib import admin

from ajustes.models import QueueRights
from portal.admin.audited import AuditedAdmin


@admin.register(QueueRights)
class QueueRightsAdmin(AuditedAdmin):
    """Queues by the name that the telephone system knows them by."""

    list_display = ["name", "title", "may_pause", "penalty"]
    search_fields = ["name", "title"]
    autocomplete_fields = ["agents"]
