"""Telling of messages by e-mail, through a mail server on a real socket."""

import multiprocessing
import os
import signal
import time
from datetime import timedelta

import pytest
from django.db import connections
from django.utils import timezone, translation

from agenda.models import Contact
from buzon import changes, keeping, notices, options
from buzon.models import MailboxOptions, NoticedMessage
from portal.news import Topic, since
from portal.pbx import get_pbx
from tests.buzon.sounds import read

pytestmark = pytest.mark.django_db

Notice, State = MailboxOptions.Notice, NoticedMessage.State


@pytest.fixture
def wants(as_person):
    """Let a subscriber want notices, since an hour ago."""

    def wants(subscriber, notice=Notice.NOTICE, email="ana@example.com"):
        request = as_person(subscriber)
        options.save(request, subscriber, notice=notice, email=email, language="")
        hour_ago = timezone.now() - timedelta(hours=1)
        MailboxOptions.objects.filter(subscriber=subscriber).update(notices_since=hour_ago)
        subscriber.refresh_from_db()

    return wants


def heard_of(subscriber):
    """The link hears that a mailbox changed, and does what is due."""
    notices.on_mailbox(subscriber.mailbox)
    notices.send_now()


def text(letter):
    return letter.get_body(("plain",)).get_content()


def states():
    return sorted(NoticedMessage.objects.values_list("state", flat=True))


def test_a_message_is_told_of_with_a_link_to_it(ana, leave, wants, mail, settings):
    settings.ADDRESS = "https://telefonia.example.com"
    Contact.objects.create(
        owner=ana, first_name="María", display_name="María Ibáñez", number="600123123"
    )
    wants(ana)
    msg_id = leave(ana, seconds=65)
    heard_of(ana)
    (letter,) = mail.letters
    assert letter["Subject"] == "Mensaje de voz de María Ibáñez"
    assert letter["To"] == "ana@example.com"
    assert letter["From"] == settings.DEFAULT_FROM_EMAIL
    assert "1 min 05 s" in text(letter)
    address = f"https://telefonia.example.com/{settings.PREFIX}buzon/mensaje/{msg_id}/"
    assert address in text(letter)
    assert list(letter.iter_attachments()) == []


def test_the_letter_is_in_the_language_of_who_gets_it(ana, leave, wants, mail):
    ana.language = "eu"
    ana.save()
    wants(ana)
    leave(ana, seconds=65)
    heard_of(ana)
    (letter,) = mail.letters
    assert "Mensaje" not in letter["Subject"]
    with translation.override("eu"):
        assert translation.gettext("Duración: %s") % "1 min 05 s" in text(letter)


def test_the_recording_comes_with_it_where_that_was_chosen(ana, leave, wants, mail):
    wants(ana, Notice.RECORDING)
    leave(ana, seconds=3)
    heard_of(ana)
    (attachment,) = mail.letters[0].iter_attachments()
    assert attachment.get_content_type() == "audio/wav"
    samples, rate = read(attachment.get_content())
    assert len(samples) / rate == pytest.approx(3, abs=0.1)


def test_a_recording_that_is_too_large_stays_where_it_is(ana, leave, wants, mail, monkeypatch):
    monkeypatch.setattr("buzon.letter.MOST_ATTACHED", 40_000)
    wants(ana, Notice.RECORDING)
    leave(ana, seconds=3)
    heard_of(ana)
    assert list(mail.letters[0].iter_attachments()) == []
    assert "demasiado larga" in text(mail.letters[0])


def test_each_message_is_told_of_once(ana, leave, wants, mail):
    wants(ana)
    leave(ana)
    heard_of(ana)
    heard_of(ana)
    MailboxOptions.objects.update(looked_at=None)
    keeping.look_after()
    notices.send_now()
    assert len(mail.letters) == 1
    leave(ana)
    heard_of(ana)
    assert len(mail.letters) == 2


def test_only_those_who_want_it_are_told_and_only_of_their_own(ana, bruno, leave, wants, mail):
    wants(ana)
    leave(bruno)
    for subscriber in (ana, bruno):
        heard_of(subscriber)
    assert mail.letters == []
    leave(ana)
    for subscriber in (ana, bruno):
        heard_of(subscriber)
    assert [letter["To"] for letter in mail.letters] == ["ana@example.com"]


def test_what_was_there_before_notices_were_wanted_is_not_told_of(ana, leave, as_person, mail):
    leave(ana, at=timezone.now() - timedelta(minutes=5))
    options.save(as_person(ana), ana, notice=Notice.NOTICE, email="ana@example.com", language="")
    heard_of(ana)
    assert mail.letters == []
    leave(ana)
    heard_of(ana)
    assert len(mail.letters) == 1


def test_another_address_does_not_bring_old_messages_again(ana, leave, wants, mail):
    wants(ana)
    leave(ana)
    heard_of(ana)
    wants(ana, email="otra@example.com")
    heard_of(ana)
    assert len(mail.letters) == 1


def test_what_was_heard_meanwhile_needs_no_notice(ana, leave, wants, mail, as_person):
    wants(ana)
    msg_id = leave(ana)
    notices.on_mailbox(ana.mailbox)
    changes.mark_heard(as_person(ana), ana, [msg_id])
    notices.send_now()
    changes.mark_new(as_person(ana), ana, [msg_id])
    heard_of(ana)
    assert mail.letters == []
    assert states() == [State.NEEDLESS]


def test_what_is_gone_meanwhile_needs_no_notice(ana, leave, wants, mail):
    wants(ana)
    msg_id = leave(ana)
    notices.on_mailbox(ana.mailbox)
    get_pbx().voicemail.remove(ana.mailbox, [msg_id])
    notices.send_now()
    assert mail.letters == []
    assert states() == [State.NEEDLESS]


def test_who_wants_none_any_more_gets_none(ana, leave, wants, mail):
    wants(ana)
    leave(ana)
    notices.on_mailbox(ana.mailbox)
    wants(ana, Notice.NONE)
    notices.send_now()
    assert mail.letters == []


def test_an_old_message_that_a_colleague_sends_on_is_told_of(
    ana, bruno, leave, wants, mail, as_person
):
    wants(ana)
    msg_id = leave(bruno, at=timezone.now() - timedelta(days=20))
    changes.forward(as_person(bruno), bruno, msg_id, ["201"], "Es para ti")
    heard_of(ana)
    assert "Te lo ha reenviado Bruno." in text(mail.letters[0])
    assert "Es para ti" in text(mail.letters[0])


def test_events_that_were_lost_are_made_up_for(ana, leave, wants, mail):
    wants(ana)
    leave(ana)
    keeping.look_after()
    notices.send_now()
    assert len(mail.letters) == 1


def test_open_pages_hear_of_a_message_also_of_who_wants_no_notice(ana, bruno, leave):
    before = timezone.now()
    notices.on_mailbox(bruno.mailbox)
    assert since(bruno.number, before) == {Topic.MAILBOX}
    assert since(ana.number, before) == set()


def test_names_of_callers_cannot_write_headers(ana, leave, wants, mail, settings):
    wants(ana)
    leave(ana, caller='"Eva\rBcc: x@example.com" <600123123>')
    heard_of(ana)
    (letter,) = mail.letters
    assert letter["Bcc"] is None
    assert letter["Subject"] == "Mensaje de voz de Eva Bcc: x@example.com"


class TestTrouble:
    """The mail server is away, refuses, or hangs."""

    def later(self):
        """All that waits is due."""
        NoticedMessage.objects.update(next_try=timezone.now())

    def test_a_mail_server_that_is_away_is_tried_again_after_longer_and_longer(
        self, ana, leave, wants, mail, settings
    ):
        wants(ana)
        leave(ana)
        right, settings.EMAIL_PORT = settings.EMAIL_PORT, 1
        pauses = []
        for _try in range(8):
            self.later()
            heard_of(ana)
            row = NoticedMessage.objects.get()
            pauses.append(round((row.next_try - timezone.now()).total_seconds() / 60))
        assert pauses == [1, 2, 4, 8, 16, 32, 60, 60]
        assert "refused" in row.error
        settings.EMAIL_PORT = right
        notices.send_now()
        assert mail.letters == []  # not yet
        self.later()
        notices.send_now()
        assert len(mail.letters) == 1

    def test_after_three_days_it_is_given_up(self, ana, leave, wants, mail, settings):
        wants(ana)
        leave(ana)
        settings.EMAIL_PORT = 1
        heard_of(ana)
        NoticedMessage.objects.update(found_at=timezone.now() - timedelta(days=3, minutes=1))
        self.later()
        notices.send_now()
        assert states() == [State.FAILED]

    def test_an_address_that_does_not_exist_is_not_tried_again(self, ana, leave, wants, mail):
        wants(ana)
        leave(ana)
        mail.recipient_answer = "550 No such person"
        heard_of(ana)
        row = NoticedMessage.objects.get()
        assert row.state == State.FAILED
        assert "No such person" in row.error

    @pytest.mark.parametrize("attribute", ["recipient_answer", "letter_answer"])
    def test_a_mail_server_that_asks_for_patience_gets_it(self, ana, leave, wants, mail, attribute):
        wants(ana)
        leave(ana)
        setattr(mail, attribute, "451 Try later")
        heard_of(ana)
        assert states() == [State.PENDING]
        setattr(mail, attribute, "250 Ok")
        self.later()
        notices.send_now()
        assert states() == [State.SENT]
        assert len(mail.letters) == 1

    def test_one_bad_address_holds_up_nobody_else(self, ana, bruno, leave, wants, mail):
        wants(ana, email="nobody@example.com")
        wants(bruno, email="bruno@example.com")
        mail.unknown.add("nobody@example.com")
        leave(ana)
        leave(bruno)
        notices.on_mailbox(ana.mailbox)
        heard_of(bruno)
        assert [letter["To"] for letter in mail.letters] == ["bruno@example.com"]
        assert states() == [State.FAILED, State.SENT]

    def test_one_letter_that_cannot_be_written_holds_up_no_other(self, ana, leave, wants, mail):
        wants(ana)
        leave(ana)
        heard_of(ana)
        MailboxOptions.objects.update(email="a@b.example\r\nBcc: x@example.com")
        leave(ana)
        with pytest.raises(ValueError, match="Invalid address"):
            heard_of(ana)
        MailboxOptions.objects.update(email="ana@example.com")
        leave(ana)
        heard_of(ana)
        assert len(mail.letters) == 2

    def test_nothing_is_sent_on_words_of_a_telephone_system_that_is_away(
        self, ana, leave, wants, mail, settings
    ):
        wants(ana)
        leave(ana)
        notices.on_mailbox(ana.mailbox)
        spool = settings.PBX["OPTIONS"]["path"] / "spool" / "voicemail"
        spool.rename(spool.with_name("away"))
        notices.send_now()
        assert states() == [State.PENDING]
        spool.with_name("away").rename(spool)
        self.later()
        notices.send_now()
        assert len(mail.letters) == 1


@pytest.mark.django_db(transaction=True, databases="__all__")
class TestProcesses:
    """With a thread of its own, and killed."""

    def test_a_mail_server_that_hangs_holds_up_no_other_job(
        self, ana, leave, wants, mail, settings
    ):
        settings.EMAIL_TIMEOUT = 2
        wants(ana)
        leave(ana)
        notices.on_mailbox(ana.mailbox)
        mail.hangs.set()
        started = time.monotonic()
        for _second in range(3):
            notices.send_due()
        assert time.monotonic() - started < 1
        self.until(lambda: NoticedMessage.objects.get().tries == 1)
        mail.hangs.clear()
        NoticedMessage.objects.update(next_try=timezone.now())
        self.until(lambda: notices.send_due() or states() == [State.SENT])
        assert len(mail.letters) == 1

    def until(self, condition):
        deadline = time.monotonic() + 10
        while not condition():
            assert time.monotonic() < deadline
            time.sleep(0.05)

    def killed(self, work):
        """Do the work in a process of its own, which is killed in it."""
        connections.close_all()
        process = multiprocessing.get_context("fork").Process(target=work)
        process.start()
        process.join(20)
        assert process.exitcode == -signal.SIGKILL

    def test_two_links_that_are_active_for_a_moment_send_each_notice_once(
        self, ana, leave, wants, mail
    ):
        wants(ana)
        for _number in range(10):
            leave(ana, seconds=1)
        notices.on_mailbox(ana.mailbox)
        connections.close_all()
        fork = multiprocessing.get_context("fork")
        links = [fork.Process(target=notices.send_now) for _link in range(2)]
        for link in links:
            link.start()
        for link in links:
            link.join(20)
            assert link.exitcode == 0
        assert len(mail.letters) == 10
        assert states() == [State.SENT] * 10

    def test_a_link_that_is_killed_between_noting_and_sending_sends_it_later(
        self, ana, leave, wants, mail
    ):
        wants(ana)
        leave(ana)

        def note_and_die():
            notices.on_mailbox(ana.mailbox)
            os.kill(os.getpid(), signal.SIGKILL)

        self.killed(note_and_die)
        assert states() == [State.PENDING]
        heard_of(ana)
        assert len(mail.letters) == 1

    def test_a_link_that_is_killed_after_sending_sends_again_what_readers_know_for_the_same(
        self, ana, leave, wants, mail
    ):
        wants(ana)
        leave(ana)

        def send_and_die():
            notices._settle = lambda *_args: os.kill(os.getpid(), signal.SIGKILL)
            heard_of(ana)

        self.killed(send_and_die)
        assert states() == [State.PENDING]
        NoticedMessage.objects.update(next_try=timezone.now())
        heard_of(ana)
        first, second = mail.letters
        assert first["Message-ID"] == second["Message-ID"]
