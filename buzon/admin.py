"""Options of mailboxes and the outbox of notices, for administrators."""

from django.contrib import admin

from buzon.models import MailboxOptions, NoticedMessage
from portal.admin.reading import ReadOnlyAdmin


@admin.register(MailboxOptions)
class MailboxOptionsAdmin(ReadOnlyAdmin):
    """Who is told of messages, where; to read, for it is each person's choice."""

    list_display = ["subscriber", "notice", "email", "temporary_until"]
    list_filter = ["notice"]
    list_select_related = ["subscriber"]
    search_fields = ["subscriber__number", "subscriber__display_name", "email"]


@admin.register(NoticedMessage)
class NoticedMessageAdmin(ReadOnlyAdmin):
    """What was sent, and what could not be and why."""

    list_display = ["found_at", "subscriber", "state", "tries", "next_try", "error"]
    list_filter = ["state"]
    list_select_related = ["subscriber"]
    search_fields = ["subscriber__number", "mailbox"]
