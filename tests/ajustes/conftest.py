"""Messages in mailboxes, and a clean slate for limits that are counted."""

import pytest
from django.core.cache import cache
from django.utils import timezone

from portal.pbx.simulated.backend import spool_of
from portal.pbx.simulated.deposit import leave_message


@pytest.fixture(autouse=True)
def no_attempts_so_far(db):
    cache.clear()


@pytest.fixture
def message(settings):
    """Leave a message in a subscriber's mailbox; returns its id."""

    def leave(subscriber, number, *, caller_name="", at=None):
        return leave_message(
            spool_of(settings.PBX["OPTIONS"]["path"]),
            subscriber.mailbox,
            number=number,
            caller=f'"{caller_name}" <{number}>',
            at=at or timezone.now(),
            seconds=3,
            folder="INBOX",
        )

    return leave
