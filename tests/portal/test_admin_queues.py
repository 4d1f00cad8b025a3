"""Queues and agents as administrators see them."""

import pytest
from django.contrib.auth.models import User

from ajustes.models import QueueRights
from portal.pbx.simulated.acd import Member, Queue
from portal.pbx.simulated.faults import Mode

pytestmark = pytest.mark.django_db(databases="__all__")

PAGE = "admin/colas/"


@pytest.fixture
def boss(client, db):
    client.force_login(User.objects.create_superuser("jefa"))
    return client


def text(answer):
    return " ".join(answer.content.decode().replace("\xa0", " ").split())


def test_who_is_in_which_queue_and_does_what(boss, page, node, ana, bruno):
    queues = node().queues
    queues.add(Queue("ventas"))
    queues.add(Queue("soporte", strategy="linear"))
    queues.put(Member("ventas", "201", penalty=2))
    queues.put(Member("ventas", "202", is_dynamic=True, paused_since=1, reason="Comida"))
    queues.put(Member("ventas", "299"))
    QueueRights.objects.create(name="ventas", title="Ventas y pedidos")
    found = text(boss.get(page(PAGE)))
    assert "Ventas y pedidos" in found
    assert f'{ana.pk}/situacion/">201 Ana</a> <span class="mark ok">Atendiendo' in found
    assert '202 Bruno</a> <span class="mark warn">En pausa' in found
    assert "Comida" in found
    assert "<li>299 " in found
    assert "No hay nadie en esta cola." in found
    assert "De esta cola no hay nada en «Colas»" in found


def test_with_a_part_of_the_telephone_system_down_the_rest_is_shown(
    two_nodes, node, boss, page, ana
):
    for name in ("madrid", "reserva"):
        node(name).queues.add(Queue("ventas"))
    node("reserva").faults.set(Mode.AWAY)
    found = text(boss.get(page(PAGE)))
    assert "ventas · madrid" in found
    assert "No responde: reserva." in found
    node("madrid").faults.set(Mode.AWAY)
    found = text(boss.get(page(PAGE)))
    assert "La centralita no responde." in found
    assert "no tiene colas" not in found


def test_whoever_may_see_queues_is_led_there(client, page, groups):
    for group, status in (("Soporte", 200), ("Agenda corporativa", 403)):
        user = User.objects.create_user(group.split()[0], is_staff=True)
        user.groups.add(groups[group])
        client.force_login(user)
        assert client.get(page(PAGE)).status_code == status
        assert ("Colas y agentes ahora" in text(client.get(page("admin/")))) is (status == 200)
