"""Contacts, what belongs to them, and what finds them."""

from agenda.models.contacts import VISIBLE, Contact, ContactQuerySet, write_words
from agenda.models.parts import ContactNumber, ContactWord, Favourite, NumberType

__all__ = [
    "VISIBLE",
    "Contact",
    "ContactNumber",
    "ContactQuerySet",
    "ContactWord",
    "Favourite",
    "NumberType",
    "write_words",
]
