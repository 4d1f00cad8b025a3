"""The stream of events as a browser receives it, from the server as it runs."""

import asyncio
import http.client
import re
import socket
import time
from contextlib import contextmanager, suppress
from datetime import timedelta
from queue import Empty, Queue
from threading import Event, Thread, Timer
from urllib.parse import urlencode, urlsplit

import pytest
from django.db import connection, connections
from django.utils import timezone

from portal import news, stream
from portal.news import Follower, Topic, since, tell
from tests.server import environment, manage, prepare, running

PATIENCE = 5
PEOPLE = """
from django.contrib.auth.models import User
from portal.models import ServiceClass, Subscriber
c = ServiceClass.objects.create(name="c", code="c")
for n in ("201", "202"):
    user = User.objects.create_user(n, password="una contraseña de prueba")
    Subscriber.objects.create(
        user=user, number=n, display_name=n, call_class=c, forward_class=c
    )
"""


@pytest.fixture(scope="module")
def env(tmp_path_factory):
    env = environment(
        tmp_path_factory.mktemp("portal"),
        WEBFON_DEMO="yes",
        WEBFON_OPERATOR_TOKEN="of-the-operators",
    )
    prepare(env)
    manage(env, "shell", "-v0", "-c", PEOPLE)
    return env


@pytest.fixture(scope="module")
def address(env):
    with running(env) as address:
        yield address


def tell_in_another_process(env, number, topic=Topic.MAILBOX):
    code = f"from portal.news import Topic, tell; tell([{number!r}], Topic({topic.value!r}))"
    manage(env, "shell", "-v0", "-c", code)


class Person:
    """Somebody who logged in."""

    def __init__(self, address, number):
        self.host, self.cookies = urlsplit(address).netloc, {}
        page = self.send("GET", "entrar/").read().decode()
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)[1]
        form = {"login": number, "password": "una contraseña de prueba"}
        self.token = token
        assert self.send("POST", "entrar/", {**form, "csrfmiddlewaretoken": token}).status == 302

    def send(self, method, path, form=None, **headers):
        connection = http.client.HTTPConnection(self.host, timeout=20)
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        headers = {**headers, "Cookie": cookies}
        if form is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        connection.request(method, f"/webs/webfon3/{path}", urlencode(form or {}), headers)
        response = connection.getresponse()
        response.connection = connection  # the socket stays open as long as somebody reads
        for cookie in response.headers.get_all("Set-Cookie") or []:
            name, value = cookie.split(";")[0].split("=", 1)
            self.cookies[name] = value
        return response

    def log_out(self):
        page = self.send("GET", "").read().decode()
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)[1]
        self.send("POST", "salir/", {"csrfmiddlewaretoken": token})

    @contextmanager
    def listening(self, since=None, **headers):
        """A queue of (event, id), as they arrive; ``None`` when the server ends the stream."""
        moment = int((since or timezone.now()).timestamp() * 1000)
        response = self.send("GET", f"eventos/?desde={moment}", **headers)
        assert response.status == 200, response.status
        heard = Queue()
        Thread(target=self._read, args=(response, heard), daemon=True).start()
        try:
            assert heard.get(timeout=PATIENCE)[0] == "hola"
            yield heard
        finally:
            response.connection.sock.shutdown(socket.SHUT_RDWR)

    def _read(self, response, heard):
        fields = {}
        with suppress(http.client.IncompleteRead):
            for line in response:
                name, _, value = line.decode().rstrip("\n").partition(": ")
                fields[name] = value
                if not line.strip():
                    if "event" in fields:
                        heard.put((fields["event"], fields["id"]))
                    fields = {}
        heard.put(None)


@pytest.fixture
def ana(address):
    return Person(address, "201")


@pytest.fixture
def bruno(address):
    return Person(address, "202")


def events(heard, seconds=0.8):
    """Names of the events that come within so many seconds."""
    found, end = [], time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        try:
            found.append(heard.get(timeout=left)[0])
        except Empty:
            break
    return found


def test_a_change_in_another_process_is_heard_by_whom_it_concerns_alone(env, ana, bruno):
    with ana.listening() as hers, bruno.listening() as his:
        events(hers), events(his)  # what is left of other tests
        tell_in_another_process(env, "201")
        assert hers.get(timeout=PATIENCE)[0] == "buzon"
        assert events(his) == []


def test_what_changed_since_the_page_was_made_is_heard_at_once(env, ana):
    before = timezone.now()
    tell_in_another_process(env, "201", Topic.FORWARDING)
    with ana.listening(since=before) as heard:
        assert "desvios" in events(heard)


def test_a_browser_that_comes_back_hears_what_it_missed(env, ana):
    with ana.listening() as heard:
        tell_in_another_process(env, "201")
        _, moment = heard.get(timeout=PATIENCE)
    tell_in_another_process(env, "201", Topic.CALLS)
    with ana.listening(**{"Last-Event-ID": moment}) as heard:
        assert "historial" in events(heard)


def test_whoever_was_away_for_long_looks_at_everything_again(ana):
    with ana.listening(since=timezone.now() - timedelta(hours=3)) as heard:
        assert set(events(heard)) == set(Topic)


def test_nobody_hears_anything_without_a_login(address):
    connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=10)
    headers = {"X-Request-ID": "0123456789-ours"}
    connection.request("GET", "/webs/webfon3/eventos/", headers=headers)
    answer = connection.getresponse()
    assert (answer.status, answer.headers["X-Request-ID"]) == (403, "0123456789-ours")


def test_open_streams_are_counted_for_the_operators(ana):
    with ana.listening():
        answer = ana.send("GET", "metricas/", Authorization="Bearer of-the-operators")
        figure = re.search(r"^webfon_streams (\d+)", answer.read().decode(), re.MULTILINE)
        assert int(figure[1]) >= 1


def test_whoever_leaves_while_others_are_asked_about_is_not_asked_about():
    begun, others, sent = Event(), Event(), []

    def ask_about_others():
        begun.set()
        others.wait(PATIENCE)

    async def receive():
        return {"type": "http.disconnect"}

    async def send(message):
        sent.append(message)

    async def leave_early():
        waiting = asyncio.create_task(stream.serve({"headers": []}, receive, send))
        while not stream._executor._work_queue.qsize():
            await asyncio.sleep(0.01)
        others.set()
        await waiting  # a look at who it is would find no method in the scope, and fail

    stream._executor.submit(ask_about_others)
    begun.wait(PATIENCE)
    asyncio.run(leave_early())
    assert sent == []


def test_a_wrong_host_hears_nothing(ana):
    assert ana.send("GET", "eventos/", Host="evil.example").status == 403


def test_the_stream_ends_with_the_session(env, address):
    person = Person(address, "202")
    with person.listening() as heard:
        events(heard)
        person.log_out()
        tell_in_another_process(env, "202")
        assert heard.get(timeout=PATIENCE)[0] == "salir"
        assert heard.get(timeout=PATIENCE) is None


def test_one_person_cannot_take_all_the_places(address):
    person = Person(address, "202")
    open_ones = [person.send("GET", "eventos/") for _ in range(8)]
    try:
        assert {each.status for each in open_ones} == {200}
        assert person.send("GET", "eventos/").status == 503
    finally:
        for each in open_ones:
            each.connection.close()


def test_a_server_that_is_told_to_stop_does_not_wait_for_listeners(env):
    with running(env) as address:
        person = Person(address, "201")
        response = person.send("GET", "eventos/")
        assert response.status == 200
        began = time.monotonic()
    assert time.monotonic() - began < 4  # uvicorn alone would wait without end
    response.connection.close()


@pytest.mark.django_db
def test_each_item_is_read_once():
    tell(["201"], Topic.CALLS)
    follower = Follower()
    tell(["201", "202"], Topic.MAILBOX)
    assert follower.read() == [("201", Topic.MAILBOX), ("202", Topic.MAILBOX)]
    assert follower.read() == []
    tell(["202"], Topic.MAILBOX)
    assert follower.read() == [("202", Topic.MAILBOX)]


@pytest.mark.django_db
def test_an_item_that_becomes_visible_late_is_not_missed():
    follower = Follower()
    tell(["201"], Topic.CALLS)
    first = news.NewsItem.objects.get()
    first.delete()  # another transaction drew its key first and is still open
    tell(["202"], Topic.CALLS)
    assert follower.read() == [("202", Topic.CALLS)]
    first.save(force_insert=True)
    assert follower.read() == [("201", Topic.CALLS)]


@pytest.mark.django_db
def test_old_items_are_forgotten_and_then_everything_counts_as_changed():
    news.NewsItem.objects.create(
        at=timezone.now() - news.KEEP * 2, subscriber_number="201", topic="buzon"
    )
    news.forget()
    assert not news.NewsItem.objects.exists()
    assert since("201", timezone.now()) == set()
    assert since("201", timezone.now() - news.KEEP * 2) == set(Topic)


@pytest.mark.django_db(transaction=True)
def test_a_database_that_refuses_news_breaks_no_change(caplog):
    tell(["2" * 500 + "\0"], Topic.CALLS)
    tell(["201"], Topic.CALLS)
    assert since("201", timezone.now()) == {Topic.CALLS}


@pytest.mark.django_db(transaction=True)
def test_the_reader_need_not_wait_for_its_turn_where_the_database_rings_a_bell():
    rings = connection.vendor == "postgresql"
    follower, stop = Follower(), Event()
    teller = Timer(0.2, lambda: (tell(["201"], Topic.CALLS), connections.close_all()))
    teller.start()
    began = time.monotonic()
    follower.pause(stop, 4 if rings else 0.6)
    assert 0.1 < time.monotonic() - began < 2
    teller.join()
    assert follower.read() == [("201", Topic.CALLS)]
