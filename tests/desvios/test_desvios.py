"""The page Desvíos, as its reader sees it."""

import pytest

from desvios.models import rules_of
from portal.models import AuditEvent
from portal.pbx import get_pbx
from portal.pbx.simulated.faults import Mode
from portal.pbx.types import VOICEMAIL

pytestmark = pytest.mark.django_db(databases="__all__")


@pytest.fixture
def send(as_ana, ana, page):
    """Post the form as the page would, with some fields changed."""

    def post(revision=None, **fields):
        data = {"display_name": ana.display_name, "ring_seconds": 20, "calendar_enabled": "on"}
        data |= fields
        ana.refresh_from_db()
        data["revision"] = ana.revision if revision is None else revision
        return as_ana.post(page("desvios/"), data, follow=True)

    return post


TO_CARLA = {"unconditional_number": "203", "unconditional_number_enabled": "on"}


def test_the_page_has_the_switch_of_the_calendar_and_keeps_it(send, as_ana, ana, page):
    assert b'name="calendar_enabled"' in as_ana.get(page("desvios/")).content
    send(ring_seconds=30)
    assert rules_of(ana).calendar_enabled
    send(calendar_enabled="")
    ana.refresh_from_db()
    assert not rules_of(ana).calendar_enabled


def held(number="201"):
    (node,) = get_pbx().nodes
    return get_pbx().forwarding.read(node, [number])[number]


def test_the_page_shows_what_the_administrator_set(as_ana, ana, page):
    text = as_ana.get(page("desvios/")).content.decode()
    assert "9201" in text  # PIN de acceso
    assert "Nacional" in text
    assert "Ahora, las llamadas suenan en tu teléfono" in text


def test_what_is_saved_is_in_force_at_once_and_the_page_says_so(send, carla):
    answer = send(**TO_CARLA)
    assert "activo en la centralita" in answer.content.decode()
    assert "Todas las llamadas van a Carla (203)" in answer.content.decode()
    assert held().unconditional == "203"


def test_a_destination_of_voicemail_reaches_the_plan(send):
    send(no_answer_to_voicemail="on", ring_seconds=5)
    assert (held().no_answer, held().ring_seconds) == (VOICEMAIL, 5)


def test_with_the_telephone_system_away_the_change_is_saved_and_pending(send, ana, node):
    node().faults.set(Mode.AWAY)
    answer = send(**TO_CARLA)
    assert "pendiente de aplicar" in answer.content.decode()
    ana.refresh_from_db()
    assert rules_of(ana).unconditional_number == "203"


def test_an_error_keeps_the_input_and_changes_nothing(send, ana):
    send(ring_seconds=30)
    before = held()
    answer = send(
        unconditional_number="llámame", unconditional_number_enabled="on", display_name="Otra"
    )
    assert answer.status_code == 422
    assert "llámame" in answer.content.decode()
    assert "Otra" in answer.content.decode()
    assert held() == before
    assert AuditEvent.objects.count() == 1
    ana.refresh_from_db()
    assert (ana.display_name, rules_of(ana).unconditional_number) == ("Ana", "")


def test_the_second_of_two_tabs_is_told_what_changed(send, ana):
    old = ana.revision
    send(**TO_CARLA)
    answer = send(revision=old, ring_seconds=40, **TO_CARLA)
    assert answer.status_code == 409
    assert "203" in answer.content.decode()
    ana.refresh_from_db()
    assert rules_of(ana).ring_seconds == 20


@pytest.mark.parametrize("revision", ["", "x", "-1", "9" * 40, "²"])
def test_a_revision_that_never_was_counts_as_a_conflict(send, revision):
    assert send(revision=revision, ring_seconds=40).status_code == 409


def test_quitar_lets_calls_ring_again_and_keeps_the_number(send, as_ana, ana, page, carla):
    send(**TO_CARLA)
    as_ana.post(page("desvios/quitar/"))
    ana.refresh_from_db()
    assert rules_of(ana).unconditional_number == "203"
    assert held().unconditional == ""


def test_a_change_is_undone_from_the_log(send, as_ana, page, carla):
    send(**TO_CARLA)
    first = AuditEvent.objects.get()
    as_ana.post(page(f"desvios/deshacer/{first.pk}/"))
    assert held().unconditional == ""
    second = AuditEvent.objects.exclude(pk=first.pk).get()
    as_ana.post(page(f"desvios/deshacer/{second.pk}/"))
    assert held().unconditional == "203"


def test_what_is_no_longer_allowed_cannot_be_brought_back(send, as_ana, page, carla, national):
    send(**TO_CARLA)
    send()
    national.patterns.filter(pattern="2XX").delete()
    switched_off = AuditEvent.objects.first()
    answer = as_ana.post(page(f"desvios/deshacer/{switched_off.pk}/"), follow=True)
    assert "No se puede deshacer" in answer.content.decode()
    assert held().unconditional == ""


def test_another_persons_change_cannot_be_undone(send, client, bruno, page, carla):
    send(**TO_CARLA)
    client.force_login(bruno.user)
    event = AuditEvent.objects.get()
    assert client.post(page(f"desvios/deshacer/{event.pk}/")).status_code == 404
    assert held().unconditional == "203"


def test_the_strip_is_on_every_page_while_calls_go_elsewhere(send, as_ana, page, carla):
    assert b"desvios/quitar/" not in as_ana.get(page()).content
    send(**TO_CARLA)
    for path in ("", "agenda/", "historial/", "buzon/", "ajustes/", "informacion/"):
        assert b"todas las llamadas van a Carla" in as_ana.get(page(path)).content


def ask(client, page, **query):
    return client.get(page("desvios/"), query).content.decode()


def test_the_question_what_if_they_call_is_answered_step_by_step(send, as_ana, page, carla):
    send(busy_number="203", busy_number_enabled="on")
    answer = ask(as_ana, page, estado="busy")
    assert "está puesto, pero no es el caso" not in answer
    assert "se aplica: la llamada va a Carla (203)" in answer


def test_a_call_that_comes_back_to_its_caller_finds_that_caller_busy(send, as_ana, page, carla):
    send(**TO_CARLA)
    answer = ask(as_ana, page, estado="idle", llamante="203")
    assert "Quien llama oye el tono de ocupado" in answer


@pytest.mark.parametrize("query", [{"estado": "x"}, {"estado": "idle", "momento": "ayer"}])
def test_a_question_that_makes_no_sense_is_answered_at_its_field(as_ana, page, query):
    assert as_ana.get(page("desvios/"), query).status_code == 200


def test_contacts_complete_a_number_while_it_is_typed(as_ana, page, bruno):
    answer = as_ana.get(page("desvios/numeros/"), {"busy_number": "bru"}).content.decode()
    assert "202" in answer


def test_what_is_drawn_anew_by_itself_leaves_what_was_said_to_the_next_page(
    send, as_ana, page, carla
):
    send(**TO_CARLA)
    as_ana.post(page("desvios/quitar/"))
    said = '<div class="notice ok">'
    drawn = as_ana.get(page(""), headers={"X-News": "1", "HX-Request": "true"}).content.decode()
    assert said not in drawn
    assert said in as_ana.get(page("")).content.decode()
