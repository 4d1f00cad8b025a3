"""Two processes of the web, of which one and then the other is killed while a thousand lines are
sent: none is lost, none is there twice, and the order is the one in which they were sent."""

import re
from uuid import uuid4

import pytest
from django.db import connection

from tests.asterisk.postgres import Server
from tests.asterisk.product import Product
from tests.chat.crowd import invite, send_while_killing
from tests.portal.test_stream import Person
from tests.server import environment, prepare

pytestmark = pytest.mark.django_db  # once on each kind of database

PEOPLE, EACH = 36, 14
"""1,008 lines: each side may write 15 within seconds before it is slowed down."""


@pytest.fixture(scope="module")
def webs(tmp_path_factory):
    """Two processes on the kind of database that this run is about."""
    fields, server = {"WEBFON_DEMO": "yes"}, None
    if connection.vendor == "postgresql":
        server = Server().start()
        for name in ("webfon", "calls"):
            with server.connect() as link:
                link.execute(f"CREATE DATABASE {name}")
        fields |= {"DATABASE_URL": server.url("webfon"), "CDR_DATABASE_URL": server.url("calls")}
    env = environment(tmp_path_factory.mktemp("portal"), **fields)
    prepare(env)
    both = [Product(env), Product(env)]
    try:
        for each in both:
            each.start_web()
        yield both
    finally:
        for each in both:
            if each.web and each.web.poll() is None:
                each.kill_web()
        if server:
            server.remove()


@pytest.mark.timeout(240)
def test_a_thousand_lines_come_through_once_and_in_order(webs):
    pairs = invite(webs[0].env, PEOPLE)
    senders = send_while_killing(pairs, webs, EACH)
    assert sum(sender.tries for sender in senders) > PEOPLE * EACH * 2  # some were interrupted
    for user, agent in pairs:
        _, page = user.ask(webs[0].port, "GET", f"{user.pk}/lineas/?desde=0")
        assert page == user.ask(webs[1].port, "GET", f"{user.pk}/lineas/?desde=0")[1]
        numbers = [int(number) for number in re.findall(r'data-number="(\d+)"', page)]
        assert numbers == list(range(1, 2 * EACH + 3))
        stored = re.findall(r'data-client="([0-9a-f-]+)"', page)
        for sender in (each for each in senders if each.side in (user, agent)):
            wanted = [client_id for client_id, _text in sender.sent]
            assert [each for each in stored if each in wanted] == wanted


def test_a_line_stored_by_one_process_is_heard_from_the_other(webs):
    ((user, agent),) = invite(webs[0].env, 1, first=900)
    person = Person.__new__(Person)
    person.host, person.cookies = f"localhost:{webs[1].port}", {"sessionid": user.session}
    with person.listening() as heard:
        assert agent.send(webs[0].port, str(uuid4()), "Buenos días")[0] == 200
        while heard.get(timeout=10)[0] != "chat":
            pass
    assert "Buenos días" in user.ask(webs[1].port, "GET", f"{user.pk}/lineas/?desde=2")[1]
