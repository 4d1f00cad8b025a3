"""Calls between Ana, Bruno, Carla and the world outside."""

from datetime import timedelta

import pytest
from django.db import OperationalError, connections
from django.utils import timezone

from agenda.models import Contact
from historial.reach import CALL_RECORDS
from portal.pbx import get_pbx
from portal.pbx.simulated.backend import build_switch
from portal.pbx.types import ForwardingPlan, LineState

NODE = "centralita"
BUSY, OFFLINE, NO_ANSWER = LineState.BUSY, LineState.NOT_CONNECTED, LineState.NO_ANSWER


@pytest.fixture(autouse=True)
def reached(monkeypatch):
    """Nobody found the call records away a moment ago."""
    monkeypatch.setattr(CALL_RECORDS, "_again", 0.0)


@pytest.fixture
def company(ana, bruno, carla):
    """The three, known to the telephone system, without forwarding."""
    for subscriber in (ana, bruno, carla):
        put(subscriber)
    return ana, bruno, carla


def put(subscriber, **rules):
    """These rules of a subscriber are in force."""
    forwarding = get_pbx().forwarding
    forwarding.write_classes(NODE, {"all": "^[0-9]+$"})
    plan = ForwardingPlan(
        subscriber=subscriber.number,
        display_name=subscriber.display_name,
        devices=(subscriber.number,),
        mailbox=subscriber.mailbox,
        call_class="all",
        forward_class="all",
        **rules,
    )
    forwarding.write(NODE, [plan])


@pytest.fixture
def place(settings, company):
    """Place a call some minutes ago: ``place("600123123", "201", NO_ANSWER, minutes=5)``.

    The state is that of the number called, and ``others`` are those of further numbers.
    """

    def call(caller, called, state=LineState.IDLE, *, minutes=5, at=None, message=0, others=()):
        states = {called: state, **dict(others)}
        return build_switch(**settings.PBX["OPTIONS"]).place_call(
            caller,
            called,
            at or timezone.now() - timedelta(minutes=minutes),
            lambda number: states.get(number, LineState.IDLE),
            message_seconds=message,
        )

    return call


@pytest.fixture
def keys(company):
    """The keys of a number's calls, newest first."""

    def of(number):
        return [call.key for call in get_pbx().call_log.calls(number, limit=100)]

    return of


@pytest.fixture
def show(as_ana, page):
    """A page of this tab as text, with ordinary spaces in numbers."""

    def get(path="", **headers):
        answer = as_ana.get(page(f"historial/{path}"), headers=headers)
        return answer.content.decode().replace("\u00a0", " ")

    return get


@pytest.fixture
def contact():
    """Somebody in an address book; without an owner, in the company's."""

    def create(name, number, owner=None, **fields):
        book = Contact.Book.PERSONAL if owner else Contact.Book.CORPORATE
        return Contact.objects.create(
            owner=owner, book=book, first_name=name, display_name=name, number=number, **fields
        )

    return create


@pytest.fixture
def away():
    """The call records cannot be read: whatever asks them fails."""

    def fail(*_args):
        raise OperationalError("gone")

    with connections["cdr"].execute_wrapper(fail):
        yield
