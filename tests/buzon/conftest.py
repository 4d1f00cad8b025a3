"""Messages, and a mail server to tell of them."""

import pytest
from django.test import RequestFactory
from django.utils import timezone

from portal.pbx.simulated.backend import spool_of
from portal.pbx.simulated.deposit import leave_message
from tests.buzon.mail_server import mail_server


@pytest.fixture
def leave(settings):
    """Leave a message in a subscriber's mailbox; returns its id."""

    def leave(subscriber, *, number="600123123", caller="", at=None, seconds=3, folder="INBOX"):
        return leave_message(
            spool_of(settings.PBX["OPTIONS"]["path"]),
            subscriber.mailbox,
            number=number,
            caller=caller or number,
            at=at or timezone.now(),
            seconds=seconds,
            folder=folder,
        )

    return leave


@pytest.fixture
def as_person():
    """A request of a subscriber who is logged in."""

    def request(subscriber):
        made = RequestFactory().post("/")
        made.user = subscriber.user
        made.subscriber = subscriber
        return made

    return request


@pytest.fixture
def mail(settings):
    """A mail server, and the portal sends through it."""
    with mail_server() as server:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
        settings.EMAIL_TIMEOUT = 1
        yield server
