"""The page Información: telephones as they are now, and what can be dialled."""

from datetime import timedelta

import pytest
from django.utils import timezone

from desvios.apply import apply_pending
from portal import access_code
from portal.models import AuditEvent, Subscriber
from portal.news import Topic, since
from portal.pbx import get_pbx
from portal.pbx.cdr.entries import save
from portal.pbx.logins import Deed
from portal.pbx.models import CallRecord
from portal.pbx.simulated.acd import Member, Queue
from portal.pbx.simulated.faults import Mode
from portal.presence import on_device, on_queue

pytestmark = pytest.mark.django_db(databases="__all__")


CODE = "864202"


@pytest.fixture(autouse=True)
def codes(ana, bruno):
    Subscriber.objects.update(access_code=access_code.protect(CODE))


@pytest.fixture
def read(as_ana, ana, page):
    apply_pending()
    return lambda: " ".join(as_ana.get(page("informacion/")).content.decode().split())


def test_a_telephone_that_is_registered_and_one_that_is_not(read, node):
    assert '<span class="state ok">Libre</span>' in read()
    assert ":5060" in read()
    node().telephones.unplug("201")
    text = read()
    assert '<span class="state bad">Sin conexión</span>' in text
    assert ":5060" not in text


def test_somebody_who_logged_in_elsewhere_is_there(read, node):
    assert "Salir de este teléfono" not in read()
    assert node().logins.log_in("202", "9201", CODE) is Deed.IN
    text = read()
    assert "Has entrado aquí" in text
    assert "Desde hoy" in text
    assert text.count("Salir de este teléfono") == 1
    assert text.count("Tus llamadas suenan donde has entrado; aquí no.") == 1


def test_a_telephone_is_left_from_the_page(as_ana, ana, read, node, page):
    leave = page("informacion/telefonos/salir/")
    node().logins.log_in("202", "9201", CODE)
    as_ana.post(leave, {"device": "202"})
    assert "Has salido del teléfono 202." in read()
    assert "who/202" not in node().keys.get(["who/202"])
    assert AuditEvent.objects.get(subscriber=ana).before == {"devices": "202"}
    as_ana.post(leave, {"device": "202"})
    assert "Ya no estás en ese teléfono." in read()


def test_nobody_leaves_a_telephone_for_somebody_else(as_ana, bruno, node, page):
    apply_pending()
    node().logins.log_in("203", "9202", CODE)
    as_ana.post(page("informacion/telefonos/salir/"), {"device": "203"})
    assert node().keys.get(["who/203"]) == {"who/203": "202"}
    assert not AuditEvent.objects.exists()


def test_while_the_telephone_system_is_silent_nobody_leaves(as_ana, read, node, page):
    node().logins.log_in("202", "9201", CODE)
    node().faults.set(Mode.AWAY)
    as_ana.post(page("informacion/telefonos/salir/"), {"device": "202"})
    node().faults.set(Mode.NORMAL)
    assert "no se ha cambiado nada" in read()
    assert node().keys.get(["who/202"])


def test_an_own_telephone_where_somebody_else_is(read, node, bruno):
    node().keys.put({"at/202": "201", "who/201": "202"})
    assert f"Ahora está aquí {bruno.display_name}" in read()


def test_the_codes_are_those_of_the_settings(read, settings):
    settings.FEATURE_CODES = {"voicemail": "*55"}
    assert "*55" in read()
    settings.FEATURE_CODES = {"voicemail": ""}
    assert "Oír tus mensajes" not in read()


def test_the_codes_for_forwarding_are_shown_with_an_example_of_ones_own(read, ana, bruno, settings):
    assert "*21*202#" in read()  # a colleague, to whom calls may go
    for code in ("*67**#", "#61#", "*#62#", "*26#"):
        assert code in read()
    ana.mobile = "+34 600 12 31 23"
    ana.mailbox = ""
    ana.save()
    assert "*21*600123123#" in read()
    assert "*67**#" not in read()
    settings.FEATURE_CODES = {"unconditional": "", "busy": "90"}
    assert "*90*600123123#" in read()
    assert "Desviar todas las llamadas" not in read()
    settings.FEATURE_CODES = {}
    assert "Códigos que se marcan" not in read()


def test_the_card_bears_name_number_and_codes_and_nothing_secret(as_ana, ana, page):
    text = as_ana.get(page("informacion/tarjeta/")).content.decode()
    for words in (ana.display_name, ana.number, "*97", "*21#"):
        assert words in text
    assert ana.access_pin not in text


def test_calls_taken_today_are_counted_from_the_call_records(read, node):
    node().queues.add(Queue("atencion"))
    node().queues.put(Member("atencion", "201"))
    assert "Atendidas hoy: <strong>0</strong>" in read()
    now = timezone.now()
    save([*call(1, now), *call(2, now), *call(3, now - timedelta(days=1)), *call(4, now, "202")])
    assert get_pbx().call_log.taken_from_queues("201", now - timedelta(seconds=1)) == 2
    assert get_pbx().call_log.taken_from_queues("201", now - timedelta(days=2)) == 3


def test_news_of_a_telephone_reach_its_owner_and_who_is_there(ana, bruno, node):
    moment = timezone.now()
    node().keys.put({"who/201": "202"})
    on_device("201")
    assert Topic.PRESENCE in since("201", moment)
    assert Topic.PRESENCE in since("202", moment)


def test_news_of_a_queue_reach_its_members_and_nobody_else(ana, bruno, node):
    moment = timezone.now()
    node().queues.add(Queue("atencion"))
    node().queues.put(Member("atencion", "201"))
    on_queue("atencion")
    assert since("201", moment) == {Topic.PRESENCE}
    assert not since("202", moment)
    on_queue("atencion", "202")
    assert since("202", moment) == {Topic.PRESENCE}


def call(number, at, agent="201"):
    """A call from outside that a queue gave to the agent, who took it."""
    fields = {
        "node": "n",
        "linkedid": str(number),
        "started": at,
        "answered": at,
        "src": "600000131",
    }
    fields |= {"ended": at + timedelta(seconds=30), "billsec": 30, "disposition": "ANSWERED"}
    yield CallRecord(
        **fields, uniqueid=f"{number}", sequence=number * 10, channel="PJSIP/trunk-1",
        dst="900", dialed="900", lastapp="Queue", duration=30,
    )  # fmt: skip
    yield CallRecord(
        **fields, uniqueid=f"{number}.1", sequence=number * 10 + 1, dst=agent, lastapp="Dial",
        channel=f"Local/{agent}@webfon-queue-0000000{number};2", duration=28,
        dstchannel=f"PJSIP/{agent}-1",
    )  # fmt: skip
