"""Two nodes that share a spool, or keep one each."""

import pytest

from portal.pbx.errors import InUse, PBXUnavailable
from portal.pbx.types import Greeting
from tests.asterisk import rtp
from tests.asterisk.exchange import Exchange, wait_until
from tests.asterisk.mailboxes import Box, portal_of
from tests.asterisk.phone import Phone

pytestmark = pytest.mark.asterisk

BOX = "202@default"


@pytest.fixture(scope="module")
def second(start_asterisk, asterisk):
    """Another node, with the spool of the first mounted in the place of its own."""
    instance = start_asterisk()
    own = instance.spool.with_name("own")
    instance.spool.rename(own)
    instance.spool.symlink_to(asterisk.spool)
    return instance


@pytest.fixture
def shared(asterisk, second):
    """The portal's side of both, which know the spool by one path."""
    if second.process.poll() is not None:
        second.start()
    return portal_of(asterisk, second, spool=asterisk.spool, timeout=0.5)


@pytest.fixture
def other(second, shared):
    exchange = Exchange(second)
    exchange.begin()
    yield exchange
    exchange.clear()
    exchange.close()


def test_a_mailbox_open_at_one_node_is_not_changed_by_way_of_the_other(shared, other, boxes):
    (msg_id,) = boxes["202"].leave(1)
    other.ami.act(
        "Originate",
        Channel="Local/9@test-open/n",
        Context="webfon-mailbox",
        Exten=BOX,
        Priority=1,
        Async="true",
    )
    wait_until(lambda: "VoiceMailMain" in [name for _, _, name in other.channels()])
    with pytest.raises(InUse):
        shared.voicemail.remove(BOX, [msg_id])
    other.hang_up_all()
    assert shared.voicemail.remove(BOX, [msg_id]) == {msg_id}


def test_lamps_of_telephones_at_the_other_node_follow(shared, second, boxes):
    telephone = Phone("202", second.sip).register()
    (msg_id,) = boxes["202"].leave(1)
    assert shared.voicemail.move(BOX, [msg_id], "Old") == {msg_id}
    telephone.wait_for_notify(lambda notify: "Voice-Message: 0/1" in notify.body, 1.0)
    telephone.unregister()
    telephone.close()


def test_a_node_that_is_stopped_holds_nobody_up(shared, asterisk, second, boxes):
    ids = boxes["202"].leave(2)
    second.stop()
    assert shared.voicemail.remove(BOX, ids[:1]) == {ids[0]}
    upside_down = portal_of(second, asterisk, spool=asterisk.spool, timeout=0.5).voicemail
    assert upside_down.remove(BOX, ids[1:]) == {ids[1]}


def test_a_node_that_does_not_answer_might_have_the_mailbox_open(shared, second, boxes):
    (msg_id,) = boxes["202"].leave(1)
    second.freeze()
    try:
        with pytest.raises(PBXUnavailable):
            shared.voicemail.remove(BOX, [msg_id])
        assert boxes["202"].found() == {msg_id: "INBOX"}
    finally:
        second.thaw()


@pytest.fixture(scope="module")
def apart(start_asterisk):
    """A node with a spool of its own."""
    return start_asterisk()


def test_a_message_is_changed_where_it_lies(asterisk, apart, boxes):
    voicemail = portal_of(asterisk, apart).voicemail
    there = Box(apart.spool, BOX)
    here_ids, there_ids = boxes["202"].leave(2), there.leave(2, first=10)
    moved = [here_ids[0], there_ids[0]]
    assert voicemail.move(BOX, moved, "Old") == set(moved)
    assert boxes["202"].found() == {here_ids[0]: "Old", here_ids[1]: "INBOX"}
    assert there.found() == {there_ids[0]: "Old", there_ids[1]: "INBOX"}
    assert voicemail.count_new(BOX) == 2
    voicemail.forward(BOX, there_ids[1], "203@default")
    assert list(Box(apart.spool, "203@default").found()) == [there_ids[1]]
    assert voicemail.remove(BOX, here_ids + there_ids) == {*here_ids, *there_ids}
    there.clear()


def test_a_message_that_both_hold_is_changed_in_both(asterisk, apart, boxes):
    voicemail = portal_of(asterisk, apart).voicemail
    there = Box(apart.spool, BOX)
    (msg_id,) = boxes["202"].leave(1)
    there.leave(1)
    assert voicemail.move(BOX, [msg_id], "Old") == {msg_id}
    assert boxes["202"].found() == there.found() == {msg_id: "Old"}
    there.clear()


def test_greetings_and_pins_are_written_to_every_spool(asterisk, apart, boxes):
    pbx = portal_of(asterisk, apart)
    pbx.voicemail.write_greeting(BOX, Greeting.TEMPORARY, rtp.wav_of(500, 1))
    pbx.voicemail.set_pin(BOX, "2222")
    for instance in (asterisk, apart):
        folder = Box(instance.spool, BOX).path
        assert rtp.share(rtp.read_wav(folder / "temp.wav"), 500) > 0.9
        assert "2222" in (folder / "secret.conf").read_text()
        (folder / "secret.conf").unlink()
    pbx.voicemail.remove_greeting(BOX, Greeting.TEMPORARY)
    assert Greeting.TEMPORARY not in pbx.voicemail.greetings(BOX)


def test_a_call_begins_at_the_node_where_the_telephone_is(asterisk, apart):
    dialer = portal_of(asterisk, apart).dialer
    telephone = Phone("203", apart.sip).register()
    dialer.call("203", "201")
    assert telephone.wait_for_call().display() == "Webfon"
    telephone.wait_until_hung_up()
    telephone.unregister()
    telephone.close()
