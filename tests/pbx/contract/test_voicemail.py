"""What the portal may count on when it reads and changes mailboxes, whatever the back end."""

import threading
import time

import pytest

from portal.pbx.errors import Ambiguous, InUse, NotFound, PBXRejected, PBXUnavailable
from portal.pbx.types import ForwardingPlan, Greeting
from tests.pbx.contract.conftest import NODE, sound


def held(voicemail, mailbox):
    return {message.msg_id: message.folder for message in voicemail.messages(mailbox)}


def heard(voicemail, mailbox, msg_id):
    with voicemail.open_sound(mailbox, msg_id) as file:
        return file.read()


def test_messages_are_listed_and_counted(voicemail, box, leave):
    old, first, second = leave("Old"), leave(), leave()
    assert [message.msg_id for message in voicemail.messages(box)] == [second, first, old]
    assert voicemail.count_new(box) == 2
    message = voicemail.messages(box)[0]
    assert (message.caller, message.caller_name, message.seconds) == ("202", "Berta", 1)


def test_a_mailbox_that_nobody_has_is_empty(voicemail):
    assert voicemail.messages("299@default") == ()
    assert voicemail.count_new("299@default") == 0
    assert voicemail.move("299@default", ["x"], "Old") == frozenset()
    assert voicemail.remove("299@default", ["x"]) == {"x"}


def test_a_message_that_was_heard_is_new_no_more_and_can_be_again(voicemail, box, leave):
    msg_id = leave()
    assert voicemail.move(box, [msg_id], "Old") == {msg_id}
    assert held(voicemail, box) == {msg_id: "Old"}
    assert voicemail.count_new(box) == 0
    assert voicemail.move(box, [msg_id], "INBOX") == {msg_id}
    assert voicemail.count_new(box) == 1
    assert heard(voicemail, box, msg_id) == sound(msg_id)


@pytest.mark.parametrize("folder", ["Work", "Friends", "Cust5"])
def test_a_message_moves_to_every_folder_and_back(voicemail, box, leave, folder):
    msg_id = leave()
    assert voicemail.move(box, [msg_id], folder) == {msg_id}
    assert held(voicemail, box) == {msg_id: folder}
    assert voicemail.move(box, [msg_id], "INBOX") == {msg_id}
    assert heard(voicemail, box, msg_id) == sound(msg_id)


def test_several_move_at_once_and_all_keep_their_sound(voicemail, box, leave):
    ids = [leave() for _ in range(6)]
    assert voicemail.move(box, [ids[0], ids[3], ids[4]], "Work") == {ids[0], ids[3], ids[4]}
    folders = held(voicemail, box)
    assert [folders[each] for each in ids] == ["Work", "INBOX", "INBOX", "Work", "Work", "INBOX"]
    assert all(heard(voicemail, box, each) == sound(each) for each in ids)


def test_what_is_there_already_counts_and_what_is_gone_does_not(voicemail, box, leave):
    there, here = leave("Old"), leave()
    assert voicemail.move(box, [there, here, "1-gone"], "Old") == {there, here}


def test_no_message_moves_to_a_folder_that_there_is_not(voicemail, box, leave):
    msg_id = leave()
    for folder in ("Deleted", "Invented", "", "../INBOX"):
        with pytest.raises(PBXRejected):
            voicemail.move(box, [msg_id], folder)
    assert held(voicemail, box) == {msg_id: "INBOX"}


def test_what_is_removed_is_gone_and_what_was_gone_is(voicemail, box, leave):
    ids = [leave() for _ in range(5)]
    assert voicemail.remove(box, [ids[1], ids[2], "1-gone"]) == {ids[1], ids[2], "1-gone"}
    assert set(held(voicemail, box)) == {ids[0], ids[3], ids[4]}
    assert all(heard(voicemail, box, each) == sound(each) for each in (ids[0], ids[3], ids[4]))


def test_an_id_that_occurs_twice_is_left_alone(voicemail, box, leave):
    msg_id, other_id = leave(), leave()
    leave("Old", msg_id=msg_id)
    assert voicemail.move(box, [msg_id, other_id], "Work") == {other_id}
    assert voicemail.remove(box, [msg_id]) == frozenset()
    with pytest.raises(Ambiguous):
        voicemail.open_sound(box, msg_id)
    assert len(voicemail.messages(box)) == 3


def test_a_copy_is_new_and_has_the_same_id(voicemail, box, other, leave):
    msg_id = leave("Old")
    voicemail.forward(box, msg_id, other)
    assert held(voicemail, box) == {msg_id: "Old"}
    assert held(voicemail, other) == {msg_id: "INBOX"}
    assert heard(voicemail, other, msg_id) == sound(msg_id)


def test_nothing_is_copied_twice(voicemail, box, other, leave):
    msg_id = leave()
    voicemail.forward(box, msg_id, other)
    for target in (other, box):
        with pytest.raises(Ambiguous):
            voicemail.forward(box, msg_id, target)
    assert len(voicemail.messages(other)) == len(voicemail.messages(box)) == 1


def test_what_is_not_there_is_not_copied(voicemail, box, other):
    with pytest.raises(NotFound):
        voicemail.forward(box, "1-gone", other)
    assert voicemail.messages(other) == ()


def test_nothing_is_copied_to_a_mailbox_that_nobody_has(backend, voicemail, box, leave):
    backend.pbx.forwarding.write(NODE, [ForwardingPlan(subscriber="201", mailbox=box)])
    msg_id = leave()
    for nowhere in ("299@default", "203@other", "203", "../203@default", ""):
        with pytest.raises(NotFound):
            voicemail.forward(box, msg_id, nowhere)
    assert not (backend.spool / "default" / "299").exists()


def test_while_a_telephone_has_the_mailbox_open_nothing_changes(backend, voicemail, box, leave):
    msg_id = leave()
    with backend.listening(box):
        for change in (
            lambda: voicemail.move(box, [msg_id], "Old"),
            lambda: voicemail.remove(box, [msg_id]),
            lambda: voicemail.forward(box, msg_id, "203@default"),
        ):
            with pytest.raises(InUse):
                change()
        assert held(voicemail, box) == {msg_id: "INBOX"}
        assert heard(voicemail, box, msg_id) == sound(msg_id)
    assert removed_within(voicemail, box, msg_id, seconds=5)


def removed_within(voicemail, box, msg_id, seconds):
    """A telephone that hung up needs a moment to leave the mailbox."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            return voicemail.remove(box, [msg_id]) == {msg_id}
        except InUse:
            time.sleep(0.05)
    return False


def test_a_node_that_is_away_is_told_and_reading_goes_on(backend, voicemail, box, leave):
    msg_id = leave()
    backend.go_away()
    for change in (
        lambda: voicemail.move(box, [msg_id], "Old"),
        lambda: voicemail.remove(box, [msg_id]),
        lambda: voicemail.forward(box, msg_id, "203@default"),
    ):
        with pytest.raises(PBXUnavailable):
            change()
    assert held(voicemail, box) == {msg_id: "INBOX"}
    assert voicemail.count_new(box) == 1
    assert heard(voicemail, box, msg_id) == sound(msg_id)


def test_many_changes_and_deposits_at_once_lose_nothing(backend, voicemail, box, other, leave):
    """In one mailbox the portal does one thing at a time; whoever leaves messages does not wait."""
    ids = [leave() for _ in range(10)]
    kept = [leave("Old", mailbox=other) for _ in range(3)]
    done = set()

    def remove():
        for msg_id in ids:
            done.update(voicemail.remove(box, [msg_id]))

    remover = threading.Thread(target=remove)
    remover.start()
    for msg_id in kept:
        voicemail.forward(other, msg_id, box)
    remover.join()
    assert done == set(ids)
    assert set(held(voicemail, box)) == set(kept)
    assert all(heard(voicemail, box, each) == sound(each) for each in kept)


def test_greetings_are_written_heard_and_removed(voicemail, other):
    voicemail.write_greeting(other, Greeting.NAME, sound("hello"))
    assert Greeting.NAME in voicemail.greetings(other)
    with voicemail.open_greeting(other, Greeting.NAME) as file:
        assert file.read() == sound("hello")
    voicemail.remove_greeting(other, Greeting.NAME)
    assert Greeting.NAME not in voicemail.greetings(other)
    with pytest.raises(NotFound):
        voicemail.open_greeting(other, Greeting.NAME)


def test_a_pin_is_taken_and_only_digits_are_one(voicemail, box):
    voicemail.set_pin(box, "4711")
    for pin in ("", "12a4", "1\r\n2"):
        with pytest.raises(ValueError):
            voicemail.set_pin(box, pin)


def test_whoever_reads_meanwhile_sees_every_message_once(voicemail, box, leave):
    ids = sorted(leave() for _ in range(8))
    seen, done = [], threading.Event()

    def read():
        while not done.is_set():
            seen.append([message.msg_id for message in voicemail.messages(box)])
            time.sleep(0.002)

    readers = [threading.Thread(target=read) for _ in range(2)]
    for reader in readers:
        reader.start()
    for folder in ("Work", "INBOX", "Old"):
        assert voicemail.move(box, ids, folder) == set(ids)
    done.set()
    for reader in readers:
        reader.join()
    assert len(seen) > 2
    assert [each for each in seen if sorted(each) != ids] == []
