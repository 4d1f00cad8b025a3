"""Click to call: the button, the panel that every page has, and the page without JavaScript."""

import pytest

from portal import calls
from portal.models import BegunCall
from portal.pbx.simulated.faults import Mode
from portal.pbx.types import CallState

pytestmark = pytest.mark.django_db(databases="__all__")

MOBILE = "600123123"
HTMX = {"HX-Request": "true"}


@pytest.fixture
def call(as_ana, page):
    """Press the button beside a number."""

    def press(number=MOBILE, **fields):
        headers = fields.pop("headers", {})
        data = {"number": number, "next": page("historial/"), **fields}
        return as_ana.post(page("llamar/"), data, headers=headers)

    return press


def text(answer):
    return answer.content.decode()


def test_a_press_goes_back_to_the_page_which_says_how_it_goes(as_ana, call, page):
    answer = call("+34 600 12 31 23")
    assert (answer.status_code, answer.url) == (302, page("historial/"))
    shown = text(as_ana.get(page("ajustes/")))
    assert "600\u00a012\u00a031\u00a023" in shown
    assert "Suena tu teléfono: descuelga" in shown
    assert "Colgar" in shown
    assert page("llamada/") in shown


def test_htmx_gets_the_panel_alone(call):
    answer = call(headers=HTMX)
    assert answer.status_code == 200
    assert "Suena tu teléfono" in text(answer)
    assert "<html" not in text(answer)


def test_whoever_is_in_the_address_book_is_called_by_name(call, bruno):
    call(bruno.number)
    assert BegunCall.objects.get().name == "Bruno"


def test_it_never_leads_away_from_the_portal(call, page):
    assert call(next="https://elsewhere.example/").url == page("")


@pytest.mark.parametrize(
    "number",
    ["", " ", "abc", "6" * 200, "600,System(id)", "600\r\n123", "*97", "+", "6\x00", "1e9"],
)
@pytest.mark.parametrize("headers", [{}, HTMX])
def test_what_is_no_number_rings_nowhere_and_is_explained(
    as_ana, call, page, node, number, headers
):
    answer = call(number, headers=headers)
    shown = text(answer) if headers else text(as_ana.get(page("ajustes/")))
    assert 'class="notice bad"' in shown
    assert node().telephones.notes() == []
    assert not BegunCall.objects.exists()


def test_the_reasons_are_said_in_words(call, node, ana):
    assert "no permite llamar al 0033" not in text(call("0033144556677", headers=HTMX))
    assert "Tu categoría (Nacional) no permite llamar" in text(call("0033144556677", headers=HTMX))
    node().telephones.unplug(ana.number)
    assert "Tu teléfono no está conectado" in text(call(headers=HTMX))
    node().faults.set(Mode.AWAY)
    assert "La centralita no responde" in text(call(headers=HTMX))


def test_a_second_press_within_the_first_says_so_and_keeps_the_call(call):
    call()
    shown = text(call(headers=HTMX))
    assert "Ya estás llamando a alguien" in shown
    assert "Suena tu teléfono" in shown
    assert BegunCall.objects.count() == 1


def test_the_panel_follows_and_says_nothing_twice(as_ana, call, page):
    call()
    begun = BegunCall.objects.get()
    same = as_ana.get(page("llamada/"), {"visto": begun.version}, headers=HTMX)
    assert same.status_code == 204
    calls.follow(begun.linkedid, CallState.ANSWERED)
    other = as_ana.get(page("llamada/"), {"visto": begun.version}, headers=HTMX)
    assert "Contestada" in text(other)


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (CallState.RINGING, "Sonando"),
        (CallState.ANSWERED, "Contestada"),
        (CallState.NO_ANSWER, "No ha contestado"),
        (CallState.BUSY, "Ocupado"),
        (CallState.OWN_UNANSWERED, "No has descolgado tu teléfono"),
    ],
)
def test_the_page_without_javascript_says_how_it_goes(as_ana, call, page, state, words):
    call()
    calls.follow(BegunCall.objects.get().linkedid, state)
    shown = text(as_ana.get(page("llamada/")))
    assert words in shown
    assert "Actualizar" in shown


def test_without_a_call_there_is_nothing_to_follow(as_ana, page):
    assert "no hay ninguna llamada" in text(as_ana.get(page("llamada/")))
    assert as_ana.get(page("llamada/"), {"visto": ""}, headers=HTMX).status_code == 204
    assert as_ana.post(page("llamar/colgar/")).status_code == 302


def test_hanging_up_and_closing(as_ana, call, page, node):
    call()
    as_ana.post(page("llamar/colgar/"))
    (begun,) = node().calls.all()
    assert begun.hung_up is not None
    calls.follow(begun.linkedid, CallState.OWN_UNANSWERED)
    assert "No has descolgado" in text(as_ana.get(page("")))
    closed = as_ana.post(page("llamar/colgar/"), headers=HTMX)
    assert "No has descolgado" not in text(closed)
    assert "No has descolgado" not in text(as_ana.get(page("")))


def test_another_ones_call_is_never_shown_and_never_ended(client, call, page, bruno, node):
    call()
    client.force_login(bruno.user)
    for path in ("", "llamada/", "ajustes/"):
        assert "Suena tu teléfono" not in text(client.get(page(path)))
    client.post(page("llamar/colgar/"), {"pk": BegunCall.objects.get().pk})
    (begun,) = node().calls.all()
    assert begun.hung_up is None


def test_names_are_text(as_ana, page, ana, bruno):
    bruno.display_name = "<script>alert(1)</script>"
    bruno.save()
    answer = as_ana.post(page("llamar/"), {"number": bruno.number}, headers=HTMX)
    assert "<script>" not in text(answer)
