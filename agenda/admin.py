"""Contacts for the administrator: the company's book is kept here."""

from typing import Any

from django.conf import settings
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from agenda import proposals
from agenda.exchange.admin import ContactImportAdmin  # noqa: F401 - it registers itself
from agenda.folding import terms
from agenda.models import Contact, ContactNumber, ContactWord
from portal import phone
from portal.admin.audited import AuditedAdmin


class ContactNumberInline(admin.TabularInline):  # type: ignore[type-arg]
    """The further numbers of a contact."""

    model = ContactNumber
    extra = 1


@admin.register(Contact)
class ContactAdmin(AuditedAdmin):
    """The company's contacts; what people keep for themselves is theirs alone."""

    list_display = ["display_name", "company", "shown_number", "number_type", "email", "city"]
    list_filter = ["number_type", "province"]
    search_fields = ["display_name"]  # shows the field; get_search_results says what is found
    search_help_text = _("Nombre, empresa, número o correo")
    exclude = ["book", "owner"]
    inlines = [ContactNumberInline]
    show_full_result_count = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Contact]:
        """Only what belongs to the company."""
        return super().get_queryset(request).filter(book=Contact.Book.CORPORATE)

    @admin.display(description=_("número de teléfono"), ordering="number")
    def shown_number(self, contact: Contact) -> str:
        """Grouped as people read it."""
        return phone.display(contact.number, settings.PHONE_REGION)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Contact], search_term: str
    ) -> tuple[QuerySet[Contact], bool]:
        """As people search: by the beginnings of words, without accents."""
        for term in terms(search_term):
            words = ContactWord.objects.filter(owner__isnull=True, word__begins=term)
            queryset = queryset.filter(pk__in=words.values("contact"))
        return queryset, False

    def save_model(self, request: HttpRequest, obj: Contact, form: Any, change: bool) -> None:
        obj.book, obj.owner = Contact.Book.CORPORATE, None
        obj.province = obj.province or proposals.province(obj.postcode)
        obj.revision += change
        super().save_model(request, obj, form, change)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """The numbers of the formset are searched too."""
        super().save_related(request, form, formsets, change)
        form.instance.save()
