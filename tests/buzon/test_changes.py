"""Putting messages in order, in the mailbox of whoever is logged in and in no other."""

import pytest
from django.utils import timezone

from buzon import changes, listing
from buzon.changing import Busy, Left
from buzon.models import BinnedMessage, ForwardedMessage
from portal.locks import lock
from portal.models import AuditEvent
from portal.news import Topic, since
from portal.pbx import get_pbx
from portal.pbx.errors import InUse, NotFound, PBXUnavailable
from portal.pbx.simulated.faults import Mode
from portal.pbx.spool import Spool

pytestmark = pytest.mark.django_db


def folder(subscriber, msg_id):
    """The telephone system's folder in which it lies; it lies in one."""
    (found,) = (
        each for each in get_pbx().voicemail.messages(subscriber.mailbox) if each.msg_id == msg_id
    )
    return found.folder


def ids(subscriber):
    return {each.msg_id for each in get_pbx().voicemail.messages(subscriber.mailbox)}


@pytest.fixture
def at_telephone(settings, node):
    """Ana's mailbox, open at a telephone."""
    path = settings.PBX["OPTIONS"]["path"] / "spool" / "voicemail"

    def open_(subscriber):
        return node().telephones.listen(Spool(path), subscriber.mailbox)

    return open_


def test_a_message_is_marked_heard_and_new_again(ana, leave, as_person):
    msg_id = leave(ana)
    outcome = changes.mark_heard(as_person(ana), ana, [msg_id])
    assert outcome.done == {msg_id}
    assert folder(ana, msg_id) == "Old"
    assert get_pbx().voicemail.count_new(ana.mailbox) == 0
    assert changes.mark_new(as_person(ana), ana, [msg_id]).done == {msg_id}
    assert folder(ana, msg_id) == "INBOX"


def test_marking_what_is_so_already_changes_nothing(ana, leave, as_person):
    work = leave(ana, folder="Work")
    assert changes.mark_heard(as_person(ana), ana, [work]).done == {work}
    assert folder(ana, work) == "Work"
    urgent = leave(ana, folder="Urgent")
    assert changes.mark_new(as_person(ana), ana, [urgent]).done == {urgent}
    assert folder(ana, urgent) == "Urgent"


@pytest.mark.parametrize("slug", [each for each in listing.FOLDERS if each != listing.BIN])
def test_messages_are_moved_to_a_folder(ana, leave, as_person, slug):
    chosen, other = [leave(ana, folder="Work"), leave(ana)], leave(ana, folder="Family")
    assert changes.move(as_person(ana), ana, chosen, slug).done == set(chosen)
    assert {row.message.msg_id for row in listing.rows(ana, folder=slug)} >= set(chosen)
    assert folder(ana, other) == "Family"


def test_what_was_heard_stays_heard_when_it_goes_back_among_the_received(ana, leave, as_person):
    msg_id = leave(ana, folder="Work")
    changes.move(as_person(ana), ana, [msg_id], "recibidos")
    assert folder(ana, msg_id) == "Old"


@pytest.mark.parametrize("origin", ["INBOX", "Urgent", "Old", "Work", "Cust4"])
def test_what_goes_into_the_bin_comes_back_to_where_it_was(ana, leave, as_person, origin):
    msg_id = leave(ana, folder=origin)
    before = timezone.now()
    assert changes.discard(as_person(ana), ana, [msg_id]).done == {msg_id}
    assert listing.find(ana, msg_id).folder == listing.BIN
    assert before <= listing.find(ana, msg_id).binned_at <= timezone.now()
    assert changes.restore(as_person(ana), ana, [msg_id]).done == {msg_id}
    assert folder(ana, msg_id) == origin
    assert not BinnedMessage.objects.exists()


def test_what_a_telephone_put_into_the_bin_comes_back_as_heard(ana, leave, as_person):
    msg_id = leave(ana, folder="Cust5")
    changes.restore(as_person(ana), ana, [msg_id])
    assert folder(ana, msg_id) == "Old"


def test_putting_into_the_bin_twice_does_not_forget_where_it_came_from(ana, leave, as_person):
    msg_id = leave(ana, folder="Work")
    changes.discard(as_person(ana), ana, [msg_id])
    first = BinnedMessage.objects.get()
    assert changes.discard(as_person(ana), ana, [msg_id]).done == {msg_id}
    assert BinnedMessage.objects.get().binned_at == first.binned_at
    changes.restore(as_person(ana), ana, [msg_id])
    assert folder(ana, msg_id) == "Work"


def test_moving_to_the_bin_is_the_same_as_putting_it_there(ana, leave, as_person):
    msg_id = leave(ana, folder="Work")
    changes.move(as_person(ana), ana, [msg_id], listing.BIN)
    assert BinnedMessage.objects.get().folder == "Work"


def test_moving_out_of_the_bin_ends_its_days_there(ana, leave, as_person):
    msg_id = leave(ana)
    changes.discard(as_person(ana), ana, [msg_id])
    changes.move(as_person(ana), ana, [msg_id], "familia")
    assert folder(ana, msg_id) == "Family"
    assert not BinnedMessage.objects.exists()


def test_what_lies_in_the_bin_is_neither_marked_new_nor_heard(ana, leave, as_person):
    msg_id = leave(ana, folder="Cust5")
    assert changes.mark_new(as_person(ana), ana, [msg_id]).left == {msg_id: Left.IN_BIN}
    assert folder(ana, msg_id) == "Cust5"


def test_only_what_lies_in_the_bin_is_removed_for_good(ana, leave, as_person):
    binned, kept = leave(ana), leave(ana)
    changes.discard(as_person(ana), ana, [binned])
    outcome = changes.remove(as_person(ana), ana, [binned, kept])
    assert outcome.done == {binned}
    assert outcome.left == {kept: Left.NOT_IN_BIN}
    assert ids(ana) == {kept}
    assert not BinnedMessage.objects.exists()


ACTIONS = {
    "mark_heard": changes.mark_heard,
    "mark_new": changes.mark_new,
    "move": lambda request, subscriber, ids: changes.move(request, subscriber, ids, "trabajo"),
    "discard": changes.discard,
    "restore": changes.restore,
    "remove": changes.remove,
}
each_action = pytest.mark.parametrize("act", ACTIONS.values(), ids=list(ACTIONS))


@each_action
def test_another_ones_messages_stay_as_they_are(ana, bruno, leave, as_person, act):
    where = ["INBOX", "Old", "Cust5"]
    theirs = [leave(bruno, folder=each) for each in where]
    outcome = act(as_person(ana), ana, theirs)
    assert outcome.done == frozenset()
    assert outcome.left == dict.fromkeys(theirs, Left.GONE)
    assert [folder(bruno, each) for each in theirs] == where
    assert not AuditEvent.objects.exists()


@each_action
@pytest.mark.parametrize("msg_id", ["", "..", "../../202/INBOX/msg0000", "msg0000", "*", "\0"])
def test_a_guessed_id_changes_nothing(ana, leave, as_person, act, msg_id):
    mine = leave(ana)
    assert act(as_person(ana), ana, [msg_id]).left == {msg_id: Left.GONE}
    assert folder(ana, mine) == "INBOX"


@each_action
def test_a_message_whose_id_occurs_twice_stays_as_it_is(ana, leave, as_person, act, settings):
    msg_id, other = leave(ana), leave(ana, folder="Work")
    box = settings.PBX["OPTIONS"]["path"] / "spool/voicemail/default/201"
    text = (box / "INBOX/msg0000.txt").read_text()
    (box / "Cust5").mkdir()
    (box / "Cust5/msg0000.txt").write_text(text)
    (box / "Cust5/msg0000.wav").write_bytes((box / "INBOX/msg0000.wav").read_bytes())
    outcome = act(as_person(ana), ana, [msg_id])
    assert outcome.left == {msg_id: Left.AMBIGUOUS}
    assert listing.find(ana, msg_id).is_ambiguous
    assert not listing.find(ana, other).is_ambiguous


@each_action
def test_a_mailbox_that_is_open_at_a_telephone_is_left_alone(
    ana, leave, as_person, act, at_telephone
):
    chosen = [leave(ana), leave(ana, folder="Old"), leave(ana, folder="Cust5")]
    before = {each: folder(ana, each) for each in chosen}
    with at_telephone(ana), pytest.raises(InUse):
        act(as_person(ana), ana, chosen)
    assert {each: folder(ana, each) for each in chosen} == before


def test_a_mailbox_that_somebody_else_is_changing_is_left_alone(ana, leave, as_person):
    msg_id = leave(ana)
    with lock(f"mailbox-{ana.mailbox}", timeout=0, own_connection=True), pytest.raises(Busy):
        changes.discard(as_person(ana), ana, [msg_id])
    assert folder(ana, msg_id) == "INBOX"
    assert not BinnedMessage.objects.exists()


@each_action
@pytest.mark.parametrize("mode", [Mode.AWAY, Mode.FROZEN])
def test_a_telephone_system_that_does_not_answer_is_an_error(
    ana, leave, as_person, act, mode, node, settings
):
    settings.PBX["OPTIONS"]["timeout"] = 0.1
    get_pbx.cache_clear()
    chosen = [leave(ana), leave(ana, folder="Old"), leave(ana, folder="Cust5")]
    node().faults.set(mode)
    with pytest.raises(PBXUnavailable):
        act(as_person(ana), ana, chosen)


def logged(subscriber):
    """Where the log says that each message was put, in order."""
    events = AuditEvent.objects.filter(subscriber=subscriber).order_by("pk")
    return [event.after for event in events]


def test_who_moved_what_is_written_down(ana, leave, as_person):
    msg_id = leave(ana, folder="Work")
    request = as_person(ana)
    changes.move(request, ana, [msg_id], "familia")
    changes.discard(request, ana, [msg_id])
    changes.restore(request, ana, [msg_id])
    changes.discard(request, ana, [msg_id])
    changes.remove(request, ana, [msg_id])
    event = AuditEvent.objects.order_by("pk").first()
    assert event.action == AuditEvent.Action.VOICEMAIL
    assert event.actor == ana.user
    assert event.before == {msg_id: "trabajo"}
    assert [after[msg_id] for after in logged(ana)] == [
        "familia",
        "papelera",
        "familia",
        "papelera",
        "",
    ]


def test_the_log_says_so_when_nothing_was_moved_after_all(ana, leave, as_person, node):
    msg_id = leave(ana)
    node().faults.set(Mode.AWAY)
    with pytest.raises(PBXUnavailable):
        changes.move(as_person(ana), ana, [msg_id], "familia")
    assert [after[msg_id] for after in logged(ana)] == ["familia", "recibidos"]


def test_what_was_done_without_an_answer_is_not_taken_back_in_the_log(
    ana, leave, as_person, node, settings
):
    settings.PBX["OPTIONS"]["timeout"] = 0.1
    get_pbx.cache_clear()
    msg_id = leave(ana)
    node().faults.set(Mode.FROZEN)  # it obeys, and answers too late
    with pytest.raises(PBXUnavailable):
        changes.move(as_person(ana), ana, [msg_id], "familia")
    assert folder(ana, msg_id) == "Family"
    assert [after[msg_id] for after in logged(ana)] == ["familia"]


def test_a_full_folder_takes_no_more_and_the_rest_stays(ana, leave, as_person):
    for _number in range(99):
        leave(ana, folder="Work", seconds=0)
    chosen = [leave(ana), leave(ana)]
    outcome = changes.move(as_person(ana), ana, chosen, "trabajo")
    assert len(outcome.done) == 1
    assert list(outcome.left.values()) == [Left.NOT_DONE]
    assert {folder(ana, each) for each in outcome.left} == {"INBOX"}
    (left,) = outcome.left
    assert [after[left] for after in logged(ana)] == ["trabajo", "recibidos"]


def test_open_pages_hear_of_a_change(ana, bruno, leave, as_person):
    msg_id, before = leave(ana), timezone.now()
    changes.mark_heard(as_person(ana), ana, [msg_id])
    assert since(ana.number, before) == {Topic.MAILBOX}
    assert since(bruno.number, before) == set()


class TestSendingOn:
    """A message goes to colleagues."""

    def test_they_get_it_with_the_note(self, ana, bruno, carla, leave, as_person):
        msg_id = leave(ana, folder="Old")
        before = timezone.now()
        outcome = changes.forward(as_person(ana), ana, msg_id, ["202", "203"], "¿La llamas?")
        assert outcome.done == {"202", "203"}
        assert folder(ana, msg_id) == "Old"
        for colleague in (bruno, carla):
            row = listing.find(colleague, msg_id)
            assert (row.sender, row.note, row.is_heard) == ("Ana", "¿La llamas?", False)
            assert since(colleague.number, before) == {Topic.MAILBOX}
        assert listing.find(ana, msg_id).note == ""
        assert [after["to"] for after in logged(ana)] == ["202", "203"]

    def test_who_has_it_already_keeps_the_note_that_came_with_it(
        self, ana, bruno, carla, leave, as_person
    ):
        msg_id = leave(ana)
        changes.forward(as_person(ana), ana, msg_id, ["202"], "Primera")
        outcome = changes.forward(as_person(ana), ana, msg_id, ["202", "203"], "Segunda")
        assert outcome.done == {"203"}
        assert outcome.left == {"202": Left.HAS_IT}
        assert listing.find(bruno, msg_id).note == "Primera"

    def test_anothers_message_cannot_be_sent_on(self, ana, bruno, carla, leave, as_person):
        msg_id = leave(bruno)
        with pytest.raises(NotFound):
            changes.forward(as_person(ana), ana, msg_id, ["203"], "")
        assert ids(carla) == set()

    def test_a_colleague_at_the_telephone_gets_it_another_time(
        self, ana, bruno, carla, leave, as_person, at_telephone
    ):
        msg_id = leave(ana)
        with at_telephone(bruno):
            outcome = changes.forward(as_person(ana), ana, msg_id, ["202", "203"], "Hola")
        assert outcome.done == {"203"}
        assert outcome.left == {"202": Left.IN_USE}
        assert not ForwardedMessage.objects.filter(mailbox=bruno.mailbox).exists()

    def test_a_full_mailbox_is_named(self, ana, bruno, leave, as_person):
        for _number in range(100):
            leave(bruno, seconds=0)
        outcome = changes.forward(as_person(ana), ana, leave(ana), ["202"], "")
        assert outcome.left == {"202": Left.FULL}

    def test_one_silence_is_enough_for_all(self, ana, bruno, carla, leave, as_person, node):
        msg_id = leave(ana)
        node().faults.set(Mode.AWAY)
        outcome = changes.forward(as_person(ana), ana, msg_id, ["202", "203"], "")
        assert outcome.left == {"202": Left.AWAY, "203": Left.AWAY}

    def test_a_message_whose_id_occurs_twice_stays(self, ana, bruno, leave, as_person, settings):
        msg_id = leave(ana)
        box = settings.PBX["OPTIONS"]["path"] / "spool/voicemail/default/201/INBOX"
        for suffix in ("txt", "wav"):
            (box / f"msg0001.{suffix}").write_bytes((box / f"msg0000.{suffix}").read_bytes())
        outcome = changes.forward(as_person(ana), ana, msg_id, ["202"], "")
        assert outcome.left == {"202": Left.AMBIGUOUS}
        assert not ForwardedMessage.objects.exists()
