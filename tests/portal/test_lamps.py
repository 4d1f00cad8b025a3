"""Whose messages a telephone's lamp shows while somebody is there who logged in."""

import pytest
from django.utils import timezone

from desvios.apply import apply_pending
from portal import access_code, lamps
from portal.models import Subscriber
from portal.pbx.simulated.backend import spool_of
from portal.pbx.simulated.deposit import leave_message
from portal.pbx.simulated.seen import Seen

pytestmark = pytest.mark.django_db(databases="__all__")

CODE = "864202"


@pytest.fixture
def telephones(ana, bruno, node):
    Subscriber.objects.update(access_code=access_code.protect(CODE))
    apply_pending()
    return node().telephones


@pytest.fixture
def message(settings):
    def leave(subscriber):
        spool = spool_of(settings.PBX["OPTIONS"]["path"])
        moment = timezone.now()
        leave_message(spool, subscriber.mailbox, number="600", caller="600", at=moment, seconds=1)

    return leave


def tell(node, act):
    """Do it, and let the link hear of it."""
    seen = Seen(node)
    act()
    for event in seen.next():
        if event.state:
            lamps.on_login(event.subject, event.state)


def test_the_lamp_is_the_guests_and_then_the_owners_again(telephones, ana, bruno, node, message):
    message(bruno)
    message(ana)
    message(ana)
    tell(node(), lambda: node().logins.log_in("201", "9202", CODE))
    assert telephones.lamp("201") == 1
    tell(node(), lambda: node().logins.log_out("201"))
    assert telephones.lamp("201") == 2


def test_a_message_of_either_leaves_the_lamp_the_guests(telephones, ana, bruno, node, message):
    node().logins.log_in("201", "9202", CODE)
    message(bruno)
    lamps.on_mailbox(bruno.mailbox)
    assert telephones.lamp("201") == 1
    telephones.light("201", 2)  # Asterisk tells it of its owner's
    lamps.on_mailbox(ana.mailbox)
    assert telephones.lamp("201") == 1
    assert telephones.lamp("202") == 0


def test_a_lamp_that_was_told_otherwise_meanwhile_is_put_right(telephones, bruno, node, message):
    node().logins.log_in("201", "9202", CODE)
    message(bruno)
    telephones.light("201", 0)
    lamps.look_after_guests()
    assert telephones.lamp("201") == 1


def test_where_everybody_is_at_home_no_lamp_is_touched(telephones, ana, message):
    message(ana)
    lamps.on_mailbox(ana.mailbox)
    lamps.look_after_guests()
    assert telephones.lamp("201") == 0
