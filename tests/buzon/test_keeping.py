"""What the link does for mailboxes without being asked."""

from datetime import timedelta
from io import BytesIO

import pytest
from django.utils import timezone

from buzon import changes, greetings, keeping, listing
from buzon.models import BinnedMessage, ForwardedMessage, MailboxOptions, NoticedMessage
from buzon.sound import convert
from portal.locks import lock
from portal.news import Topic, since
from portal.pbx import get_pbx
from portal.pbx.simulated.faults import Mode
from portal.pbx.spool import Spool
from portal.pbx.types import Greeting
from tests.buzon.sounds import tone

pytestmark = pytest.mark.django_db


def ids(subscriber):
    return {each.msg_id for each in get_pbx().voicemail.messages(subscriber.mailbox)}


def looked_after():
    """Every mailbox is looked at now, whenever it was the last time."""
    MailboxOptions.objects.update(looked_at=None)
    keeping.look_after()


def binned_days_ago(days):
    BinnedMessage.objects.update(binned_at=timezone.now() - timedelta(days=days))


def test_what_has_been_in_the_bin_for_thirty_days_is_removed(ana, bruno, leave, as_person):
    old, young, kept = leave(ana), leave(ana), leave(ana)
    theirs = leave(bruno)
    changes.discard(as_person(ana), ana, [old])
    changes.discard(as_person(bruno), bruno, [theirs])
    binned_days_ago(30)
    changes.discard(as_person(ana), ana, [young])
    keeping.empty_bins()
    assert ids(ana) == {young, kept}
    assert ids(bruno) == set()
    assert BinnedMessage.objects.get().msg_id == young


def test_what_has_been_there_for_less_stays(ana, leave, as_person):
    msg_id = leave(ana)
    changes.discard(as_person(ana), ana, [msg_id])
    binned_days_ago(29.9)
    keeping.empty_bins()
    assert ids(ana) == {msg_id}


def test_the_days_of_the_bin_can_be_set(ana, leave, as_person, settings):
    msg_id = leave(ana)
    changes.discard(as_person(ana), ana, [msg_id])
    binned_days_ago(8)
    settings.BIN_DAYS = 7
    keeping.empty_bins()
    assert ids(ana) == set()


def test_a_message_that_was_taken_out_at_a_telephone_is_not_removed(ana, leave, as_person):
    msg_id = leave(ana)
    changes.discard(as_person(ana), ana, [msg_id])
    get_pbx().voicemail.move(ana.mailbox, [msg_id], "Family")
    binned_days_ago(40)
    keeping.empty_bins()
    assert ids(ana) == {msg_id}
    assert not BinnedMessage.objects.exists()


def test_what_a_telephone_puts_into_the_bin_has_its_days_from_when_it_is_seen(ana, leave):
    msg_id = leave(ana, folder="Cust5", at=timezone.now() - timedelta(days=100))
    keeping.empty_bins()
    looked_after()
    keeping.empty_bins()
    assert timezone.now() - listing.find(ana, msg_id).binned_at < timedelta(minutes=1)
    binned_days_ago(31)
    keeping.empty_bins()
    assert ids(ana) == set()


def test_a_message_that_was_in_the_bin_once_begins_its_days_anew(ana, leave, as_person):
    msg_id = leave(ana)
    changes.discard(as_person(ana), ana, [msg_id])
    binned_days_ago(29)
    get_pbx().voicemail.move(ana.mailbox, [msg_id], "Old")  # at a telephone
    looked_after()
    get_pbx().voicemail.move(ana.mailbox, [msg_id], "Cust5")
    looked_after()
    binned = listing.find(ana, msg_id).binned_at
    assert timezone.now() - binned < timedelta(minutes=1)


def test_a_mailbox_that_is_open_at_a_telephone_is_emptied_later(
    ana, leave, as_person, node, settings
):
    msg_id = leave(ana)
    changes.discard(as_person(ana), ana, [msg_id])
    binned_days_ago(31)
    spool = Spool(settings.PBX["OPTIONS"]["path"] / "spool" / "voicemail")
    with node().telephones.listen(spool, ana.mailbox):
        keeping.empty_bins()
        assert ids(ana) == {msg_id}
    keeping.empty_bins()
    assert ids(ana) == set()


def test_a_node_that_is_away_costs_nobody_the_bin(ana, leave, as_person, node):
    msg_id = leave(ana)
    changes.discard(as_person(ana), ana, [msg_id])
    binned_days_ago(31)
    node().faults.set(Mode.AWAY)
    keeping.empty_bins()
    node().faults.set(Mode.NORMAL)
    assert BinnedMessage.objects.get().msg_id == msg_id
    keeping.empty_bins()
    assert ids(ana) == set()


def test_a_mailbox_that_is_being_changed_holds_up_no_other(ana, bruno, leave, as_person):
    for subscriber in (ana, bruno):
        changes.discard(as_person(subscriber), subscriber, [leave(subscriber)])
    binned_days_ago(31)
    with lock(f"mailbox-{ana.mailbox}", timeout=0, own_connection=True):
        keeping.empty_bins()
    assert len(ids(ana)) == 1
    assert ids(bruno) == set()


def test_every_mailbox_has_its_turn(ana, bruno, carla, leave, monkeypatch):
    monkeypatch.setattr(keeping, "AT_ONCE", 1)
    for subscriber in (ana, bruno, carla):
        leave(subscriber, folder="Cust5")
    for expected in (1, 2, 3, 3):
        keeping.look_after()
        assert BinnedMessage.objects.count() == expected


def test_after_a_node_was_away_pages_look_again_and_notices_are_made_up_for_first(
    ana, bruno, carla, leave, monkeypatch
):
    monkeypatch.setattr(keeping, "AT_ONCE", 1)
    wanting = {"notice": "notice", "email": "carla@example.com"}
    now = timezone.now()
    for subscriber, chosen in ((ana, {}), (bruno, {}), (carla, wanting)):
        at = {"looked_at": now, "notices_since": now.replace(microsecond=0)}
        MailboxOptions.objects.create(subscriber=subscriber, **chosen, **at)
    leave(carla)
    keeping.catch_up()
    keeping.look_after()
    assert NoticedMessage.objects.get().subscriber == carla
    for subscriber in (ana, bruno, carla):
        assert since(subscriber.number, now) == {Topic.MAILBOX}


def test_who_has_no_mailbox_is_not_looked_at(ana):
    ana.mailbox = ""
    ana.save()
    keeping.catch_up()
    keeping.look_after()
    assert not MailboxOptions.objects.exists()


@pytest.fixture
def wav():
    return convert(BytesIO(tone(rate=8000, channels=1)))


def recorded(subscriber):
    return get_pbx().voicemail.greetings(subscriber.mailbox)


def end_is(moment):
    MailboxOptions.objects.update(temporary_until=moment)


def test_a_temporary_greeting_ends_when_its_end_has_come(ana, as_person, wav):
    tomorrow = timezone.now() + timedelta(days=1)
    greetings.put(as_person(ana), ana, Greeting.TEMPORARY, wav, tomorrow)
    greetings.put(as_person(ana), ana, Greeting.BUSY, wav)
    keeping.end_greetings()
    assert recorded(ana) == {Greeting.TEMPORARY, Greeting.BUSY}
    before = timezone.now()
    end_is(before)
    keeping.end_greetings()
    assert recorded(ana) == {Greeting.BUSY}
    assert MailboxOptions.objects.get().temporary_until is None
    assert since(ana.number, before) == {Topic.MAILBOX}


def test_a_temporary_greeting_without_an_end_stays(ana, as_person, wav):
    greetings.put(as_person(ana), ana, Greeting.TEMPORARY, wav)
    looked_after()
    keeping.end_greetings()
    assert recorded(ana) == {Greeting.TEMPORARY}


def test_an_end_that_was_missed_while_the_link_was_down_comes_at_once(ana, as_person, wav):
    greetings.put(as_person(ana), ana, Greeting.TEMPORARY, wav, timezone.now())
    end_is(timezone.now() - timedelta(days=10))
    keeping.end_greetings()
    assert recorded(ana) == frozenset()


def test_the_end_of_a_greeting_that_was_removed_at_a_telephone_is_forgotten(ana, as_person, wav):
    tomorrow = timezone.now() + timedelta(days=1)
    greetings.put(as_person(ana), ana, Greeting.TEMPORARY, wav, tomorrow)
    get_pbx().voicemail.remove_greeting(ana.mailbox, Greeting.TEMPORARY)
    looked_after()
    assert MailboxOptions.objects.get().temporary_until is None


def test_a_greeting_of_a_mailbox_that_is_being_changed_ends_later(ana, as_person, wav):
    greetings.put(as_person(ana), ana, Greeting.TEMPORARY, wav, timezone.now())
    with lock(f"mailbox-{ana.mailbox}", timeout=0, own_connection=True):
        keeping.end_greetings()
    assert recorded(ana) == {Greeting.TEMPORARY}
    keeping.end_greetings()
    assert recorded(ana) == frozenset()


def test_notes_and_notices_of_messages_that_are_gone_are_forgotten_in_the_end(ana, leave):
    there, now = leave(ana), timezone.now()
    long_ago = now - timedelta(days=31)
    for msg_id, at in ((there, long_ago), ("gone long ago", long_ago), ("just gone", now)):
        ForwardedMessage.objects.create(
            mailbox=ana.mailbox, msg_id=msg_id, sender="Bruno", note="", at=at
        )
        NoticedMessage.objects.create(
            subscriber=ana, mailbox=ana.mailbox, msg_id=msg_id, found_at=at, next_try=at
        )
    looked_after()
    left = {there, "just gone"}
    assert set(ForwardedMessage.objects.values_list("msg_id", flat=True)) == left
    assert set(NoticedMessage.objects.values_list("msg_id", flat=True)) == left
