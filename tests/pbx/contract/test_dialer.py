"""What the portal may count on when it begins calls, whatever the back end."""

import pytest

from portal.pbx.begun import new_linkedid
from portal.pbx.errors import NotFound, PBXRejected, PBXUnavailable
from portal.pbx.types import GOING_ON, UP, CallState, ForwardingPlan, Greeting, News
from tests.pbx.contract.conftest import NODE, sound
from tests.pbx.contract.test_monitor import Watcher

pytestmark = pytest.mark.django_db(databases=["default", "cdr"], transaction=True)


@pytest.fixture
def dialer(backend):
    """With 202 known to the node, who may call everybody."""
    backend.pbx.forwarding.write_classes(NODE, {"all": "^[0-9]{3,15}$"})
    plan = ForwardingPlan(
        subscriber="202", devices=("202",), mailbox="202@default", call_class="all"
    )
    colleague = ForwardingPlan(subscriber="203", devices=("203",))
    backend.pbx.forwarding.write(NODE, [plan, colleague])
    return backend.pbx.dialer


def test_where_no_telephone_can_be_reached_it_says_so(dialer, box, leave):
    msg_id = leave()
    for action in (
        lambda: dialer.play_message("202", box, msg_id),
        lambda: dialer.record_greeting("202", box, Greeting.BUSY),
        lambda: dialer.call("202", "203"),
    ):
        with pytest.raises(NotFound):
            action()


def test_a_message_is_played_to_whoever_answers_and_keeps_its_sound(
    backend, dialer, voicemail, box, leave
):
    msg_id = leave()
    with backend.telephone("202"):
        dialer.play_message("202", box, msg_id)
    with voicemail.open_sound(box, msg_id) as file:
        assert file.read() == sound(msg_id)


def test_nothing_rings_for_a_message_that_is_not_there(backend, dialer, box):
    with backend.telephone("202"), pytest.raises(NotFound):
        dialer.play_message("202", box, "1-gone")


def test_what_was_not_recorded_yet_is_no_draft(backend, dialer, voicemail, other):
    with backend.telephone("202"):
        dialer.record_greeting("202", other, Greeting.BUSY)
        assert Greeting.BUSY not in voicemail.greetings(other)


@pytest.fixture
def follow(backend):
    """The states of a call as they come, until one that is given."""
    watcher = Watcher(backend)
    assert watcher.next() is UP

    def states(linkedid, last):
        heard = []
        while last not in heard:
            event = watcher.next(8)
            if (event.news, event.subject) == (News.CALL, linkedid):
                heard.append(event.state)
        return heard

    yield states
    watcher.end()


def test_a_call_is_followed_until_the_portal_hangs_up(backend, dialer, follow):
    with backend.telephone("202"), backend.telephone("203"):
        linkedid = dialer.call("202", "203", name="Carla", linkedid=new_linkedid())
        heard = follow(linkedid, CallState.ANSWERED)
        assert heard[0] == CallState.CALLING
        assert set(heard) <= GOING_ON
        dialer.hang_up(linkedid)
        assert follow(linkedid, CallState.OVER)[-1] == CallState.OVER
        dialer.hang_up(linkedid)  # a call that is over stays so


def test_where_nobody_is_at_a_telephone_the_call_ends(backend, dialer, follow):
    with backend.telephone("202"):
        linkedid = dialer.call("202", "203")
        assert follow(linkedid, CallState.OFFLINE) == [CallState.CALLING, CallState.OFFLINE]


def test_what_the_class_forbids_is_refused_but_not_an_emergency(backend, dialer, follow):
    backend.pbx.forwarding.write_classes(NODE, {"all": "^2[0-9]{2}$"})
    with backend.telephone("202"):
        refused = dialer.call("202", "600123123")
        assert follow(refused, CallState.REFUSED) == [CallState.CALLING, CallState.REFUSED]
        emergency = dialer.call("202", "112")
        heard = follow(emergency, CallState.CALLING)
        dialer.hang_up(emergency)
    assert CallState.REFUSED not in heard


@pytest.mark.parametrize("linkedid", ["201", "webfon-x", "/.*/", "webfon-0123456789abcdef\r\nA: b"])
def test_only_calls_of_the_portal_are_ended(backend, dialer, linkedid):
    with pytest.raises(PBXRejected):
        dialer.hang_up(linkedid)
    with backend.telephone("202"), pytest.raises(PBXRejected):
        dialer.call("202", "203", linkedid=linkedid)


def test_every_call_has_an_identity_of_its_own(backend, dialer):
    with backend.telephone("202"):
        ids = {dialer.call("202", "203"), dialer.call("202", "203")}
    assert len(ids) == 2
    assert "" not in ids


@pytest.mark.parametrize("number", ["", "abc", "203@x", "1\r\n2"])
def test_what_is_no_number_is_not_called(backend, dialer, number):
    with backend.telephone("202"), pytest.raises(PBXRejected):
        dialer.call("202", number)


def test_a_node_that_is_away_is_told(backend, dialer, box, leave):
    msg_id = leave()
    backend.go_away()
    for action in (
        lambda: dialer.play_message("202", box, msg_id),
        lambda: dialer.record_greeting("202", box, Greeting.BUSY),
        lambda: dialer.call("202", "203"),
        lambda: dialer.hang_up(new_linkedid()),
    ):
        with pytest.raises(PBXUnavailable):
            action()
