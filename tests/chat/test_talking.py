"""Lines: stored once, in one order, and never after the end."""

from threading import Barrier, Thread
from uuid import uuid4

import pytest
from django.db import IntegrityError, connections, transaction

from chat import attending, starting
from chat.models import CallbackTask, Conversation, Line, State
from chat.talking import (
    MOST_LINES,
    NotSent,
    Over,
    TooFast,
    as_agent,
    as_user,
    lines_after,
    mark_read,
    mark_typing,
    send,
)
from chat.text import clean, linked, searchable, shown
from portal.models import NewsItem
from tests.chat.conftest import NOW, fresh, later, said, say

pytestmark = pytest.mark.django_db


def test_who_writes_waits_and_the_agents_of_the_queue_hear_of_it(ask, elena, ana):
    conversation = ask(ana)
    assert conversation.state == State.WAITING
    assert said(conversation) == [(1, "text", "Hola, no me funciona el teléfono")]
    told = NewsItem.objects.filter(topic="chat").values_list("subscriber_number", flat=True)
    assert {"201", "301"} <= set(told)


def test_the_same_line_sent_again_is_the_same_line(ask, elena, ana):
    conversation, once = ask(ana), uuid4()
    first = say(conversation, "Una vez", client_id=once)
    again = say(conversation, "Una vez", client_id=once)
    assert (first.pk, fresh(conversation).last_line) == (again.pk, 2)
    attending.end(conversation, as_user(conversation), NOW)
    assert say(conversation, "Una vez", client_id=once).pk == first.pk


def test_the_same_beginning_sent_again_begins_nothing(service, elena, ana):
    once = uuid4()
    first = starting.start(ana, service, once, "Hola", NOW)
    assert starting.start(ana, service, once, "Hola", NOW) == first
    message = starting.leave_message(ana, service, (other := uuid4()), "Llamadme", "201", NOW)
    assert starting.leave_message(ana, service, other, "Llamadme", "201", NOW) == message
    assert CallbackTask.objects.count() == 1


def test_there_is_one_open_conversation_at_a_time(ask, elena, ana):
    first = ask(ana)
    with pytest.raises(starting.AlreadyTalking) as refused:
        ask(ana)
    assert refused.value.conversation == first
    with pytest.raises(IntegrityError), transaction.atomic():
        Conversation.objects.create(
            subscriber=ana, service=first.service, opened_at=NOW, queued_at=NOW, last_line_at=NOW
        )


def test_nothing_is_said_after_the_end(ask, elena, ana):
    conversation = ask(ana)
    attending.take(conversation, elena, NOW)
    attending.close(conversation, elena, "Resuelta", NOW)
    for agent in (None, elena):
        with pytest.raises(Over):
            say(conversation, "¿Sigues ahí?", agent=agent)
    assert [kind for _, kind, _ in said(conversation)] == ["text", "taken", "ended"]


def test_only_the_agent_who_has_it_writes(ask, elena, fermin, ana):
    conversation = ask(ana)
    with pytest.raises(Over):
        say(conversation, "Hola", agent=elena)
    attending.take(conversation, elena, NOW)
    say(conversation, "Hola, soy Elena", agent=elena)
    with pytest.raises(Over, match="ya no es tuya"):
        say(conversation, "Y yo Fermín", agent=fermin)


@pytest.mark.parametrize("text", ["", "  \n ", "\x00\x07", "x" * 2001, "y" * 1_000_000])
def test_what_is_no_line_is_refused_and_stores_nothing(ask, elena, ana, text):
    conversation = ask(ana)
    with pytest.raises(NotSent):
        say(conversation, text)
    assert fresh(conversation).last_line == 1


def test_the_database_holds_no_line_that_is_too_long(ask, elena, ana):
    fields = {"role": "user", "at": NOW, "client_id": uuid4(), "number": 2}
    with pytest.raises(IntegrityError), transaction.atomic():
        Line.objects.create(conversation=ask(ana), text="x" * 2001, **fields)


def test_a_flood_is_slowed_and_then_goes_on(ask, elena, ana, caplog):
    conversation = ask(ana)
    for each in range(MOST_LINES - 1):
        say(conversation, f"línea {each}")
    with pytest.raises(TooFast, match="muy deprisa"):
        say(conversation, "una más")
    assert "refused: too many lines of the chat by one user" in caplog.text
    say(conversation, "más tarde", at=later(16))


def test_whoever_begins_and_ends_again_and_again_is_slowed(ask, elena, ana, caplog):
    for _ in range(6):
        attending.end(found := ask(ana), as_user(found), NOW)
    with pytest.raises(TooFast):
        ask(ana)
    assert "refused: 201 begins too many conversations" in caplog.text


def test_each_side_sees_what_the_other_has_read(ask, elena, ana):
    conversation = ask(ana)
    attending.take(conversation, elena, NOW)
    mark_read(fresh(conversation), as_agent(elena), 2, NOW)
    mark_read(fresh(conversation), as_user(conversation), 99, NOW)  # there is no such line
    found = fresh(conversation)
    assert (found.read_by_agent, found.read_by_user) == (2, 1)


def test_marks_of_what_was_read_are_slowed_and_that_of_the_last_line_is_not(
    ask, elena, ana, django_assert_num_queries
):
    conversation = ask(ana)
    attending.take(conversation, elena, NOW)
    for each in range(9):
        say(conversation, f"línea {each}")
    agent = as_agent(elena)
    assert mark_read(fresh(conversation), agent, 3, later(5))
    found = fresh(conversation)
    with django_assert_num_queries(0):
        assert not mark_read(found, agent, 4, later(5.5))
        assert mark_read(found, agent, 2, later(9))  # known already
        assert mark_read(found, agent, 99, later(9))  # there is no such line
    assert fresh(conversation).read_by_agent == 3
    assert mark_read(fresh(conversation), agent, 5, later(6))
    last = fresh(conversation).last_line
    assert mark_read(fresh(conversation), agent, last, later(6.1))
    say(conversation, "otra", at=later(6.2))
    assert mark_read(fresh(conversation), agent, last + 1, later(6.3))
    assert fresh(conversation).read_by_agent == last + 1
    assert mark_read(fresh(conversation), as_user(conversation), 2, later(6.3))


def test_signs_of_writing_count_once_in_a_while_on_each_side(
    ask, elena, ana, django_assert_num_queries
):
    conversation = ask(ana)
    attending.take(conversation, elena, NOW)
    before = NewsItem.objects.count()
    for each in range(20):
        mark_typing(fresh(conversation), as_agent(elena), later(each / 10))
        mark_typing(conversation, as_agent(elena), later(each / 10))  # it read the row before
    found = fresh(conversation)
    assert found.agent_typed_at == later(1)
    assert NewsItem.objects.count() == before + 2 * 2
    with django_assert_num_queries(0):
        mark_typing(found, as_agent(elena), later(1.9))
    mark_typing(found, as_user(conversation), later(1.9))
    assert fresh(conversation).user_typed_at == later(1.9)
    say(conversation, "Hola", agent=elena, at=later(1.9))
    mark_typing(fresh(conversation), as_agent(elena), later(1.95))
    assert fresh(conversation).agent_typed_at == later(1.95)


def test_everything_after_a_line_is_found_whatever_was_missed(ask, elena, ana):
    conversation = ask(ana)
    for each in range(5):
        say(conversation, str(each))
    assert [line.number for line in lines_after(conversation, 3)] == [4, 5, 6]


def test_text_is_text():
    hostile = '<script>alert(1)</script> https://a.example/?x="><b> javascript:alert(1)'
    html = linked(hostile)
    assert "<script" not in html
    assert '<a href="https://a.example/?x=" rel="nofollow' in html
    assert "?x=</a>&quot;&gt;&lt;b&gt;" in html
    assert "javascript:" in html  # as words
    assert 'href="javascript' not in html


def test_what_would_turn_the_text_round_is_made_visible():
    assert shown("factura\u202efdp.exe") == "factura\ufffdfdp.exe"
    assert clean("a\x00b\x1b[31m\r\nc\td") == "ab[31m\nc\td"
    assert clean("👩\u200d👩\u200d👧 ¡vale! 🇪🇸") == "👩\u200d👩\u200d👧 ¡vale! 🇪🇸"
    assert searchable("Impresora de la OFICINA, sí") == "impresora de la oficina si"


def together(*works):
    """Do all at the same moment, each with a connection of its own; what they raise or return."""
    gate, outcomes = Barrier(len(works)), {}

    def run(name, work):
        gate.wait()
        try:
            outcomes[name] = work()
        except Exception as error:
            outcomes[name] = error
        finally:
            connections.close_all()

    threads = [Thread(target=run, args=pair) for pair in enumerate(works)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return [outcomes[name] for name in range(len(works))]


@pytest.mark.django_db(transaction=True)
def test_of_two_agents_exactly_one_takes_it(ask, hire, ana):
    agents = [hire(f"30{n}", f"Agente{n}") for n in range(1, 6)]
    conversation = ask(ana)
    outcomes = together(
        *(lambda agent=agent: attending.take(conversation, agent, NOW) for agent in agents)
    )
    assert sum(outcome is None for outcome in outcomes) == 1
    assert fresh(conversation).agent == agents[outcomes.index(None)]
    assert [kind for _, kind, _ in said(conversation)].count("taken") == 1


@pytest.mark.django_db(transaction=True)
def test_two_windows_of_an_agent_do_not_pass_the_limit(ask, hire, ana, bruno, carla):
    elena = hire("301", "Elena", limit=1)
    waiting = [ask(each) for each in (ana, bruno, carla)]
    outcomes = together(*(lambda each=each: attending.take(each, elena, NOW) for each in waiting))
    assert sum(outcome is None for outcome in outcomes) == 1
    assert Conversation.objects.active().filter(agent=elena).count() == 1


@pytest.mark.django_db(transaction=True)
def test_lines_of_both_sides_at_once_have_one_order_without_gaps(ask, elena, ana):
    conversation = ask(ana)
    attending.take(conversation, elena, NOW)
    once = uuid4()
    both = (as_user(conversation), as_agent(elena))
    works = [
        lambda n=n: send(conversation, both[n % 2], uuid4(), f"línea {n}", NOW) for n in range(8)
    ]
    works += [lambda: send(conversation, both[0], once, "dos veces", NOW)] * 2
    outcomes = together(*works)
    assert not [each for each in outcomes if isinstance(each, Exception)]
    assert outcomes[-1].pk == outcomes[-2].pk
    assert [number for number, _, _ in said(conversation)] == list(range(1, 12))
    assert fresh(conversation).last_line == 11


@pytest.mark.django_db(transaction=True)
def test_a_line_that_races_with_the_end_comes_before_it_or_not_at_all(ask, elena, ana):
    conversation = ask(ana)
    attending.take(conversation, elena, NOW)
    line, _closed = together(
        lambda: say(conversation, "espera"),
        lambda: attending.close(conversation, elena, "Resuelta", NOW),
    )
    kinds = [kind for _, kind, _ in said(conversation)]
    assert kinds[-1] == "ended"
    assert isinstance(line, Over) == (kinds.count("text") == 1)
