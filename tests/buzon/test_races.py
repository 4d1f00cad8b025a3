"""Several processes and telephones at one mailbox: exactly what was asked for happens."""

import multiprocessing
import time
from datetime import UTC, datetime

import pytest
from django.db import connections
from django.test import RequestFactory

from buzon import changes
from buzon.changing import Busy
from buzon.models import BinnedMessage
from portal.models import AuditEvent, Subscriber
from portal.pbx import get_pbx
from portal.pbx.errors import InUse
from portal.pbx.simulated.backend import build_nodes, spool_of
from portal.pbx.simulated.deposit import leave_message
from portal.pbx.spool import Spool

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")

MANY = 40


def at_once(*works):
    """Do all of it at once, each in a process of its own."""
    connections.close_all()
    fork = multiprocessing.get_context("fork")
    processes = [fork.Process(target=work, args=args) for work, *args in works]
    for process in processes:
        process.start()
    for process in processes:
        process.join(60)
        assert process.exitcode == 0


def insist(name, pk, ids, *more):
    """Make a change of each message, and again where somebody was in the way."""
    subscriber = Subscriber.objects.get(pk=pk)
    request = RequestFactory().post("/")
    request.user = subscriber.user
    for msg_id in ids:
        while True:
            try:
                getattr(changes, name)(request, subscriber, [msg_id], *more)
                break
            except (Busy, InUse):
                time.sleep(0.02)


def deposit(path, mailbox, count):
    """Callers leave messages."""
    now = datetime.now(UTC)
    for number in range(count):
        leave_message(
            spool_of(path),
            mailbox,
            number=f"6001231{number:02d}",
            caller="600123123",
            at=now,
            seconds=1,
        )


def folders(subscriber):
    """The folder of each message, each of which is there once."""
    messages = get_pbx().voicemail.messages(subscriber.mailbox)
    found = {each.msg_id: each.folder for each in messages}
    assert len(found) == len(messages)
    return found


def test_forty_messages_arrive_while_two_processes_remove_forty(ana, leave, settings):
    old = [leave(ana, seconds=1) for _number in range(MANY)]
    insist_all("discard", ana, old)
    at_once(
        (insist, "remove", ana.pk, old[::2]),
        (insist, "remove", ana.pk, old[1::2]),
        (deposit, settings.PBX["OPTIONS"]["path"], ana.mailbox, MANY),
    )
    found = folders(ana)
    assert set(found).isdisjoint(old)
    assert list(found.values()) == ["INBOX"] * MANY
    assert not BinnedMessage.objects.exists()


def insist_all(name, subscriber, ids):
    request = RequestFactory().post("/")
    request.user = subscriber.user
    assert getattr(changes, name)(request, subscriber, ids).done == set(ids)


def test_two_processes_that_move_the_same_messages_lose_and_double_none(ana, leave):
    ids = [leave(ana, seconds=1) for _number in range(20)]
    at_once(
        (insist, "move", ana.pk, ids, "trabajo"),
        (insist, "discard", ana.pk, ids[::-1]),
        (insist, "mark_heard", ana.pk, ids),
    )
    found = folders(ana)
    assert set(found) == set(ids)
    assert set(found.values()) <= {"Work", "Cust5"}
    in_bin = {msg_id for msg_id, folder in found.items() if folder == "Cust5"}
    assert set(BinnedMessage.objects.values_list("msg_id", flat=True)) == in_bin
    last = {}
    for event in AuditEvent.objects.order_by("pk"):
        last |= event.after
    names = {"Work": "trabajo", "Cust5": "papelera"}
    assert last == {msg_id: names[folder] for msg_id, folder in found.items()}


def test_a_telephone_that_deletes_while_the_portal_does_takes_no_other_message(
    ana, leave, settings
):
    ids = [leave(ana, seconds=1) for _number in range(15)]
    path = settings.PBX["OPTIONS"]["path"]
    at_once(
        (at_telephone, path, ana.mailbox, ids[10:]),
        (insist, "discard", ana.pk, ids[:5]),
    )
    found = folders(ana)
    assert set(found) == set(ids[:10])
    assert {found[each] for each in ids[:5]} == {"Cust5"}
    assert {found[each] for each in ids[5:10]} == {"INBOX"}


def at_telephone(path, mailbox, ids):
    """Delete messages one call after the other."""
    (node,) = build_nodes(path).values()
    spool = Spool(spool_of(path))
    for msg_id in ids:
        with node.telephones.listen(spool, mailbox) as listening:
            listening.delete(msg_id)
            time.sleep(0.05)
