"""The link hears of messages and acts, with all its parts running."""

import time
from threading import Event, Thread

import pytest
from django.db import connections

from buzon import options
from buzon.models import MailboxOptions
from portal.link import run
from portal.models import NewsItem
from portal.news import Topic

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")


@pytest.fixture
def link():
    """A link in a thread."""
    stop = Event()

    def work():
        run(stop)
        connections.close_all()

    thread = Thread(target=work)
    thread.start()
    yield
    stop.set()
    thread.join(10)


def until(condition, seconds=10):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)


def test_a_message_that_arrives_is_told_of_and_open_pages_hear_of_it(
    ana, leave, mail, as_person, link
):
    options.save(as_person(ana), ana, notice="notice", email="ana@example.com", language="")
    until(lambda: MailboxOptions.objects.filter(looked_at__isnull=False).exists())
    NewsItem.objects.all().delete()
    leave(ana)
    until(lambda: mail.letters)
    assert mail.letters[0]["To"] == "ana@example.com"
    told = NewsItem.objects.values_list("subscriber_number", "topic")
    assert set(told) == {(ana.number, Topic.MAILBOX)}
