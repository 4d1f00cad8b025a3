"""One message's page: what it tells, sending it on, what makes telephones ring."""

import pytest

from buzon.models import ForwardedMessage
from portal.pbx import get_pbx
from portal.pbx.simulated.faults import Mode

pytestmark = pytest.mark.django_db(databases="__all__")


@pytest.fixture
def open_page(as_ana, page):
    """A page of a message, as text."""

    def get(msg_id, action=""):
        return as_ana.get(page(f"buzon/mensaje/{msg_id}/{action}")).content.decode()

    return get


@pytest.fixture
def press(as_ana, page):
    """Send something from a message's page; the answer after the redirect."""

    def post(msg_id, action, **data):
        return as_ana.post(page(f"buzon/mensaje/{msg_id}/{action}/"), data, follow=True)

    return post


def messages(subscriber):
    return get_pbx().voicemail.messages(subscriber.mailbox)


def test_the_page_tells_what_is_known_and_offers_what_can_be_done(open_page, ana, leave):
    html = open_page(leave(ana, number="600123123", seconds=72))
    words = [
        "600\u00a012\u00a031\u00a023",
        "1 min 12 s",
        "Recibidos",
        ">Nuevo<",
        "Marcar como oído",
    ]
    words += ['form="llamar"', "Escuchar en mi teléfono", "Reenviar", "Descargar", "Borrar"]
    assert [word for word in words if word not in html] == []


def test_a_caller_without_a_number_cannot_be_called_back(open_page, ana, leave):
    msg_id = leave(ana, number="", caller="anonymous")
    assert 'form="llamar"' not in open_page(msg_id)


def test_a_caller_whom_nobody_knows_can_be_added_to_the_address_book(
    open_page, page, ana, bruno, leave
):
    stranger = open_page(leave(ana, number="600123123"))
    assert f"{page('agenda/nuevo/')}?telefono=600123123" in stranger
    assert "Añadir a la agenda" in stranger
    assert "Añadir a la agenda" not in open_page(leave(ana, number="202"))
    assert "Añadir a la agenda" not in open_page(leave(ana, number="", caller="anonymous"))


def test_hearing_at_the_telephone_rings_it_too(press, node, ana, leave):
    msg_id = leave(ana)
    assert "al descolgar oirás el mensaje" in press(msg_id, "reproducir").content.decode()
    (note,) = node().telephones.notes()
    assert (note["what"], note["msg_id"]) == ("play_message", msg_id)


def test_where_no_telephone_can_ring_the_page_says_so(press, node, ana, leave):
    node().telephones.unplug("201")
    answer = press(leave(ana), "reproducir").content.decode()
    assert "Ningún teléfono tuyo está conectado" in answer
    node().faults.set(Mode.AWAY)
    assert "La centralita no responde" in press(leave(ana), "reproducir").content.decode()
    assert node().telephones.notes() == []


def test_a_message_is_sent_on_with_a_note_that_is_shown_as_text(
    press, client, page, ana, bruno, carla, leave
):
    msg_id = leave(ana)
    note = "Llámale tú <b>hoy</b>\nGracias"
    answer = press(msg_id, "reenviar", to="202, 203", note=note).content.decode()
    assert "Reenviado a 2 personas: Bruno, Carla." in answer
    assert [each.msg_id for each in messages(bruno)] == [msg_id]
    assert [each.msg_id for each in messages(carla)] == [msg_id]
    client.force_login(bruno.user)
    html = client.get(page(f"buzon/mensaje/{msg_id}/")).content.decode()
    assert "Te lo reenvió Ana" in html
    assert "Llámale tú &lt;b&gt;hoy&lt;/b&gt;<br>Gracias" in html
    assert "De Ana" in client.get(page("buzon/")).content.decode()


def test_the_page_completes_with_colleagues_who_have_a_mailbox(open_page, ana, bruno, carla, leave):
    carla.mailbox = ""
    carla.save()
    html = open_page(leave(ana), "reenviar/")
    assert '<option value="202">Bruno</option>' in html
    assert 'value="201"' not in html
    assert 'value="203"' not in html


@pytest.mark.parametrize(
    ("to", "words"),
    [
        ("", "Escribe el número de quien lo va a recibir"),
        ("201", "es tu propio buzón"),
        ("999", "no es un compañero con buzón"),
        ("202 999", "no es un compañero con buzón"),
        (" ".join(str(number) for number in range(202, 702)), "compañeros como mucho"),
    ],
)
def test_a_message_is_not_sent_on_to_nobody_oneself_or_a_crowd(press, ana, bruno, leave, to, words):
    answer = press(leave(ana), "reenviar", to=to, note="Se queda")
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert "Se queda" in answer.content.decode()
    assert messages(bruno) == ()
    assert not ForwardedMessage.objects.exists()


def test_sending_on_what_a_colleague_has_already_says_so(press, ana, bruno, leave):
    msg_id = leave(ana)
    press(msg_id, "reenviar", to="202", note="")
    answer = press(msg_id, "reenviar", to="202", note="")
    assert "No se ha reenviado a Bruno. Ya tiene ese mensaje." in answer.content.decode()
    assert len(messages(bruno)) == 1


def test_with_the_telephone_system_away_nothing_is_sent_on(press, node, ana, bruno, leave):
    msg_id = leave(ana)
    node().faults.set(Mode.AWAY)
    answer = press(msg_id, "reenviar", to="202", note="Mira")
    assert "La centralita no responde" in answer.content.decode()
    assert "Mira" in answer.content.decode()
    assert messages(bruno) == ()


@pytest.mark.parametrize("action", ["", "reenviar/", "reproducir/"])
def test_anothers_message_is_not_there(as_ana, page, node, bruno, leave, action):
    path = page(f"buzon/mensaje/{leave(bruno)}/{action}")
    answers = {as_ana.post(path, {"to": "203", "note": ""}).status_code}
    answers |= {as_ana.get(path).status_code}
    assert answers <= {404, 405}
    assert node().telephones.notes() == []
    assert len(messages(bruno)) == 1
