"""The pages Saludos and Opciones, as their reader sees them."""

from datetime import timedelta
from io import BytesIO

import pytest
import soundfile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from buzon.models import options_of
from portal.pbx import get_pbx
from portal.pbx.errors import NotFound
from portal.pbx.simulated.faults import Mode
from portal.pbx.types import Greeting
from tests.buzon.sounds import tone

pytestmark = pytest.mark.django_db(databases="__all__")

WORDS = {
    "ausente": Greeting.UNAVAILABLE,
    "ocupado": Greeting.BUSY,
    "temporal": Greeting.TEMPORARY,
    "nombre": Greeting.NAME,
}


@pytest.fixture
def show(as_ana, page):
    return lambda query="": as_ana.get(page(f"buzon/saludos/{query}")).content.decode()


@pytest.fixture
def press(as_ana, page):
    """Send something from a greeting's card; the answer after the redirect."""

    def post(greeting, action, **data):
        return as_ana.post(page(f"buzon/saludos/{greeting}/{action}/"), data, follow=True)

    return post


def upload(press, greeting, sound, name="saludo.wav", **fields):
    prefix = WORDS[greeting].value
    file = SimpleUploadedFile(name, sound)
    data = {f"{prefix}-recording": file, **{f"{prefix}-{k}": v for k, v in fields.items()}}
    return press(greeting, "guardar", **data)


def heard(subscriber, greeting):
    """Seconds that a caller hears, ``None`` where the system speaks."""
    try:
        with get_pbx().voicemail.open_greeting(subscriber.mailbox, greeting) as file:
            return soundfile.info(BytesIO(file.read())).duration
    except NotFound:
        return None


def test_without_recordings_the_system_speaks(show):
    html = show()
    assert html.count("Voz de la centralita") == 3
    assert "No puesto" in html


@pytest.mark.parametrize("greeting", WORDS)
def test_what_is_uploaded_is_what_callers_hear(press, show, page, ana, greeting):
    answer = upload(press, greeting, tone(seconds=2))
    assert "Quien llame lo oye desde ahora" in answer.content.decode()
    assert heard(ana, WORDS[greeting]) == pytest.approx(2, abs=0.1)
    assert page(f"buzon/saludos/{greeting}/sonido.wav") in show()


def test_a_temporary_greeting_stands_before_the_others_until_its_end(press, show, ana):
    upload(press, "ausente", tone())
    until = timezone.localtime() + timedelta(days=2)
    upload(press, "temporal", tone(), until=until.strftime("%Y-%m-%dT%H:%M"))
    html = show()
    assert "Se oye hasta" in html
    assert html.count("Ahora se oye el temporal") == 2
    assert options_of(ana).temporary_until is not None


@pytest.mark.parametrize(
    ("sound", "words"),
    [
        (b"", "está vacío"),
        (b"hola, esto no es un sonido", "no es un sonido"),
        (tone(seconds=0.1), ""),
        (b"RIFF" + b"\xff" * 10 * 1024 * 1024, "10 MB"),
    ],
)
def test_what_is_no_greeting_is_refused_in_words(press, ana, sound, words):
    answer = upload(press, "ausente", sound)
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert heard(ana, Greeting.UNAVAILABLE) is None


def test_an_end_that_is_over_is_refused(press, ana):
    answer = upload(press, "temporal", tone(), until="2020-01-01T10:00")
    assert answer.status_code == 422
    assert "ya ha pasado" in answer.content.decode()
    assert heard(ana, Greeting.TEMPORARY) is None


def test_without_a_file_the_field_says_so(press):
    answer = press("ausente", "guardar")
    assert answer.status_code == 422
    assert "Elige el archivo" in answer.content.decode()


def test_removing_asks_first(press, ana):
    upload(press, "ausente", tone())
    asked = press("ausente", "quitar").content.decode()
    assert "¿Quitar «Cuando no contestas»?" in asked
    assert heard(ana, Greeting.UNAVAILABLE) is not None
    press("ausente", "quitar", sure="yes")
    assert heard(ana, Greeting.UNAVAILABLE) is None


def test_recording_at_the_telephone_rings_it_and_the_page_waits(press, node, ana):
    answer = press("ocupado", "grabar")
    assert [note["what"] for note in node().telephones.notes()] == ["record_greeting"]
    assert answer.request["QUERY_STRING"].startswith("grabando=busy&desde=")
    assert "Tu teléfono está sonando" in answer.content.decode()
    assert 'hx-trigger="every' in answer.content.decode()


@pytest.fixture
def draft(settings, ana):
    """What somebody has just recorded at Ana's telephone."""
    spool = get_pbx().voicemail
    wav = tone(seconds=3, rate=8000, channels=1, subtype="PCM_16")
    getattr(spool, "spool", spool).write_draft(ana.mailbox, Greeting.BUSY, wav)


def test_what_was_recorded_at_the_telephone_is_heard_and_used(
    press, show, as_ana, page, ana, draft
):
    assert "Lo que has grabado en el teléfono" in show()
    assert as_ana.get(page("buzon/saludos/ocupado/borrador.wav")).status_code == 200
    assert heard(ana, Greeting.BUSY) is None
    press("ocupado", "usar")
    assert heard(ana, Greeting.BUSY) == pytest.approx(3, abs=0.1)
    assert "Lo que has grabado en el teléfono" not in show()


def test_what_was_recorded_at_the_telephone_is_thrown_away(press, show, ana, draft):
    press("ocupado", "descartar")
    assert "Lo que has grabado en el teléfono" not in show()
    assert heard(ana, Greeting.BUSY) is None


def test_the_waiting_page_gets_what_was_recorded_alone(as_ana, page, draft):
    now = int(timezone.now().timestamp())
    path = page(f"buzon/saludos/?grabando=busy&desde={now}")
    html = as_ana.get(path, headers={"HX-Request": "true"}).content.decode()
    assert "Lo que has grabado en el teléfono" in html
    assert "<html" not in html
    assert 'hx-trigger="every' not in html


@pytest.mark.parametrize("query", ["grabando=busy", "grabando=busy&desde=1", "grabando=x&desde=x"])
def test_a_page_that_waited_long_enough_waits_no_more(show, query):
    assert 'hx-trigger="every' not in show(f"?{query}")


def test_with_the_telephone_away_or_open_nothing_is_lost(press, show, node, ana, draft):
    node().telephones.unplug("201")
    assert "Ningún teléfono tuyo está conectado" in press("ocupado", "grabar").content.decode()
    assert "Lo que has grabado en el teléfono" in show()
    node().faults.set(Mode.AWAY)
    assert "La centralita no responde" in press("nombre", "grabar").content.decode()
    assert "Saludos" in show()


def test_a_greeting_is_the_own_one_whoever_asks(press, client, page, ana, bruno):
    upload(press, "ausente", tone())
    client.force_login(bruno.user)
    assert client.get(page("buzon/saludos/ausente/sonido.wav")).status_code == 404
    assert "Grabado" not in client.get(page("buzon/saludos/")).content.decode()
    client.post(page("buzon/saludos/ausente/quitar/"), {"sure": "yes", "subscriber": ana.pk})
    assert heard(ana, Greeting.UNAVAILABLE) is not None


@pytest.fixture
def choose(as_ana, page):
    """Save the options with some fields changed."""

    def post(**fields):
        data = {"notice": "none", "email": "", "language": "", "pin": "", "pin_again": ""} | fields
        return as_ana.post(page("buzon/opciones/"), data, follow=True)

    return post


def test_options_are_saved(choose, ana):
    answer = choose(notice="recording", email="ana@empresa.example")
    assert "Opciones guardadas" in answer.content.decode()
    ana.refresh_from_db()
    assert options_of(ana).notice == "recording"
    assert (
        "No había nada que cambiar"
        in choose(notice="recording", email="ana@empresa.example").content.decode()
    )


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"pin": "12", "pin_again": "12"}, "de 4 a 10 cifras"),
        ({"pin": "7391", "pin_again": "7392"}, "no coinciden"),
        ({"pin": "1234", "pin_again": "1234"}, "muy fácil"),
        ({"notice": "notice"}, "Escribe el correo"),
        ({"notice": "notice", "email": "ana"}, "correo"),
    ],
)
def test_what_is_wrong_is_said_at_the_field(choose, ana, fields, words):
    answer = choose(**fields)
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert options_of(ana).notice == "none"


def test_a_pin_is_never_shown_again(choose):
    html = choose(pin="73915", pin_again="7391").content.decode()
    assert "73915" not in html


def test_without_the_telephone_system_no_pin_and_nothing_else_is_changed(choose, node, ana):
    node().faults.set(Mode.AWAY)
    answer = choose(pin="7391", pin_again="7391", notice="notice", email="ana@empresa.example")
    assert answer.status_code == 503
    assert "La centralita no responde" in answer.content.decode()
    assert options_of(ana).notice == "none"
