"""The list of messages and what can be done on it, as its reader sees it."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from agenda.models import Contact
from portal.pbx import get_pbx
from portal.pbx.simulated.faults import Mode
from portal.pbx.spool import Spool

pytestmark = pytest.mark.django_db(databases="__all__")


@pytest.fixture
def show(as_ana, page):
    """The page as text."""

    def get(query="", **headers):
        return as_ana.get(page(f"buzon/{query}"), headers=headers).content.decode()

    return get


@pytest.fixture
def send(as_ana, page):
    """Press a button of the list; what the next page says."""

    def post(action, ids=(), query="", **fields):
        data = {"action": action, "ids": ids, "next": page("buzon/"), **fields}
        return as_ana.post(page(f"buzon/ordenar/{query}"), data, follow=True).content.decode()

    return post


@pytest.fixture
def undo(as_ana):
    """Press «Deshacer» on a page."""

    def press(html):
        address = re.search(r'action="([^"]+)">\s*<input[^>]+>\s*<input[^>]+>[^<]*<button', html)
        return as_ana.post(address[1].replace("&amp;", "&"), {}, follow=True).content.decode()

    return press


@pytest.fixture
def at_telephone(settings, node, ana):
    """Ana's mailbox, open at a telephone."""
    spool = Spool(settings.PBX["OPTIONS"]["path"] / "spool" / "voicemail")
    with node().telephones.listen(spool, ana.mailbox):
        yield


def folder_of(subscriber, msg_id):
    """Where a message is now; ``None`` where it is gone."""
    found = get_pbx().voicemail.messages(subscriber.mailbox)
    return {each.msg_id: each.folder for each in found}.get(msg_id)


def order(html, *texts):
    """Whether the texts stand on the page in this order."""
    places = [html.index(text) for text in texts]
    return places == sorted(places)


def test_an_empty_mailbox_says_what_will_be_here_and_offers_a_greeting(show, page):
    html = show()
    assert "Aquí estarán los mensajes que te dejen" in html
    assert page("buzon/saludos/") in html


def test_new_messages_come_first_and_say_so(show, ana, leave):
    leave(ana, number="915551234", folder="Old")
    leave(ana, number="600123123", at=timezone.now() - timedelta(days=3), seconds=72)
    html = show()
    assert order(html, "600 12 31 23".replace(" ", "\u00a0"), "915\u00a055")
    assert html.count(">Nuevo<") == 1
    assert "1 min 12 s" in html


def test_a_caller_has_the_name_of_the_address_book(show, ana, leave):
    Contact.objects.create(
        owner=ana,
        book=Contact.Book.PERSONAL,
        first_name="María",
        last_name="Ibáñez",
        display_name="María Ibáñez",
        number="915551234",
        number_type=Contact.NumberType.LANDLINE,
    )
    leave(ana, number="915551234")
    leave(ana, number="", caller="anonymous")
    html = show()
    assert "María Ibáñez" in html
    assert "Número oculto" in html


def test_folders_states_and_search_choose(show, ana, leave):
    leave(ana, number="600000001")
    leave(ana, number="600000002", folder="Old")
    leave(ana, number="600000003", folder="Work")
    shown = {
        "": "12",
        "?estado=nuevos": "1",
        "?estado=oidos": "2",
        "?carpeta=trabajo": "3",
        "?buscar=000002": "2",
        "?carpeta=nada&estado=x": "12",
    }
    for query, wanted in shown.items():
        found = re.findall(r"600\s00\s00\s0(\d)</a>", show(query))
        assert "".join(found) == wanted, query


def test_a_list_that_is_empty_by_its_filter_offers_to_see_all(show, ana, leave):
    leave(ana, folder="Old")
    for query in ("?buscar=zzz", "?estado=nuevos", "?carpeta=trabajo&buscar=zzz"):
        html = show(query)
        assert "Ver todos" in html
    assert "«zzz»" in html
    assert "Esta carpeta está vacía" in show("?carpeta=familia")
    assert "La papelera está vacía" in show("?carpeta=papelera")


def test_what_was_searched_for_is_shown_as_text(show):
    assert "<script>alert" not in show("?buscar=<script>alert(1)</script>")


def test_a_long_list_has_pages_that_keep_the_filter(show, ana, leave):
    for minutes in range(30):
        leave(ana, at=timezone.now() - timedelta(minutes=minutes), folder="Work")
    html = show("?carpeta=trabajo")
    assert html.count('name="ids"') == 25
    assert "?carpeta=trabajo&amp;pagina=2" in html
    assert show("?carpeta=trabajo&pagina=2").count('name="ids"') == 5
    assert show("?carpeta=trabajo&pagina=999").count('name="ids"') == 5


def test_the_list_alone_comes_to_a_page_that_asks_for_it_anew(show, ana, leave):
    leave(ana)
    html = show(hx_request="true")
    assert "<html" not in html
    assert 'name="ids"' in html


@pytest.mark.parametrize(
    ("action", "folder", "words", "before"),
    [
        ("oido", "Old", "2 mensajes marcados como oídos", "INBOX"),
        ("nuevo", "INBOX", "2 mensajes marcados como no oídos", "Old"),
        ("borrar", "Cust5", "2 mensajes borrados", "INBOX"),
        ("mover", "Work", "2 mensajes movidos a «Trabajo»", "Old"),
    ],
)
def test_several_at_once_and_back(send, undo, ana, leave, action, folder, words, before):
    ids = [leave(ana, folder=before), leave(ana, folder=before)]
    fields = {"folder": "trabajo", "from": "recibidos"} if action == "mover" else {}
    html = send(action, ids, **fields)
    assert words in html
    assert {folder_of(ana, each) for each in ids} == {folder}
    undo(html)
    assert {folder_of(ana, each) for each in ids} == {before}


def test_what_was_deleted_comes_back_from_the_bin(send, show, ana, leave):
    msg_id = leave(ana, folder="Family")
    send("borrar", [msg_id])
    assert "Quedan 30 días" in show("?carpeta=papelera")
    assert "Mensaje recuperado" in send("recuperar", [msg_id])
    assert folder_of(ana, msg_id) == "Family"


def test_deleting_for_good_asks_first(send, as_ana, page, ana, leave):
    msg_id = leave(ana, folder="Cust5")
    asked = as_ana.post(page("buzon/vaciar/")).content.decode()
    assert "¿Borrar este mensaje para siempre?" in asked
    assert msg_id in asked
    assert "para siempre?" in send("eliminar", [msg_id])
    assert folder_of(ana, msg_id) == "Cust5"
    assert "Mensaje borrado para siempre" in send("eliminar", [msg_id], sure="yes")
    assert folder_of(ana, msg_id) is None


def test_only_what_is_in_the_bin_is_deleted_for_good(send, ana, leave):
    msg_id = leave(ana)
    assert "queda como estaba" in send("eliminar", [msg_id], sure="yes")
    assert folder_of(ana, msg_id) == "INBOX"


def test_an_empty_bin_is_not_emptied(as_ana, page):
    answer = as_ana.post(page("buzon/vaciar/"), follow=True)
    assert "La papelera está vacía" in answer.content.decode()


def test_nothing_chosen_changes_nothing_and_says_so(send, ana, leave):
    leave(ana)
    assert "Elige al menos un mensaje" in send("borrar")
    assert "Elige la carpeta" in send("mover", [leave(ana)], folder="")
    assert send("hacer magia", [leave(ana)])
    assert send("mover", [leave(ana)], folder="../../etc")
    folders = {each.folder for each in get_pbx().voicemail.messages(ana.mailbox)}
    assert folders == {"INBOX"}


def test_the_button_of_a_row_acts_on_that_row_alone(send, ana, leave):
    chosen, other = leave(ana), leave(ana)
    send("", [chosen], query=f"?action=borrar&ids={other}")
    assert (folder_of(ana, chosen), folder_of(ana, other)) == ("INBOX", "Cust5")


def test_a_player_marks_without_a_page_or_a_message(as_ana, page, ana, leave):
    msg_id = leave(ana)
    data = {"action": "oido", "ids": msg_id}
    answer = as_ana.post(page("buzon/ordenar/"), data, headers={"HX-Request": "true"})
    assert (answer.status_code, answer.content) == (204, b"")
    assert folder_of(ana, msg_id) == "Old"
    assert "marcado" not in as_ana.get(page("buzon/")).content.decode()


def test_anothers_messages_are_not_there_to_be_changed(send, bruno, leave):
    msg_id = leave(bruno)
    for action in ("oido", "borrar", "recuperar"):
        assert "queda como estaba" in send(action, [msg_id])
    send("mover", [msg_id], folder="trabajo")
    send("eliminar", [msg_id], sure="yes")
    assert folder_of(bruno, msg_id) == "INBOX"


def test_a_mailbox_open_at_a_telephone_is_shown_and_not_changed(
    send, show, ana, leave, at_telephone
):
    msg_id = leave(ana)
    assert "Tienes el buzón abierto en el teléfono: cuelga" in send("borrar", [msg_id])
    assert folder_of(ana, msg_id) == "INBOX"
    assert f'value="{msg_id}"' in show()


def test_a_player_is_told_when_it_could_not_mark(as_ana, page, ana, leave, at_telephone):
    data = {"action": "oido", "ids": leave(ana)}
    answer = as_ana.post(page("buzon/ordenar/"), data, headers={"HX-Request": "true"})
    assert answer.status_code == 409


def test_with_the_telephone_system_away_the_list_is_there_and_says_why_nothing_changes(
    send, show, ana, leave, node
):
    msg_id = leave(ana)
    node().faults.set(Mode.AWAY)
    assert f'value="{msg_id}"' in show()
    assert "La centralita no responde" in send("borrar", [msg_id])
    node().faults.set(Mode.REJECTING)
    assert "La centralita no lo ha aceptado" in send("borrar", [msg_id])
    assert folder_of(ana, msg_id) == "INBOX"


def test_without_the_spool_the_page_says_so_and_goes_on(show, as_ana, page, settings, ana, leave):
    leave(ana)
    assert 'name="ids"' in show()
    spool = settings.PBX["OPTIONS"]["path"] / "spool" / "voicemail"
    spool.rename(spool.with_name("elsewhere"))
    assert "Ahora no se puede leer el buzón" in show()
    for path in ("", "agenda/", "desvios/", "buzon/saludos/", "buzon/nuevos/"):
        assert as_ana.get(page(path)).status_code == 200
    spool.with_name("elsewhere").rename(spool)
    assert 'name="ids"' in show()


def test_who_has_no_mailbox_is_told_so(show, as_ana, page, ana):
    ana.mailbox = ""
    ana.save()
    assert "No tienes buzón de voz" in show()
    for path in ("buzon/saludos/", "buzon/opciones/"):
        assert "No tienes buzón de voz" in as_ana.get(page(path)).content.decode()


@pytest.mark.parametrize(("count", "badge"), [(1, "(1 nuevo)"), (3, "(3 nuevos)")])
def test_the_tab_of_every_page_counts_what_nobody_heard(as_ana, page, ana, leave, count, badge):
    for _each in range(count):
        leave(ana)
    leave(ana, folder="Old")
    for path in ("", "desvios/", "no-existe/", "buzon/nuevos/"):
        assert badge in as_ana.get(page(path)).content.decode()


def test_no_new_message_no_count(as_ana, page, ana, leave):
    leave(ana, folder="Old")
    badge = as_ana.get(page("buzon/nuevos/")).content.decode()
    assert re.search(r">[^<]+<", badge) is None
