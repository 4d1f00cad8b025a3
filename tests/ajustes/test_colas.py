"""Queues on the page Información: seen, paused, entered and left, of one's own alone."""

import re
import time

import pytest
from django.contrib.auth.models import User

from ajustes.models import QueueRights
from portal.models import AuditEvent
from portal.pbx.simulated.acd import Member, Queue
from portal.pbx.simulated.faults import Mode

pytestmark = pytest.mark.django_db(databases="__all__")

ACTIONS = ("pausar", "reanudar", "entrar", "salir")


@pytest.fixture
def queues(node):
    """Ana is static in one queue and came into another; Bruno is in the third."""
    held = node().queues
    for name, strategy in [("atencion", "ringall"), ("soporte", "rrmemory"), ("ventas", "linear")]:
        held.add(Queue(name, strategy))
    held.put(Member("atencion", "201", penalty=2, last_call=time.time() - 60))
    held.put(Member("soporte", "201", is_dynamic=True, since=time.time() - 3600))
    held.put(Member("ventas", "202"))
    return held


@pytest.fixture
def do(as_ana, page):
    def do(action, **fields):
        return as_ana.post(page(f"informacion/colas/{action}/"), fields, follow=True)

    return do


@pytest.fixture
def open_to(ana):
    """The administrator lets Ana into a queue."""

    def let(name, **fields):
        row = QueueRights.objects.create(name=name, **fields)
        row.agents.add(ana)
        return row

    return let


@pytest.fixture
def read(as_ana, page):
    return lambda: " ".join(as_ana.get(page("informacion/")).content.decode().split())


def test_what_the_page_says_of_each_queue(queues, read):
    queues.let_wait("atencion", [time.time() - 65, time.time() - 5])
    text = read()
    assert "suenan todos a la vez" in text
    assert "penalización 2" in text
    assert re.search(
        r"<strong>2 esperan</strong>, la primera persona desde las \d\d:\d\d:\d\d", text
    )
    assert "última atendida: hoy" in text
    assert "ventas" not in text


def test_whoever_is_in_no_queue_is_told_so(read):
    assert "No estás en ninguna cola" in read()


def test_a_pause_in_all_queues_with_a_reason_and_its_end(queues, do):
    text = do("pausar", reason="Comida").content.decode()
    assert "Estás en pausa: Comida" in text
    assert {m.reason for m in queues.members() if m.number == "201"} == {"Comida"}
    assert not queues.member("ventas", "202").paused_since
    do("reanudar", queue="soporte")
    assert not queues.member("soporte", "201").paused_since
    assert queues.member("atencion", "201").paused_since
    changes = AuditEvent.objects.filter(action=AuditEvent.Action.QUEUE).order_by("pk")
    assert [each.after["queue"] for each in changes] == ["atencion", "soporte", "soporte"]
    assert changes[0].after == {"queue": "atencion", "paused": True, "reason": "Comida"}
    assert changes[2].before == {"queue": "soporte", "paused": True}


def test_what_is_written_comes_before_what_is_chosen_and_fits_in_a_log(queues, do):
    do("pausar", reason="Comida", text="  Visita |\x00 al\ncliente " + "x" * 99, queue="atencion")
    member = queues.member("atencion", "201")
    assert member.reason.startswith("Visita al cliente xxx")
    assert len(member.reason) == 60


def test_a_pause_needs_a_reason(queues, do):
    assert "Elige o escribe el motivo" in do("pausar", reason=" ").content.decode()
    assert not queues.member("atencion", "201").paused_since


@pytest.mark.parametrize("action", ACTIONS)
@pytest.mark.parametrize("queue", ["ventas", "nothing", "a\r\nAction: Ping"])
def test_a_queue_of_another_is_not_found(queues, do, action, queue):
    answer = do(action, queue=queue, reason="Comida")
    assert answer.status_code == 404
    assert queues.member("ventas", "202") == Member("ventas", "202")
    assert queues.member("ventas", "201") is None


def test_nobody_can_name_somebody_else(queues, do):
    do("pausar", reason="Comida", subscriber="202", number="202", interface="202")
    assert not queues.member("ventas", "202").paused_since


def test_entering_and_leaving_where_the_administrator_allows_it(queues, do, open_to, read):
    open_to("ventas", title="Ventas y más", penalty=3)
    assert "Ventas y más" in read()
    do("entrar", queue="ventas")
    member = queues.member("ventas", "201")
    assert (member.is_dynamic, member.penalty) == (True, 3)
    do("salir", queue="ventas")
    assert queues.member("ventas", "201") is None


def test_a_queue_that_is_not_open_cannot_be_left(queues, do):
    assert do("salir", queue="soporte").status_code == 404
    assert queues.member("soporte", "201")


def test_a_static_member_cannot_leave(queues, do, open_to):
    open_to("atencion")
    assert do("salir", queue="atencion").status_code == 404
    assert queues.member("atencion", "201")


def test_a_queue_without_pauses(queues, do, read):
    QueueRights.objects.create(name="atencion", may_pause=False)
    assert do("pausar", queue="atencion", reason="Comida").status_code == 404
    do("pausar", reason="Comida")
    assert not queues.member("atencion", "201").paused_since
    assert queues.member("soporte", "201").paused_since


@pytest.mark.parametrize("mode", [Mode.AWAY, Mode.FROZEN])
def test_a_telephone_system_that_is_away(queues, do, node, read, mode):
    node().faults.set(mode)
    text = read()
    assert text.count("La centralita no responde. Lo que hay aquí vuelve solo") == 2
    assert "Qué números puedes marcar" in text
    node().faults.set(Mode.AWAY)
    assert "no se ha cambiado nada" in do("pausar", reason="Comida").content.decode()
    assert not AuditEvent.objects.filter(action=AuditEvent.Action.QUEUE).exists()


def test_one_node_that_is_away_takes_only_its_part(two_nodes, as_ana, ana, page, node):
    for name in ("madrid", "reserva"):
        node(name).queues.add(Queue("atencion"))
        node(name).queues.put(Member("atencion", "201"))
    node("reserva").faults.set(Mode.AWAY)
    address = page("informacion/colas/pausar/")
    text = as_ana.post(address, {"reason": "Comida"}, follow=True).content.decode()
    assert "(reserva) y sigue como estaba" in text
    assert "El nodo reserva de la centralita no responde" in text
    node("reserva").faults.set(Mode.NORMAL)
    assert "En el nodo reserva:" in as_ana.get(page("informacion/")).content.decode()


def test_the_administrator_says_who_may_come_and_go(client, ana, page, queues):
    client.force_login(User.objects.create_superuser("jefa"))
    fields = {"name": "ventas", "title": "Ventas", "penalty": 2, "agents": [ana.pk]}
    assert client.post(page("admin/ajustes/queuerights/add/"), fields).status_code == 302
    assert not QueueRights.objects.get(name="ventas").may_pause
    for odd in ({"name": "ventas y más"}, {"penalty": 101}):
        answer = client.post(page("admin/ajustes/queuerights/add/"), fields | {"name": "x"} | odd)
        assert answer.status_code == 200
        assert answer.context["errors"]
