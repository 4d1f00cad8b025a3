"""What the portal may count on when it begins calls, whatever the back end."""

import pytest

from portal.pbx.errors import NotFound, PBXRejected, PBXUnavailable
from portal.pbx.types import ForwardingPlan, Greeting
from tests.pbx.contract.conftest import NODE, sound

pytestmark = pytest.mark.django_db(databases=["default", "cdr"])


@pytest.fixture
def dialer(backend):
    """With 202 known to the node, who may call everybody."""
    backend.pbx.forwarding.write_classes(NODE, {"all": "^[0-9]{3,15}$"})
    plan = ForwardingPlan(
        subscriber="202", devices=("202",), mailbox="202@default", call_class="all"
    )
    backend.pbx.forwarding.write(NODE, [plan])
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
    ):
        with pytest.raises(PBXUnavailable):
            action()
