"""Options of mailboxes and the outbox of notices, for administrators."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from buzon.models import MailboxOptions, NoticedMessage


@admin.register(MailboxOptions)
class MailboxOptionsAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Who is told of messages, where; to read, for it is each person's choice."""

    list_display = ["subscriber", "notice", "email", "temporary_until"]
    list_filter = ["notice"]
    list_select_related = ["subscriber"]
    search_fields = ["subscriber__number", "subscriber__display_name", "email"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(NoticedMessage)
class NoticedMessageAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """What was sent, and what could not be and why."""

    list_display = ["found_at", "subscriber", "state", "tries", "next_try", "error"]
    list_filter = ["state"]
    list_select_related = ["subscriber"]
    search_fields = ["subscriber__number", "mailbox"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
