"""Calls that the portal begins: who may, one at a time, and how they are followed."""

from datetime import timedelta

import pytest
from django.utils import timezone

from portal import calls
from portal.models import BegunCall
from portal.news import Topic, since
from portal.pbx import get_pbx
from portal.pbx.begun import new_linkedid
from portal.pbx.cdr.entries import save
from portal.pbx.errors import NotFound, PBXUnavailable
from portal.pbx.models import CallRecord
from portal.pbx.simulated.faults import Mode
from portal.pbx.types import CallState

pytestmark = pytest.mark.django_db(databases="__all__")

MOBILE = "600123123"


@pytest.fixture
def begin(ana):
    """Ana calls somebody; the telephone system knows her."""
    get_pbx()

    def begin(number=MOBILE, name=""):
        return calls.begin(ana, number, name)

    return begin


def state(call):
    return BegunCall.objects.get(pk=call.pk).state


def age(call, seconds):
    """Let the call be as old as that."""
    then = timezone.now() - timedelta(seconds=seconds)
    BegunCall.objects.filter(pk=call.pk).update(began_at=then, changed_at=then)


def test_a_call_begins_with_the_own_telephone_and_is_shown(begin, ana, node):
    before = timezone.now()
    call = begin(name="María Ibáñez")
    assert (call.number, call.name, call.state) == (MOBILE, "María Ibáñez", CallState.OWN)
    assert node().telephones.notes()[-1]["number"] == MOBILE
    assert calls.current(ana) == call
    assert since(ana.number, before) == {Topic.CALL}


def test_another_ones_call_is_not_shown(begin, bruno):
    begin()
    assert calls.current(bruno) is None


def test_what_the_category_forbids_does_not_ring(begin, node, caplog):
    with pytest.raises(calls.NotAllowed, match=r"Tu categoría \(Nacional\) no permite llamar al"):
        begin("0033144556677")
    assert node().telephones.notes() == []
    assert BegunCall.objects.count() == 0
    assert "refused: a call that the category of 201 forbids" in caplog.text
    assert "144556677" not in caplog.text


def test_emergencies_and_colleagues_may_always_be_called(begin, national, bruno):
    national.patterns.all().delete()
    first = begin("112")
    calls.follow(first.linkedid, CallState.OVER)
    assert begin(bruno.number).state == CallState.OWN


def test_nobody_calls_the_own_number(begin, ana):
    with pytest.raises(calls.NotAllowed, match="propio"):
        begin(ana.number)


def test_one_call_at_a_time_is_begun(begin, bruno):
    call = begin()
    with pytest.raises(calls.NotAllowed, match="Ya estás llamando"):
        begin("600222333")
    assert calls.begin(bruno, MOBILE).state == CallState.OWN
    calls.follow(call.linkedid, CallState.ANSWERED)
    assert begin("600222333").pk != call.pk  # whoever talks may call another


def test_a_call_of_which_nothing_is_heard_keeps_nobody_from_the_next(begin):
    call = begin()
    age(call, 91)
    begin("600222333")
    assert state(call) == CallState.LOST


def test_not_too_many_in_a_minute(begin, ana, caplog):
    for _ in range(calls.MOST):
        calls.follow(begin().linkedid, CallState.BUSY)
    with pytest.raises(calls.NotAllowed, match="Espera"):
        begin()
    assert "refused: 201 begins too many calls" in caplog.text
    age(BegunCall.objects.first(), 61)
    begin()


@pytest.mark.parametrize("way", ["unplugged", "away"])
def test_a_call_that_could_not_be_begun_leaves_nothing(begin, ana, node, way):
    if way == "unplugged":
        node().telephones.unplug(ana.number)
    else:
        node().faults.set(Mode.AWAY)
    with pytest.raises(NotFound if way == "unplugged" else PBXUnavailable):
        begin()
    assert calls.current(ana) is None


def test_states_only_go_forward(begin):
    call = begin()
    for heard, expected in [
        (CallState.RINGING, CallState.RINGING),
        (CallState.CALLING, CallState.RINGING),
        (CallState.ANSWERED, CallState.ANSWERED),
        (CallState.RINGING, CallState.ANSWERED),
        (CallState.BUSY, CallState.OVER),  # sent on by whoever had answered
        (CallState.RINGING, CallState.OVER),
        (CallState.NO_ANSWER, CallState.OVER),
    ]:
        calls.follow(call.linkedid, heard)
        assert state(call) == expected


@pytest.mark.parametrize(
    "ending", [CallState.BUSY, CallState.NO_ANSWER, CallState.REFUSED, CallState.OWN_UNANSWERED]
)
def test_an_end_is_shown_for_a_moment(begin, ana, ending):
    call = begin()
    before = timezone.now()
    calls.follow(call.linkedid, ending)
    assert since(ana.number, before) == {Topic.CALL}
    assert calls.current(ana).state == ending
    age(call, 11)
    assert calls.current(ana) is None


def test_what_concerns_no_call_of_ours_changes_nothing(begin):
    call = begin()
    calls.follow(new_linkedid(), CallState.BUSY)
    assert state(call) == CallState.OWN


def test_hanging_up_and_putting_away(begin, ana, node):
    call = begin()
    calls.put_down(ana)
    (begun,) = node().calls.all()
    assert begun.hung_up is not None
    calls.follow(call.linkedid, CallState.OWN_UNANSWERED)
    calls.put_down(ana)
    assert calls.current(ana) is None
    calls.put_down(ana)


def record(call, **fields):
    """What the call left in the records."""
    now = timezone.now()
    given = {
        "node": "centralita",
        "uniqueid": call.linkedid,
        "sequence": 1,
        "linkedid": call.linkedid,
        "started": now,
        "ended": now,
        "src": call.subscriber.number,
        "dst": call.number,
        "dialed": call.number,
        "lastapp": "Dial",
        "dstchannel": "PJSIP/trunk-00000001",
        "disposition": "ANSWERED",
    }
    save([CallRecord(**(given | fields))])


@pytest.mark.parametrize(
    ("fields", "ending"),
    [
        ({"billsec": 5, "answered": timezone.now(), "duration": 9}, CallState.OVER),
        ({"disposition": "BUSY"}, CallState.BUSY),
        ({"disposition": "NO ANSWER"}, CallState.NO_ANSWER),
    ],
)
def test_an_end_that_nobody_told_stands_in_the_records(begin, fields, ending):
    call = begin()
    calls.follow(call.linkedid, CallState.RINGING)
    record(call, **fields)
    calls.look_after()
    assert state(call) == CallState.RINGING  # the news may still come
    age(call, 16)
    calls.look_after()
    assert state(call) == ending


def test_without_news_and_record_it_is_said_that_nobody_knows(begin):
    call = begin()
    age(call, 80)
    calls.look_after()
    assert state(call) == CallState.OWN
    age(call, 91)
    calls.look_after()
    assert state(call) == CallState.LOST


def test_a_long_conversation_goes_on(begin):
    call = begin()
    calls.follow(call.linkedid, CallState.ANSWERED)
    age(call, 3 * 3600)
    calls.look_after()
    assert state(call) == CallState.ANSWERED


def test_calls_are_forgotten_after_a_day(begin):
    call = begin()
    calls.forget()
    assert BegunCall.objects.exists()
    age(call, 86401)
    calls.forget()
    assert not BegunCall.objects.exists()
