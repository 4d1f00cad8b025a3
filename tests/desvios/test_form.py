"""What the form of the page accepts, and what it says of the rest."""

import pytest

from desvios.changes import content
from desvios.forms import ForwardingForm
from desvios.models import ForwardingRules, rules_of

pytestmark = pytest.mark.django_db(databases="__all__")


def form_with(subscriber, **fields):
    data = {**content(subscriber), **fields}
    data = {name: value for name, value in data.items() if value is not False}
    return ForwardingForm(data, instance=rules_of(subscriber))


def forward_to(number, kind="unconditional"):
    return {f"{kind}_number": number, f"{kind}_number_enabled": True}


@pytest.mark.parametrize("written", ["600 12 31 23", "+34600123123", "0034 600-123-123"])
def test_a_number_is_stored_as_it_is_dialled(ana, written):
    form = form_with(ana, **forward_to(written))
    assert form.is_valid(), form.errors
    assert form.cleaned_data["unconditional_number"] == "600123123"


@pytest.mark.parametrize(
    "written",
    ["abc", "6" * 200, "600\r\n123", "٦٠٠", "600|123", "${EXTEN}", "1", "600 12 31 2"],
)
def test_what_cannot_be_dialled_is_refused_at_its_field_and_kept(ana, written):
    form = form_with(ana, **forward_to(written, "busy"))
    assert not form.is_valid()
    assert form.errors["busy_number"]
    assert form["busy_number"].value() == written


def test_a_number_that_the_category_forbids_is_refused_by_name_of_the_category(ana):
    form = form_with(ana, **forward_to("+44 20 7946 0000"))
    assert "Nacional" in form.errors["unconditional_number"][0]
    assert "+44 20 7946 0000" in form.errors["unconditional_number"][0]


def test_a_forbidden_number_may_stay_while_it_is_switched_off(ana):
    assert form_with(ana, unconditional_number="+44 20 7946 0000").is_valid()


def test_the_own_number_is_refused(ana):
    assert "propio" in form_with(ana, **forward_to("201")).errors["unconditional_number"][0]


def test_switching_on_without_a_number_asks_for_one(ana):
    form = form_with(ana, no_answer_number_enabled=True)
    assert form.errors["no_answer_number"]


def test_a_loop_over_others_is_shown_as_its_chain(ana, bruno, carla):
    ForwardingRules.objects.create(subscriber=bruno, **forward_to("203", "busy"))
    ForwardingRules.objects.create(subscriber=carla, **forward_to("201"))
    form = form_with(ana, **forward_to("202", "no_answer"))
    assert "201 → 202 → 203 → 201" in form.errors["no_answer_number"][0]


def test_voicemail_without_a_mailbox_is_refused(ana):
    ana.mailbox = ""
    assert form_with(ana, busy_to_voicemail=True).errors["busy_to_voicemail"]


@pytest.mark.parametrize("seconds", ["4", "121", "-5", "veinte", "", "20.5", "١٠x"])
def test_seconds_outside_5_to_120_are_refused(ana, seconds):
    assert form_with(ana, ring_seconds=seconds).errors["ring_seconds"]


@pytest.mark.parametrize("name", ["", "   ", "x" * 300, "Ana\x00", "Ana\u202e", "Ana\x1b[0m"])
def test_a_name_that_no_telephone_could_show_is_refused(ana, name):
    assert form_with(ana, display_name=name).errors["display_name"]


@pytest.mark.parametrize("name", ['Ana "la jefa"', "Ana 🙂 Ñandú", "O'Neill, (Ana) [$x]"])
def test_quotes_accents_and_emoji_are_fine_in_a_name(ana, name):
    form = form_with(ana, display_name=name)
    assert form.is_valid(), form.errors
    assert form.cleaned_data["display_name"] == name


@pytest.mark.parametrize("code", ["12345", "1234567890123", "12345a", "١٢٣٤٥٦", "12 34 56"])
def test_a_clave_is_six_to_twelve_digits(ana, code):
    assert form_with(ana, access_code=code).errors["access_code"]
