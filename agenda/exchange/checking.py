"""Whether a record can be a contact, and which one it would be."""

from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from agenda import proposals
from agenda.exchange.record import Record
from agenda.forms import MOST_FURTHER_NUMBERS
from agenda.models import Contact
from portal import phone

NUMBERS = "more_numbers"
NAMES = ("first_name", "last_name", "second_last_name")
DETAILS = ("company", "address", "postcode", "city", "province")
LONGEST = {
    name: Contact._meta.get_field(name).max_length or 0  # type: ignore[union-attr]
    for name in (*NAMES, *DETAILS, "display_name", "email")
}
LONGEST_SHOWN = 40


@dataclass
class Checked:
    """The contact that a record would be, or the ``problem`` with it; ``remarks`` tell what of the
    record is left out. ``data`` has the fields of a contact, and its further numbers with types."""

    data: dict[str, Any] = field(default_factory=dict)
    problem: str = ""
    remarks: list[str] = field(default_factory=list)

    @property
    def reason(self) -> str:
        """What to tell of it."""
        return (self.problem or " ".join(self.remarks))[:300]


def checked(record: Record) -> Checked:
    """Look at everything that a form would look at, and fill in what a form would propose."""
    found = Checked(problem=record.problem)
    _take_names(found, record)
    _take_numbers(found, record)
    if not found.problem:
        _take_details(found, record)
        _take_email(found, record)
    return found


def _take_names(found: Checked, record: Record) -> None:
    for name in NAMES:
        found.data[name] = getattr(record, name)
        if len(found.data[name]) > LONGEST[name]:
            found.data[name] = found.data[name][: LONGEST[name]]
            found.problem = found.problem or _("El nombre es demasiado largo.")
    found.data["display_name"] = record.display_name[: LONGEST["display_name"]].strip()
    if not record.first_name:
        found.problem = found.problem or _("No tiene nombre.")


def _take_numbers(found: Checked, record: Record) -> None:
    """The first number is the main one; those that cannot be dialled are left out."""
    region = settings.PHONE_REGION
    wanted: dict[str, str] = {}
    problem = _("No tiene número de teléfono.")
    for text in record.numbers:
        try:
            digits = phone.normalise(text, region)
        except phone.InvalidNumber as error:
            problem = f"«{_short(text)}»: {error}"
            found.remarks.append(_("Sin el número «%s».") % _short(text))
        else:
            wanted[digits] = wanted.get(digits) or proposals.number_type(text, region)
    numbers = list(wanted.items())
    if not numbers:
        found.problem = found.problem or problem
        numbers = [("", "")]
    found.data["number"], found.data["number_type"] = numbers[0]
    found.data[NUMBERS] = [list(each) for each in numbers[1 : MOST_FURTHER_NUMBERS + 1]]


def _take_details(found: Checked, record: Record) -> None:
    for name in DETAILS:
        text = getattr(record, name)
        if len(text) > LONGEST[name]:
            label = str(Contact._meta.get_field(name).verbose_name)  # type: ignore[union-attr]
            found.remarks.append(_("Se acorta: %s.") % label)
        found.data[name] = text[: LONGEST[name]].strip()
    if not found.data["province"]:
        found.data["province"] = proposals.province(found.data["postcode"])


def _take_email(found: Checked, record: Record) -> None:
    """The first address that is one."""
    found.data["email"] = ""
    for text in record.emails:
        try:
            validate_email(text)
        except ValidationError:
            found.remarks.append(_("Sin el correo «%s».") % _short(text))
        else:
            if len(text) <= LONGEST["email"] and not found.data["email"]:
                found.data["email"] = text


def _short(text: str) -> str:
    return text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]}…"
