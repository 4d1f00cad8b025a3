"""What the portal may count on about telephones and queues, whatever the back end."""

import time
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from queue import Empty

import pytest

from portal.pbx.errors import NotFound, PBXRejected, PBXUnavailable
from portal.pbx.presence import Use
from portal.pbx.types import UP, ForwardingPlan, News, NodeEvent
from tests.pbx.contract.conftest import NODE
from tests.pbx.contract.test_monitor import watcher  # noqa: F401 - a fixture

STATIC, EMPTY = "sales", "support"
"""Queues of both: 202 is a static member of the first, nobody of the second."""


@pytest.fixture
def devices(backend):
    plan = ForwardingPlan(subscriber="201", devices=("201", "201b"))
    backend.pbx.forwarding.write(NODE, [plan])
    yield backend.pbx.devices
    backend.forget("at/201", "who/201", "who/201b", "who/203")


@pytest.fixture
def queues(backend):
    queues = backend.pbx.queues
    yield queues
    until_answered(lambda: queues.resume("202", [STATIC]))
    for number in ("201", "202"):
        with suppress(NotFound):
            queues.log_out(number, EMPTY)


def until_answered(change, seconds=8):
    """A node that was away is not asked again for a moment."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            return change()
        except PBXUnavailable:
            assert time.monotonic() < deadline
            time.sleep(0.1)


def at(devices, number="201"):
    """The telephones with what they do."""
    return {each.device: each for each in devices.whereabouts(number).devices}


def of(queues, queue, number="202"):
    (found,) = [each for each in queues.memberships(number).queues if each.queue == queue]
    return found


def is_recent(moment):
    return abs(datetime.now(UTC) - moment) < timedelta(seconds=5)


def test_a_telephone_that_is_registered_says_from_where(backend, devices):
    with backend.telephone("201"):
        found = at(devices)
    assert list(found) == ["201", "201b"]
    one = found["201"]
    assert (one.node, one.use, one.is_connected, one.occupant) == (NODE, Use.FREE, True, "")
    (registration,) = one.registrations
    assert registration.address.partition(":")[2].isdigit()
    assert registration.milliseconds is None or 0 < registration.milliseconds < 1000


def test_a_telephone_that_is_not_registered_is_unreachable(devices):
    found = at(devices)["201"]
    assert (found.use, found.is_connected, found.registrations) == (Use.UNREACHABLE, False, ())


def test_somebody_without_a_plan_is_at_the_telephone_of_the_number(devices):
    assert list(at(devices, "204")) == ["204"]


def test_whoever_logged_in_elsewhere_is_there(backend, devices):
    backend.put("at/201", "203")
    backend.put("who/203", "201")
    found = at(devices)
    assert found["203"].is_guest
    assert not found["203"].occupant
    assert "201" in devices.owners("203")


def test_an_own_telephone_where_somebody_else_is_says_who(backend, devices):
    backend.put("who/201b", "203")
    found = at(devices)
    assert (found["201"].occupant, found["201b"].occupant) == ("", "203")
    assert "203" in devices.owners("201b")


@pytest.mark.parametrize("odd", ["", "20 1", "201\r\nAction: Ping", "../201"])
def test_what_is_no_number_is_nowhere(backend, odd):
    with pytest.raises(NotFound):
        backend.pbx.devices.whereabouts(odd)
    assert backend.pbx.queues.memberships("299").queues == ()


def test_a_static_member_and_nobody(queues):
    found = of(queues, STATIC)
    assert (found.node, found.strategy, found.is_dynamic) == (NODE, "ringall", False)
    assert (found.is_member, found.is_paused, found.waiting, found.since) == (True, False, 0, None)
    assert queues.memberships("201").queues == ()
    assert queues.members(STATIC) == {"202"}
    assert queues.members("nothing") == frozenset()


def test_a_pause_says_why_and_since_when_and_ends(queues):
    queues.pause("202", [STATIC], "Comida | y café")
    found = of(queues, STATIC)
    assert (found.is_paused, found.reason) == (True, "Comida y café")
    assert is_recent(found.paused_since)
    queues.resume("202", [STATIC])
    queues.resume("202", [STATIC])
    found = of(queues, STATIC)
    assert (found.is_paused, found.reason, found.paused_since) == (False, "", None)


def test_a_pause_in_several_queues_where_one_is_not_ones_own(queues):
    queues.pause("202", [EMPTY, STATIC], "Comida")
    assert of(queues, STATIC).is_paused


@pytest.mark.parametrize("queue", [EMPTY, "nothing"])
def test_whoever_is_no_member_cannot_pause_or_leave(queues, queue):
    for change in (queues.pause, queues.resume):
        with pytest.raises(NotFound):
            change("202", [queue], *(["Comida"] if change == queues.pause else []))
    with pytest.raises(NotFound):
        queues.log_out("202", queue)


def test_a_dynamic_member_comes_and_goes(queues):
    assert [each.is_member for each in queues.memberships("201", [EMPTY]).queues] == [False]
    queues.log_in("201", EMPTY, name="Ana | López", penalty=3)
    queues.log_in("201", EMPTY)
    found = of(queues, EMPTY, "201")
    assert (found.is_member, found.is_dynamic, found.penalty) == (True, True, 3)
    assert is_recent(found.since)
    queues.log_out("201", EMPTY)
    assert queues.memberships("201").queues == ()


def test_all_queues_tell_who_is_in_them(queues):
    queues.pause("202", [STATIC], "Comida")
    queues.log_in("201", EMPTY, name="Ana", penalty=3)
    found = {each.queue.queue: each for each in queues.staff().queues}
    assert not found[STATIC].queue.is_member
    ((number, member),) = found[STATIC].members
    assert (number, member.is_paused, member.reason) == ("202", True, "Comida")
    assert dict(found[EMPTY].members)["201"] == of(queues, EMPTY, "201")
    queues.log_out("201", EMPTY)
    found = {each.queue.queue: each for each in queues.staff().queues}
    assert found[EMPTY].members == ()


def test_a_static_member_cannot_leave(queues):
    with pytest.raises(PBXRejected):
        queues.log_out("202", STATIC)
    assert of(queues, STATIC).is_member


def test_nobody_comes_into_a_queue_that_is_not_there(queues):
    with pytest.raises(NotFound):
        queues.log_in("201", "nothing")


def test_a_node_that_is_away(backend, devices, queues):
    backend.go_away()
    for ask in (
        lambda: devices.whereabouts("201"),
        lambda: queues.memberships("202"),
        queues.staff,
        lambda: queues.pause("202", [STATIC], "Comida"),
        lambda: queues.log_in("201", EMPTY),
    ):
        with pytest.raises(PBXUnavailable):
            ask()
    backend.come_back()


def test_a_node_that_freezes_is_waited_for_once(backend, devices):
    backend.freeze()
    began = time.monotonic()
    for _ in range(2):
        with pytest.raises(PBXUnavailable):
            devices.whereabouts("201")
    assert time.monotonic() - began < 2.5
    backend.come_back()


def test_changes_are_told_within_a_second(backend, queues, watcher):  # noqa: F811
    assert watcher.next() is UP
    queues.pause("202", [STATIC], "Comida")
    assert heard(watcher, NodeEvent(News.QUEUE, STATIC, "202"))
    queues.log_in("201", EMPTY)
    assert heard(watcher, NodeEvent(News.QUEUE, EMPTY, "201"))
    queues.log_out("201", EMPTY)
    assert heard(watcher, NodeEvent(News.QUEUE, EMPTY, "201"))
    with backend.telephone("203"):
        assert heard(watcher, NodeEvent(News.DEVICE, "203"))
    assert heard(watcher, NodeEvent(News.DEVICE, "203"))


def heard(watcher, wanted):  # noqa: F811
    """Whether there is such news within a second; then waits until there is none any more."""
    seen, deadline = [], time.monotonic() + 1
    with suppress(Empty):
        while True:
            left = deadline - time.monotonic() if wanted not in seen else 0.3
            seen.append(watcher.next(seconds=max(left, 0.01)))
    return wanted in seen
