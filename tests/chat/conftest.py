"""A service with two agents, Elena and Fermín, whom the telephone system knows; and a clock."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from chat import seats, starting
from chat.models import Agent, Conversation, Service
from chat.talking import as_agent, as_user, send
from portal.pbx.simulated.acd import Member, Queue
from tests.world import make_subscriber

NOW = timezone.now().replace(microsecond=0)


def later(seconds):
    return NOW + timedelta(seconds=seconds)


@pytest.fixture
def queues(node):
    held = node().queues
    for name in ("atencion", "soporte"):
        held.add(Queue(name))
    return held


@pytest.fixture
def service(db):
    return Service.objects.create(queue="atencion", title="Atención al cliente")


@pytest.fixture
def support(db):
    return Service.objects.create(queue="soporte", title="Soporte técnico", position=1)


@pytest.fixture
def hire(national, queues, service):
    """Somebody who sits in a queue and whose pages show signs of life."""

    def hired(number, name, queue="atencion", penalty=0, idle=0, **fields):
        subscriber = make_subscriber(number, name, national)
        queues.put(Member(queue, number, penalty))
        seats.sync_one(number)
        rows = Agent.objects.filter(subscriber=subscriber)
        rows.update(seen_at=NOW, idle_since=later(-idle), **fields)
        return rows.get()

    return hired


@pytest.fixture
def elena(hire):
    return hire("301", "Elena", idle=60)


@pytest.fixture
def fermin(hire):
    return hire("302", "Fermin", idle=10)


@pytest.fixture
def ask(service):
    """Somebody begins to wait."""

    def asked(who, text="Hola, no me funciona el teléfono", at=NOW, to=None):
        return starting.start(who, to or service, uuid4(), text, at)

    return asked


def fresh(conversation):
    return Conversation.objects.select_related("agent", "offered_to", "subscriber", "service").get(
        pk=conversation.pk
    )


def say(conversation, text, at=NOW, agent=None, client_id=None):
    """A line of the user's, or of the agent's."""
    writer = as_agent(agent) if agent else as_user(conversation)
    return send(conversation, writer, client_id or uuid4(), text, at)


def said(conversation):
    return list(conversation.lines.values_list("number", "kind", "text"))


def keep_alive(*agents, at):
    Agent.objects.filter(pk__in=[each.pk for each in agents]).update(seen_at=at)
