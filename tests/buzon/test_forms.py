"""What the forms of this tab take, and in which words they refuse the rest."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from buzon.forms import (
    MOST_CHOSEN,
    ActionForm,
    DraftForm,
    ForwardForm,
    GreetingForm,
    OptionsForm,
)
from buzon.models import MailboxOptions
from portal.models import Subscriber
from portal.pbx.types import Greeting
from portal.uploads import MOST_BYTES
from tests.buzon.sounds import tone

pytestmark = pytest.mark.django_db


def options(subscriber, **fields):
    data = {"pin": "", "pin_again": "", "notice": "none", "email": "", "language": ""}
    return OptionsForm(subscriber, data | fields)


@pytest.mark.parametrize("pin", ["2580", "90817", "1357924680", "0731"])
def test_a_pin_is_four_to_ten_digits(ana, pin):
    form = options(ana, pin=pin, pin_again=pin)
    assert form.is_valid(), form.errors
    assert form.cleaned_data["pin"] == pin


@pytest.mark.parametrize("pin", ["123", "12345678901", "12a4", "٤٥٦٧", "12 34", "1234\n5"])
def test_a_pin_of_anything_else_is_refused(ana, pin):
    assert "cifras" in options(ana, pin=pin, pin_again=pin).errors["pin"][0]


@pytest.mark.parametrize(
    "pin", ["0000", "11111", "1234", "4321", "0123", "7890", "9876543210", "1212", "0201", "2010"]
)
def test_a_pin_that_anybody_would_try_is_refused(ana, pin):
    assert "adivinar" in options(ana, pin=pin, pin_again=pin).errors["pin"][0]


def test_a_pin_that_was_typed_in_two_ways_is_refused(ana):
    assert "no coinciden" in options(ana, pin="2580", pin_again="2581").errors["pin_again"][0]


def test_no_form_shows_a_pin_again(ana):
    form = options(ana, pin="2580", pin_again="2581")
    assert "2580" not in form.as_p()


def test_without_a_pin_it_stays_as_it_is(ana):
    form = options(ana)
    assert form.is_valid()
    assert form.cleaned_data["pin"] == ""


def test_notices_need_an_address(ana):
    assert "correo" in options(ana, notice="notice").errors["email"][0]
    assert "email" in options(ana, notice="notice", email="ana").errors
    assert options(ana, notice="recording", email="ana@example.com").is_valid()


def test_the_address_of_the_login_is_suggested(ana):
    ana.user.email = "ana@example.com"
    assert OptionsForm(ana).initial["email"] == "ana@example.com"
    MailboxOptions.objects.create(subscriber=ana, email="otra@example.com")
    assert OptionsForm(Subscriber.objects.get()).initial["email"] == "otra@example.com"


def test_only_languages_that_are_installed_are_offered(ana, settings):
    settings.VOICEMAIL_LANGUAGES = ["es", "fr"]
    names = dict(OptionsForm(ana).fields["language"].choices)
    assert names == {"": "El de la centralita", "es": "Español", "fr": "Francés"}
    assert "language" in options(ana, language="en").errors


def forward(subscriber, to, note=""):
    return ForwardForm(subscriber, {"to": to, "note": note})


def test_a_message_is_sent_on_to_colleagues_named_by_their_numbers(ana, bruno, carla):
    form = forward(ana, " 202, 203 202;", "Hola\nAna")
    assert form.is_valid(), form.errors
    assert form.cleaned_data["to"] == ["202", "203"]


@pytest.mark.parametrize(
    ("to", "words"),
    [
        ("", "Escribe el número"),
        (" ,; ", "no es un compañero"),
        ("201", "tu propio buzón"),
        ("999", "«999» no es un compañero"),
        ("202 600123123", "«600123123» no es un compañero"),
        ("<script>", "«<script>» no es un compañero"),
        (" ".join(str(number) for number in range(1000, 1500)), "20 compañeros como mucho"),
    ],
)
def test_a_message_is_not_sent_on_to(ana, bruno, to, words):
    assert words in forward(ana, to).errors["to"][0]


def test_a_message_is_not_sent_on_to_a_colleague_without_a_mailbox(ana, bruno):
    bruno.mailbox = ""
    bruno.save()
    assert "«202» no es un compañero con buzón" in forward(ana, "202").errors["to"][0]


def test_a_colleague_who_shares_the_mailbox_has_the_message_already(ana, bruno):
    bruno.mailbox = ana.mailbox
    bruno.save()
    assert "tu propio buzón" in forward(ana, "202").errors["to"][0]


def test_a_note_has_at_most_500_characters_and_hides_none(ana, bruno):
    assert forward(ana, "202", "a" * 500).is_valid()
    assert "note" in forward(ana, "202", "a" * 501).errors
    assert "no se ven" in forward(ana, "202", "Hola\u202eAna").errors["note"][0]


def sound(data, name="saludo.wav"):
    return {"recording": SimpleUploadedFile(name, data)}


def test_a_greeting_is_ready_to_be_put_in_force():
    form = GreetingForm(Greeting.BUSY, {}, sound(tone()))
    assert form.is_valid(), form.errors
    assert form.cleaned_data["recording"].startswith(b"RIFF")
    assert "until" not in form.cleaned_data


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "vacío"),
        (b"Hola", "no es un sonido"),
        (tone(seconds=0), "menos de un segundo"),
        (b"\0" * (MOST_BYTES + 1), "pasa de 10 MB"),
    ],
    ids=["empty", "text", "zero seconds", "large"],
)
def test_a_greeting_is_refused_in_words_that_help(data, words):
    form = GreetingForm(Greeting.BUSY, {}, sound(data))
    assert words in form.errors["recording"][0]


def test_a_form_without_a_file_says_what_to_do():
    assert "Elige el archivo" in GreetingForm(Greeting.BUSY, {}, {}).errors["recording"][0]


@pytest.mark.parametrize("kind", [GreetingForm, DraftForm])
def test_a_temporary_greeting_may_have_an_end_that_is_still_to_come(kind):
    soon = timezone.localtime() + timedelta(hours=2)
    form = kind(Greeting.TEMPORARY, {"until": f"{soon:%Y-%m-%dT%H:%M}"}, sound(tone()))
    assert form.is_valid(), form.errors
    assert form.cleaned_data["until"] == soon.replace(second=0, microsecond=0)
    assert kind(Greeting.TEMPORARY, {"until": ""}, sound(tone())).is_valid()
    past = kind(Greeting.TEMPORARY, {"until": "2020-01-01T12:00"}, sound(tone()))
    assert "ya ha pasado" in past.errors["until"][0]


def test_what_was_recorded_at_the_telephone_needs_no_file():
    assert DraftForm(Greeting.BUSY, {}).is_valid()


def action(**fields):
    return ActionForm({"action": "borrar", "ids": ["1", "2", "1"]} | fields)


def test_an_action_is_for_each_message_once():
    form = action()
    assert form.is_valid(), form.errors
    assert form.cleaned_data["ids"] == ["1", "2"]


@pytest.mark.parametrize(
    ("fields", "where"),
    [
        ({"ids": []}, "ids"),
        ({"ids": [str(number) for number in range(MOST_CHOSEN + 1)]}, "ids"),
        ({"action": "formatear"}, "action"),
        ({"action": "mover"}, "folder"),
        ({"action": "mover", "folder": "INBOX"}, "folder"),
    ],
)
def test_an_action_that_makes_no_sense_is_refused(fields, where):
    assert where in action(**fields).errors
