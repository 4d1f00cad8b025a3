"""Who is offered what, with the clock passed in."""

from datetime import UTC, datetime, time

import pytest

from chat import attending, seats, starting
from chat.availability import availability
from chat.distribution import distribute, end_silent
from chat.hours import is_open, next_opening
from chat.models import Agent, CallbackTask, Offer, OpenHours, Seat, State
from chat.talking import as_user
from portal.models import NewsItem
from portal.pbx.errors import PBXUnavailable
from portal.pbx.simulated.acd import Member
from portal.pbx.simulated.faults import Mode
from tests.chat.conftest import NOW, fresh, keep_alive, later, said
from tests.world import make_subscriber

pytestmark = pytest.mark.django_db


def offered(conversation):
    agent = fresh(conversation).offered_to
    return agent.name if agent else None


def test_it_is_offered_to_whoever_has_been_idle_for_the_longest(ask, elena, fermin, ana, bruno):
    first, second = ask(ana), ask(bruno, at=later(1))
    distribute(later(1))
    assert (offered(first), offered(second)) == ("Elena", "Fermin")


def test_a_higher_penalty_gets_it_only_when_no_lower_one_can(ask, hire, ana, bruno):
    hire("301", "Elena", penalty=5, idle=999)
    hire("302", "Fermin", penalty=1, idle=1, limit=1)
    first, second = ask(ana), ask(bruno, at=later(1))
    distribute(later(1))
    assert (offered(first), offered(second)) == ("Fermin", "Elena")


def test_what_is_not_taken_in_time_is_offered_to_another_and_comes_round_again(
    ask, elena, fermin, ana
):
    conversation = ask(ana)
    names = []
    for seconds in (0, 29, 30, 60, 90):
        keep_alive(elena, fermin, at=later(seconds))
        distribute(later(seconds))
        names.append(offered(conversation))
    assert names == ["Elena", "Elena", "Fermin", "Elena", "Fermin"]
    assert Offer.objects.filter(outcome=Offer.Outcome.MISSED).count() == 3


def test_who_declines_is_asked_after_the_others(ask, elena, fermin, ana):
    conversation = ask(ana)
    distribute(NOW)
    attending.decline(conversation, elena, NOW)
    distribute(NOW)
    assert offered(conversation) == "Fermin"


def test_whoever_waits_hears_that_the_place_is_another(ask, elena, ana, bruno):
    first, second = ask(ana), ask(bruno, at=later(1))
    assert fresh(second).place() == 2
    NewsItem.objects.all().delete()
    attending.take(first, elena, later(2))
    assert fresh(second).place() == 1
    assert NewsItem.objects.filter(subscriber_number="202", topic="chat").exists()


def test_many_who_wait_cost_no_more_than_few_while_nobody_is_free(
    hire, ask, national, django_assert_max_num_queries
):
    elena = hire("301", "Elena", limit=1)
    for number in range(210, 240):
        ask(make_subscriber(str(number), f"P{number}", national))
    distribute(NOW)
    with django_assert_max_num_queries(12):
        distribute(NOW)
    assert Agent.objects.get(pk=elena.pk).offered.count() == 1


def test_nobody_is_given_more_than_the_limit_nor_a_conversation_of_their_own(ask, hire, ana, bruno):
    elena = hire("301", "Elena", limit=1)
    first, second = ask(ana), ask(bruno, at=later(1))
    distribute(later(1))
    assert (offered(first), offered(second)) == ("Elena", None)
    own = ask(elena.subscriber, at=later(2))
    attending.take(first, elena, later(2))
    attending.close(first, elena, "Resuelta", later(2))
    distribute(later(3))
    assert (offered(second), offered(own)) == ("Elena", None)
    with pytest.raises(attending.NotDone):
        attending.take(own, elena, later(3))


def test_who_is_absent_or_paused_is_offered_nothing_and_loses_the_offer(
    ask, elena, fermin, ana, queues
):
    conversation = ask(ana)
    distribute(NOW)
    queues.pause(queues.member("atencion", "301"), "Comida")
    seats.on_queue("atencion", "301")
    distribute(NOW)
    assert offered(conversation) == "Fermin"
    keep_alive(elena, at=later(50))
    distribute(later(46))  # nothing was heard of Fermín meanwhile
    assert offered(conversation) is None


def test_an_agent_whose_network_drops_gives_it_back_and_the_user_is_told(
    ask, elena, fermin, ana, bruno
):
    conversation = ask(ana)
    attending.take(conversation, elena, NOW)
    keep_alive(fermin, at=later(46))
    other = ask(bruno, at=later(5))
    NewsItem.objects.all().delete()
    distribute(later(44))
    assert fresh(conversation).agent == elena
    distribute(later(46))
    assert offered(conversation) == "Fermin"
    assert offered(other) == "Fermin"  # he may have three, and this one comes second
    assert fresh(conversation).place() == 1
    assert said(conversation)[-1][1] == "returned"
    assert NewsItem.objects.filter(subscriber_number="201", topic="chat").exists()
    assert Agent.objects.get(pk=elena.pk).conversations.count() == 0


def test_who_waits_for_too_long_is_called_instead(ask, elena, ana, service):
    conversation = ask(ana)
    Seat.objects.update(is_paused=True)
    distribute(later(599))
    assert fresh(conversation).state == State.WAITING
    distribute(later(600))
    assert fresh(conversation).state == State.CALLBACK
    assert CallbackTask.objects.get().number == "201"
    assert said(conversation)[-1][1:] == ("callback", "201")


def test_whether_somebody_is_there_is_looked_at_when_it_is_sent(ask, elena, ana, service):
    assert availability(service, NOW).can_wait
    with pytest.raises(starting.NobodyThere, match="ningún agente"):
        ask(ana, at=later(46))
    elena.delete()
    with pytest.raises(starting.NobodyThere):
        ask(ana)


def test_outside_its_hours_a_service_takes_messages_alone(ask, elena, ana, service, settings):
    settings.TIME_ZONE = "Europe/Madrid"
    yesterday = later(-86400).astimezone().weekday()
    OpenHours.objects.create(service=service, weekday=yesterday, opens="00:00", closes="00:01")
    found = availability(service, NOW)
    assert not found.is_open
    assert found.opens_at > NOW
    with pytest.raises(starting.NobodyThere, match="cerrado"):
        ask(ana)


def test_hours_are_those_of_the_companys_clock(settings):
    settings.TIME_ZONE = "Europe/Madrid"
    row = OpenHours(weekday=0, opens=time(9), closes=time(14))
    monday = datetime(2026, 11, 23, tzinfo=UTC)
    assert not is_open([row], {}, monday.replace(hour=7, minute=59))
    assert is_open([row], {}, monday.replace(hour=8))
    assert not is_open([row], {}, monday.replace(hour=13))
    assert next_opening([row], {}, monday.replace(hour=8)) == monday.replace(day=30, hour=8)
    assert is_open([], {}, monday)


def test_a_hand_over_keeps_the_place_and_is_offered_to_whom_it_was_meant_for(
    ask, elena, fermin, ana, bruno, support, queues
):
    conversation = ask(ana)
    attending.take(conversation, elena, NOW)
    attending.hand_over(conversation, elena, conversation.service, fermin, NOW)
    assert offered(conversation) == "Fermin"
    with pytest.raises(attending.NotDone):
        attending.hand_over(conversation, elena, support, None, NOW)
    attending.take(conversation, fermin, NOW)
    assert fresh(conversation).taken_at == NOW
    attending.hand_over(conversation, fermin, support, None, NOW)
    found = fresh(conversation)
    assert (found.service, found.agent, found.state) == (support, None, State.WAITING)
    assert [row.receiver for row in found.hand_overs.all()] == [fermin, None]
    queues.put(Member("soporte", "301"))
    seats.sync()
    distribute(NOW)
    assert offered(conversation) == "Elena"


def test_nothing_is_handed_over_to_who_is_not_there(ask, elena, fermin, ana):
    conversation = ask(ana)
    attending.take(conversation, elena, NOW)
    Seat.objects.filter(agent=fermin).update(is_paused=True)
    with pytest.raises(attending.NotDone, match="no puede"):
        attending.hand_over(conversation, elena, conversation.service, fermin, NOW)
    assert fresh(conversation).agent == elena


def test_a_conversation_in_which_nobody_writes_ends_by_itself(ask, elena, ana):
    conversation = ask(ana)
    attending.take(conversation, elena, NOW)
    end_silent(later(7100))
    assert fresh(conversation).is_open
    end_silent(later(7201))
    assert fresh(conversation).state == State.CLOSED


def test_the_seats_are_what_the_telephone_system_says(elena, queues, service, node):
    queues.pause(queues.member("atencion", "301"), "Reunión")
    seats.on_queue("atencion", "301")
    assert (seat := Seat.objects.get()).is_paused
    assert seat.reason == "Reunión"
    queues.resume(queues.member("atencion", "301"))
    seats.sync()
    assert not Seat.objects.get().is_paused
    node().faults.set(Mode.AWAY)
    with pytest.raises(PBXUnavailable):
        seats.sync()
    assert Seat.objects.count() == 1  # what was known goes on to hold
    node().faults.set(Mode.NORMAL)
    queues.drop(queues.member("atencion", "301"))
    seats.sync()
    assert not Seat.objects.exists()


def test_the_end_by_the_user_takes_an_offer_away(ask, elena, ana):
    conversation = ask(ana)
    distribute(NOW)
    assert attending.end(conversation, as_user(conversation), NOW)
    assert not attending.end(conversation, as_user(conversation), NOW)
    assert Offer.objects.get().outcome == Offer.Outcome.LAPSED
    with pytest.raises(attending.NotDone):
        attending.take(conversation, elena, NOW)
