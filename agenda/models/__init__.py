"""Contacts, what belongs to them, and what finds them."""

from agenda.exchange.models import ContactImport, ImportedContact, ImportRow
from agenda.models.contacts import VISIBLE, Contact, ContactQuerySet, write_words
from agenda.models.parts import ContactNumber, ContactWord, Favourite, NumberType, ToldApart

__all__ = [
    "VISIBLE",
    "Contact",
    "ContactImport",
    "ContactNumber",
    "ContactQuerySet",
    "ContactWord",
    "Favourite",
    "ImportRow",
    "ImportedContact",
    "NumberType",
    "ToldApart",
    "write_words",
]
