"""What the portal may count on about logging in at telephones, whatever the back end."""

import time
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from queue import Empty

import pytest

from portal.pbx.errors import NotFound, PBXUnavailable
from portal.pbx.logins import (
    Deed,
    MissedLogin,
    TelephoneLogin,
    read,
    stretched,
    wrong_logins,
)
from portal.pbx.types import UP, ForwardingPlan, News
from tests.pbx.contract.conftest import DEVICES, NODE
from tests.pbx.contract.test_monitor import watcher  # noqa: F401 - a fixture

CODE = "246801"
STORED = f"00ff:20:{stretched('00ff', CODE, 20)}"


@pytest.fixture
def devices(backend):
    """201 and 202 may log in, 203 is a telephone of 203's."""
    plans = [
        ForwardingPlan(
            subscriber=number, devices=(number,), access_pin=f"9{number}", access_code=STORED
        )
        for number in ("201", "202")
    ]
    backend.pbx.forwarding.write(NODE, [*plans, ForwardingPlan(subscriber="203", devices=("203",))])
    yield backend.pbx.devices
    kinds = ("at", "who", "since", "wrong/device", "wrong/subscriber")
    backend.forget(*(f"{kind}/{name}" for kind in kinds for name in DEVICES))
    backend.pbx.forwarding.remove(NODE, plans)


def at(devices, number):
    """Where a call to the number would ring, were all telephones connected."""
    return [each.device for each in devices.whereabouts(number).devices if not each.occupant]


def test_whoever_logs_in_is_there_and_the_owner_nowhere_until_the_logout(backend, devices):
    backend.log_in("203", "9202", CODE)
    found = {each.device: each for each in devices.whereabouts("202").devices}
    assert (found["203"].is_guest, found["202"].is_guest) == (True, False)
    assert abs(datetime.now(UTC) - found["203"].since) < timedelta(seconds=20)
    assert at(devices, "203") == []
    (own,) = devices.whereabouts("203").devices
    assert (own.occupant, own.is_guest, own.since) == ("202", False, None)
    backend.log_out("203")
    assert (at(devices, "202"), at(devices, "203")) == (["202"], ["203"])


def test_somebody_else_displaces_and_the_displaced_is_at_the_other_telephone(backend, devices):
    backend.log_in("203", "9202", CODE)
    backend.log_in("204", "9202", CODE)
    assert backend.get("at/202") == "203&204"
    backend.log_in("203", "9201", CODE)
    assert (backend.get("at/202"), backend.get("at/201")) == ("204", "203")
    assert (backend.get("who/203"), backend.get("who/204")) == ("201", "202")


def test_an_owner_who_logs_in_at_home_sends_the_guest_away(backend, devices):
    backend.log_in("202", "9201", CODE)
    backend.log_in("202", "9202", CODE)
    assert (backend.get("at/201"), backend.get("at/202")) == (None, None)
    assert (backend.get("who/202"), backend.get("since/202")) == (None, None)


def test_what_a_crash_left_half_done_the_next_login_puts_right(backend, devices):
    backend.put("who/203", "202")
    backend.log_in("203", "9202", CODE)
    assert (backend.get("at/202"), backend.get("who/203")) == ("203", "202")
    backend.put("at/202", "203&203&204")
    backend.log_in("203", "9202", CODE)
    assert backend.get("at/202") == "204&203"
    backend.log_out("203")
    assert (backend.get("at/202"), backend.get("who/203")) == ("204", None)


def test_the_portal_logs_out_only_who_is_there(backend, devices):
    backend.log_in("203", "9202", CODE)
    assert devices.log_out("201", "203") == ()
    assert backend.get("who/203") == "202"
    assert devices.log_out("202", "203") == ()
    assert (backend.get("who/203"), backend.get("at/202")) == (None, None)
    assert devices.log_out("202", "203") == ()


def test_a_login_of_another_node_is_done_here_too(backend, devices, watcher):  # noqa: F811
    assert watcher.next() is UP
    backend.log_in("203", "9201", CODE)
    said(watcher)
    assert devices.log_in("202", "203") == ()
    assert said(watcher, 2) == [(Deed.DISPLACED, "203", "201"), (Deed.IN, "203", "202")]
    assert (backend.get("at/202"), backend.get("who/203")) == ("203", "202")
    assert backend.get("at/201") is None
    assert devices.log_in("202", "203") == ()
    assert said(watcher, seconds=0.7) == []


def test_what_a_node_missed_is_made_up_for_unless_somebody_came_since(backend, devices):
    def make_up(subscriber, *, is_in, ago=0):
        at = datetime.now(UTC) - timedelta(seconds=ago)
        missed = MissedLogin(device="203", subscriber=subscriber, is_in=is_in, at=at)
        for _ in range(2):  # twice is once
            devices.make_up(NODE, missed)
        return backend.get("who/203"), backend.get("at/201"), backend.get("at/202")

    assert make_up("202", is_in=True) == ("202", None, "203")
    assert make_up("201", is_in=True, ago=60) == ("202", None, "203")
    assert make_up("202", is_in=False, ago=60) == ("202", None, "203")
    assert make_up("201", is_in=False) == ("202", None, "203")
    assert make_up("201", is_in=True, ago=-2) == ("201", "203", None)
    assert make_up("201", is_in=False, ago=-2) == (None, None, None)
    backend.go_away()
    with pytest.raises(PBXUnavailable):
        make_up("202", is_in=True)
    backend.come_back()


def test_who_is_a_guest_where(backend, devices):
    backend.put("who/203", "202")
    assert devices.guests(["203", "204", "a b"]) == {"203": "202"}
    assert devices.guests([]) == {}


@pytest.mark.parametrize(
    ("subscriber", "device"),
    [
        ("20 1", "203"),
        ("", "203"),
        ("201", "203,1"),
        ("201", ""),
        ("201", "a\r\nb"),
        ("201", "a/n"),
    ],
)
def test_what_is_no_number_or_telephone_is_not_logged_out(backend, subscriber, device):
    for move in (backend.pbx.devices.log_out, backend.pbx.devices.log_in):
        with pytest.raises(NotFound):
            move(subscriber, device)


def test_a_node_that_is_away_logs_nobody_out(backend, devices):
    backend.go_away()
    with pytest.raises(PBXUnavailable):
        devices.log_out("202", "203")
    backend.come_back()


def test_every_login_is_told_whatever_came_of_it(backend, devices, watcher):  # noqa: F811
    assert watcher.next() is UP
    backend.log_in("203", "9202", "999999")
    assert said(watcher) == [(Deed.WRONG, "203", "202")]
    backend.log_in("203", "77", CODE)
    assert said(watcher) == [(Deed.WRONG, "203", "")]
    backend.log_in("203", "9202", CODE)
    assert said(watcher) == [(Deed.IN, "203", "202")]
    backend.log_in("203", "9201", CODE)
    assert said(watcher, 2) == [(Deed.DISPLACED, "203", "202"), (Deed.IN, "203", "201")]
    devices.log_out("201", "203")
    assert said(watcher) == [(Deed.OUT, "203", "201")]


def test_five_wrong_claves_lock_the_pin(backend, devices):
    now = int(time.time())
    backend.put("wrong/subscriber/202", f"4-{now}")
    backend.log_in("203", "9202", "999999")
    backend.log_in("204", "9202", CODE)
    assert backend.get("who/204") is None
    backend.put("wrong/subscriber/202", f"5-{now - 300}")
    backend.log_in("204", "9202", CODE)
    assert backend.get("who/204") == "202"
    assert backend.get("wrong/subscriber/202") is None


def test_wrong_logins_are_counted_and_can_be_forgotten(backend, devices):
    assert devices.wrong_logins("202") == ()
    for _ in range(2):
        backend.log_in("203", "9202", "999999")
    (found,) = devices.wrong_logins("202")
    assert found.count == 2
    assert abs(datetime.now(UTC) - found.last) < timedelta(seconds=20)
    assert not found.lock(5, timedelta(minutes=5), datetime.now(UTC))
    backend.put("wrong/subscriber/202", f"5-{int(time.time())}")
    backend.log_in("204", "9202", CODE)
    assert backend.get("who/204") is None
    assert devices.let_in_again("202") == ()
    assert devices.wrong_logins("202") == ()
    assert devices.let_in_again("202") == ()
    backend.log_in("204", "9202", CODE)
    assert backend.get("who/204") == "202"
    for ask in (devices.wrong_logins, devices.let_in_again):
        with pytest.raises(NotFound):
            ask("20 2")


def said(watcher, count=1, seconds=3):  # noqa: F811
    """So many logins that are told next."""
    found = []
    with suppress(Empty):
        while len(found) < count:
            event = watcher.next(seconds=seconds)
            if event.news is News.LOGIN:
                found.append(read(event.subject, event.state))
    return [(login.deed, login.device, login.subscriber) for login in found]


@pytest.mark.parametrize(
    ("text", "is_locked"),
    [("5-1000", True), ("9-1299", True), ("4-1299", False), ("5-999", False), ("5-1301", False)],
)
def test_a_lock_begins_with_the_last_try_allowed_and_ends_by_itself(text, is_locked):
    now, lasting = datetime.fromtimestamp(1299.5, UTC), timedelta(seconds=300)
    assert wrong_logins(text).lock(5, lasting, now) == is_locked


@pytest.mark.parametrize("text", ["", "5", "5-", "-5", "x-1000", "5-1000-1", "99999-1000"])
def test_what_is_no_count_of_wrong_logins_is_none(text):
    assert wrong_logins(text) is None


def test_what_is_told_can_be_read_back():
    for login in (
        TelephoneLogin(deed=Deed.WRONG, device="203"),
        TelephoneLogin(deed=Deed.IN, device="a-b", subscriber="201", address="::1"),
    ):
        assert read(login.device, login.event().state) == login
    with pytest.raises(ValueError, match="not a valid Deed"):
        read("203", "inside - -")
