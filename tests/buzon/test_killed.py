"""A process that is killed at any moment of a change loses nothing, and the next one goes on.

Each change is made again and again in processes of their own, each of which is killed a few
lines later than the one before, until one gets to its end.
"""

from datetime import timedelta
from io import BytesIO

import pytest
from django.test import RequestFactory
from django.utils import timezone

from buzon import changes, greetings, keeping, listing
from buzon.models import BinnedMessage, ForwardedMessage, MailboxOptions
from buzon.sound import convert
from portal.models import Subscriber
from portal.pbx import get_pbx
from portal.pbx.spool import Spool
from portal.pbx.types import Greeting
from tests.buzon.sounds import tone
from tests.killing import killed_after

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")

WATCHED = "buzon/"
"""Whose lines are counted. What happens inside the telephone system is for its own tests."""

STEP = 3
"""Lines between the ends of one process and the next; a change takes some hundred."""


def rounds(work, prepare):
    """For each moment: prepare, be killed then; yields what was prepared."""
    for lines in range(1, 2000, STEP):
        args = prepare()
        is_over = killed_after(lines, WATCHED, work, *args)
        yield args
        if is_over:
            assert lines > 3 * STEP
            return
    raise AssertionError("the change never ends")


def person(pk):
    """The subscriber and a request of theirs, as another process sees them."""
    subscriber = Subscriber.objects.get(pk=pk)
    request = RequestFactory().post("/")
    request.user = subscriber.user
    return request, subscriber


def act(name, pk, *args):
    getattr(changes, name)(*person(pk), *args)


def where(subscriber):
    """The folder of each message, each of which is in one place."""
    messages = get_pbx().voicemail.messages(subscriber.mailbox)
    found = {each.msg_id: each.folder for each in messages}
    assert len(found) == len(messages), "a message is there twice"
    return found


def kept(subscriber):
    """Have the link look at every mailbox now."""
    MailboxOptions.objects.update(looked_at=None)
    keeping.look_after()
    rows = BinnedMessage.objects.filter(mailbox=subscriber.mailbox)
    inside = {msg_id for msg_id, folder in where(subscriber).items() if folder == "Cust5"}
    assert {row.msg_id for row in rows} == inside


@pytest.mark.parametrize(
    ("name", "origin", "more", "target"),
    [
        ("mark_heard", "INBOX", (), "Old"),
        ("mark_new", "Old", (), "INBOX"),
        ("move", "INBOX", ("trabajo",), "Work"),
        ("discard", "Work", (), "Cust5"),
        ("restore", "Cust5", (), "Family"),
        ("remove", "Cust5", (), None),
    ],
)
def test_messages_are_where_they_were_or_where_they_were_to_be(
    ana, leave, name, origin, more, target
):
    bystander = leave(ana, folder=origin)

    def prepare():
        chosen = [leave(ana, folder=origin), leave(ana, folder=origin)]
        if name == "restore":
            rows = [{"msg_id": each, "folder": "Family"} for each in chosen]
            for row in rows:
                BinnedMessage.objects.create(mailbox=ana.mailbox, binned_at=timezone.now(), **row)
        return name, ana.pk, chosen, *more

    moments = set()
    for _name, _pk, chosen, *_more in rounds(act, prepare):
        found = where(ana)
        moments.add(tuple(found.get(each) for each in chosen))
        assert {found.get(each) for each in chosen} <= {origin, target}
        assert found[bystander] == origin
        kept(ana)
        act(name, ana.pk, chosen, *more)  # the person tries again
        found = where(ana)
        assert {found.get(each) for each in chosen} == {target}
        clear(ana, set(found) - {bystander})
    assert (origin, origin) in moments
    assert (target, target) in moments


def clear(subscriber, ids):
    """Make room for the next round."""
    get_pbx().voicemail.remove(subscriber.mailbox, sorted(ids))
    BinnedMessage.objects.filter(msg_id__in=ids).delete()


def test_what_went_into_the_bin_still_knows_where_it_came_from(ana, leave):
    def prepare():
        return "discard", ana.pk, [leave(ana, folder="Friends")]

    for _name, _pk, (msg_id,) in rounds(act, prepare):
        if listing.find(ana, msg_id).folder == listing.BIN:
            assert listing.find(ana, msg_id).binned_at
            act("restore", ana.pk, [msg_id])
        assert where(ana)[msg_id] == "Friends"
        clear(ana, {msg_id})


def test_a_message_that_is_sent_on_comes_with_its_note_or_not_at_all(ana, bruno, leave):
    def prepare():
        return "forward", ana.pk, leave(ana), ["202"], "Para ti"

    for _name, _pk, msg_id, *more in rounds(act, prepare):
        assert where(ana)[msg_id] == "INBOX"
        if msg_id in where(bruno):
            assert listing.find(bruno, msg_id).note == "Para ti"
        act("forward", ana.pk, msg_id, *more)
        assert listing.find(bruno, msg_id).note == "Para ti"
        assert where(bruno) == {msg_id: "INBOX"}
        for each in (ana, bruno):
            clear(each, {msg_id})
        ForwardedMessage.objects.all().delete()


OLD, NEW = (convert(BytesIO(tone(level=level))) for level in (0.3, 0.6))


def put(pk, wav, until):
    greetings.put(*person(pk), Greeting.TEMPORARY, wav, until)


def test_callers_hear_the_old_greeting_or_the_new_one_and_it_has_an_end(ana):
    until = timezone.now() + timedelta(days=3)

    def prepare():
        get_pbx().voicemail.write_greeting(ana.mailbox, Greeting.TEMPORARY, OLD)
        MailboxOptions.objects.all().delete()
        return ana.pk, NEW, until

    for _args in rounds(put, prepare):
        with get_pbx().voicemail.open_greeting(ana.mailbox, Greeting.TEMPORARY) as file:
            heard = file.read()
        assert heard in {OLD, NEW}
        if heard == NEW:
            assert MailboxOptions.objects.get().temporary_until == until


def take(pk):
    greetings.take_draft(*person(pk), Greeting.BUSY)


def test_what_was_recorded_at_a_telephone_is_not_lost_before_it_is_in_force(ana, settings):
    spool = Spool(settings.PBX["OPTIONS"]["path"] / "spool" / "voicemail")
    voicemail = get_pbx().voicemail

    def prepare():
        voicemail.remove_greeting(ana.mailbox, Greeting.BUSY)
        spool.write_draft(ana.mailbox, Greeting.BUSY, OLD)
        return (ana.pk,)

    for _args in rounds(take, prepare):
        if Greeting.BUSY not in voicemail.greetings(ana.mailbox):
            take(ana.pk)
        with voicemail.open_greeting(ana.mailbox, Greeting.BUSY) as file:
            assert file.read() == OLD


def test_a_link_killed_while_it_empties_a_bin_empties_it_the_next_time(ana, leave):
    kept = leave(ana, folder="Cust5")

    def prepare():
        due = leave(ana, folder="Cust5")
        BinnedMessage.objects.all().delete()
        for msg_id, days in ((due, 31), (kept, 1)):
            at = timezone.now() - timedelta(days=days)
            BinnedMessage.objects.create(
                mailbox=ana.mailbox, msg_id=msg_id, folder="Old", binned_at=at
            )
        return ()

    for _args in rounds(keeping.empty_bins, prepare):
        assert kept in where(ana)
        keeping.empty_bins()
        assert where(ana) == {kept: "Cust5"}
        assert BinnedMessage.objects.get().msg_id == kept


def test_a_link_killed_while_it_ends_a_greeting_ends_it_the_next_time(ana):
    voicemail = get_pbx().voicemail
    voicemail.write_greeting(ana.mailbox, Greeting.BUSY, OLD)

    def prepare():
        voicemail.write_greeting(ana.mailbox, Greeting.TEMPORARY, NEW)
        MailboxOptions.objects.update_or_create(
            subscriber=ana, defaults={"temporary_until": timezone.now()}
        )
        return ()

    for _args in rounds(keeping.end_greetings, prepare):
        keeping.end_greetings()
        keeping.look_after()
        assert voicemail.greetings(ana.mailbox) == {Greeting.BUSY}
        assert MailboxOptions.objects.get().temporary_until is None
        MailboxOptions.objects.update(looked_at=None)
