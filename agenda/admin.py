"""Contacts for the administrator: the company's book is kept here."""

from django.contrib import admin

from agenda.models import Contact


@admin.register(Contact)
class ContactAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Both books; users see the company's read-only."""

    list_display = ["display_name", "number", "number_type", "company", "book", "owner"]
    list_filter = ["book", "number_type"]
    search_fields = ["first_name", "last_name", "display_name", "company", "number"]
    autocomplete_fields = ["owner"]
