"""The pause of a real Asterisk's queue is the agent's pause in the chat, both ways."""

from threading import Event, Thread
from uuid import uuid4

import pytest
from django.db import connections
from django.utils import timezone

from chat import seats, starting
from chat.distribution import distribute
from chat.models import Agent, Conversation, Seat, Service
from portal import link
from portal.pbx import get_pbx
from tests.asterisk.exchange import wait_until
from tests.asterisk.mailboxes import node_options

pytestmark = [pytest.mark.asterisk, pytest.mark.django_db(transaction=True, databases="__all__")]

QUEUE, MEMBER = "sales", "Local/202@webfon-queue/n"


@pytest.fixture
def on_asterisk(settings, asterisk, exchange, bruno):
    """The portal's own process stands beside the shared Asterisk; 202 is in its queue."""
    options = {"nodes": [node_options(asterisk)], "timeout": 2.0}
    settings.PBX = {"BACKEND": "portal.pbx.asterisk.backend.build", "OPTIONS": options}
    settings.LINK_JOBS = {"chat.distribution.distribute": 1}
    settings.LINK_NODE_UP = []
    settings.LINK_NEWS = {"queue": ["chat.seats.on_queue"]}
    get_pbx.cache_clear()
    Service.objects.create(queue=QUEUE, title="Ventas")
    seats.sync()
    yield
    get_pbx().queues.resume("202", [QUEUE])
    get_pbx.cache_clear()


@pytest.fixture
def running_link(on_asterisk):
    """The link, in a thread; what it does, it does by itself."""
    stop = Event()

    def run():
        link.run(stop)
        connections.close_all()

    thread = Thread(target=run)
    thread.start()
    yield
    stop.set()
    thread.join(20)


def is_paused():
    return Seat.objects.get(queue=QUEUE).is_paused


def show_life():
    Agent.objects.update(seen_at=timezone.now())


def test_a_pause_at_the_telephone_system_stops_offers_and_its_end_brings_them(
    running_link, exchange, ana, bruno
):
    show_life()
    conversation = starting.start(
        ana, Service.objects.get(), uuid4(), "¿Hay alguien?", timezone.now()
    )
    rows = Conversation.objects.filter(pk=conversation.pk)
    wait_until(lambda: rows.get().offered_to is not None, 10)

    def pause(paused):
        headers = {"Queue": QUEUE, "Interface": MEMBER, "Paused": paused, "Reason": "Comida"}
        assert exchange.ami.act("QueuePause", **headers)["Response"] == "Success"

    pause("true")
    wait_until(is_paused, 10)
    wait_until(lambda: rows.get().offered_to is None, 10)
    assert Seat.objects.get().reason == "Comida"
    distribute()
    assert rows.get().offered_to is None
    pause("false")
    show_life()
    wait_until(lambda: rows.get().offered_to is not None, 10)


def test_a_pause_in_the_console_is_one_of_the_queue(on_asterisk, client, page, bruno):
    client.force_login(bruno.user)
    fields = {"queue": QUEUE, "next": page("chat/")}
    assert "Consola del chat" in client.get(page("chat/")).content.decode()
    client.post(page("informacion/colas/pausar/"), {**fields, "reason": "Reunión"})
    (member,) = get_pbx().queues.memberships("202").queues
    assert (member.is_paused, member.reason) == (True, "Reunión")
    seats.sync()
    assert is_paused()
    client.post(page("informacion/colas/reanudar/"), fields)
    (member,) = get_pbx().queues.memberships("202").queues
    assert not member.is_paused
    seats.sync()
    assert not is_paused()
