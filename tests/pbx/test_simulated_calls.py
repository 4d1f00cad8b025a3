"""Calls through the simulated telephone system: way, records and messages."""

import io
import threading
import wave
from array import array
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from portal.pbx import get_pbx
from portal.pbx.models import CallRecord
from portal.pbx.routing import Action, follow
from portal.pbx.simulated.backend import build, build_nodes, build_switch, spool_of
from portal.pbx.simulated.deposit import leave_message
from portal.pbx.simulated.route import Ending, World, route
from portal.pbx.simulated.sound import RATE, speech
from portal.pbx.spool import Spool
from portal.pbx.types import VOICEMAIL, CallResult, ForwardingPlan, LineState, Window

pytestmark = pytest.mark.django_db(databases=["default", "cdr"])

NODE = "centralita"
NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
CLASSES = {"all": "^[0-9]+$", "internal": "^2[0-9]{2}$"}
BUSY, OFFLINE, NO_ANSWER = LineState.BUSY, LineState.NOT_CONNECTED, LineState.NO_ANSWER


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "pbx"


@pytest.fixture
def system(folder):
    built = build(folder)
    built.forwarding.write_classes(NODE, CLASSES)
    return built


@pytest.fixture
def plan(system):
    """Puts a plan in force; everything is allowed, unless said."""

    def write(number, **fields):
        fields = {
            "display_name": f"Nombre {number}",
            "devices": (number,),
            "mailbox": f"{number}@default",
            "call_class": "all",
            "forward_class": "all",
        } | fields
        system.forwarding.write(NODE, [ForwardingPlan(subscriber=number, **fields)])

    for number in ("201", "202", "203"):
        write(number)
    return write


@pytest.fixture
def place(folder, plan):
    """Places a call at noon; ``states`` says what some numbers do, the others answer."""

    def call(caller, called, message_seconds=5, **states):
        wanted = {number.removeprefix("n"): state for number, state in states.items()}
        return build_switch(folder).place_call(
            caller,
            called,
            NOON,
            lambda number: wanted.get(number, LineState.IDLE),
            message_seconds=message_seconds,
        )

    return call


def only(system, number):
    (call,) = system.call_log.calls(number, limit=10)
    return call


def test_an_answered_call_stands_in_both_histories(system, place):
    placed = place("201", "202")
    assert placed.route.ending is Ending.ANSWERED
    made, received = only(system, "201"), only(system, "202")
    assert made.outgoing
    assert made.result is CallResult.ANSWERED
    assert (received.caller, received.caller_name) == ("201", "Nombre 201")
    assert received.linkedid == placed.linkedid
    assert received.seconds > 0


def test_a_call_that_ends_in_voicemail_leaves_a_message_with_sound(system, folder, place, plan):
    plan("202", no_answer=VOICEMAIL)
    placed = place("201", "202", message_seconds=7, n202=NO_ANSWER)
    assert only(system, "202").result is CallResult.VOICEMAIL
    (message,) = system.voicemail.messages("202@default")
    assert (message.msg_id, message.seconds, message.is_new) == (placed.msg_id, 7, True)
    assert (message.caller, message.caller_name) == ("201", "Nombre 201")
    assert message.received_at >= NOON + timedelta(seconds=20)
    with wave.open(str(spool_of(folder) / "default/202/INBOX/msg0000.wav")) as sound:
        assert (sound.getframerate(), sound.getsampwidth(), sound.getnchannels()) == (8000, 2, 1)
        assert sound.getnframes() == 7 * 8000


def with_window(destination, begins, ends):
    """A calendar with one window, in seconds from noon."""
    noon = int(NOON.timestamp())
    return {"calendar": "7", "windows": (Window(noon + begins, noon + ends, destination),)}


def test_a_window_of_the_calendar_sends_the_call_on_without_ringing(system, place, plan):
    plan("202", unconditional="204", **with_window("203", 0, 1))
    place("201", "202")
    (leg,) = CallRecord.objects.all()
    assert (leg.dst, leg.diverter, leg.divreason) == ("203", "202", "calendar")
    assert only(system, "202").reason == "calendar"


@pytest.mark.parametrize(("begins", "ends"), [(1, 60), (-60, 0), (-200_000, -100_000)])
def test_a_window_of_another_time_changes_nothing(place, plan, begins, ends):
    plan("202", **with_window("203", begins, ends))
    assert place("201", "202").route.last == "202"


def test_a_window_that_began_days_ago_is_obeyed(place, plan):
    plan("202", **with_window("203", -200_000, 200_000))
    assert place("201", "202").route.last == "203"


def test_a_calendar_with_many_windows_in_a_day_is_obeyed(folder, place, plan):
    noon = int(NOON.timestamp())
    windows = tuple(Window(noon + n - 300, noon + n - 299, f"2{n:03}") for n in range(600))
    plan("202", calendar="7", windows=windows)
    assert place("201", "202").route.last == "2300"


def test_a_malformed_calendar_has_no_windows(folder, place, plan):
    plan("202", **with_window("203", -60, 60))
    node = build_nodes(folder)[NODE]
    node.keys.put({"cal/202/7/20260302/0": "0000086400203"})
    assert place("201", "202").route.last == "202"


def test_a_call_during_changes_of_the_calendar_sees_one_or_the_other(system, folder, plan):
    """The old days are forgotten at once."""
    node = build_nodes(folder)[NODE]
    done = threading.Event()
    plan("202", **with_window("203", -60, 60))

    def change():
        old = node.plan("202", NOON)
        for number in range(60):
            windows = with_window(("203", "204")[number % 2], -60, 60)["windows"]
            new = replace(old, calendar=f"8{number}", windows=windows)
            system.forwarding.write(NODE, [new])
            system.forwarding.forget_calendar(NODE, "202", old.calendar, old.windows)
            old = new
        done.set()

    thread = threading.Thread(target=change)
    thread.start()
    seen = set()
    while not done.is_set():
        seen.add(tuple(window.destination for window in node.plan("202", NOON).windows))
    thread.join()
    assert seen == {("203",), ("204",)}


def test_a_forwarded_call_leaves_one_record_a_leg(system, place, plan):
    plan("202", busy="203")
    place("201", "202", n202=BUSY)
    legs = list(CallRecord.objects.order_by("sequence"))
    assert [(leg.dst, leg.disposition) for leg in legs] == [("202", "BUSY"), ("203", "ANSWERED")]
    assert {leg.linkedid for leg in legs} == {legs[0].linkedid}
    assert [leg.dialed for leg in legs] == ["202", "202"]
    assert [leg.diverter for leg in legs] == ["", "202"]
    assert legs[0].ended <= legs[1].started
    forwarded = only(system, "202")
    assert (forwarded.forwarded_to, forwarded.reason) == ("203", "busy")


def test_a_chain_is_followed_to_its_end(system, place, plan):
    plan("202", unconditional="203")
    plan("203", not_connected="600123123")
    placed = place("201", "202", n203=OFFLINE)
    assert (placed.route.ending, placed.route.last) == (Ending.ANSWERED, "600123123")
    assert only(system, "203").forwarded_to == "600123123"


@pytest.mark.parametrize(
    ("fields", "state", "ending", "result"),
    [
        ({}, NO_ANSWER, Ending.UNANSWERED, CallResult.MISSED),
        ({}, BUSY, Ending.BUSY, CallResult.BUSY),
        ({}, OFFLINE, Ending.NOT_CONNECTED, CallResult.MISSED),
        ({"do_not_disturb": True}, LineState.IDLE, Ending.BUSY, CallResult.BUSY),
        ({"busy": VOICEMAIL, "mailbox": ""}, BUSY, Ending.BUSY, CallResult.BUSY),
        ({"busy": "0044", "forward_class": "internal"}, BUSY, Ending.BUSY, CallResult.BUSY),
    ],
)
def test_a_call_that_nobody_takes_ends_as_its_telephone_says(
    system, place, plan, fields, state, ending, result
):
    plan("202", **fields)
    assert place("201", "202", n202=state).route.ending is ending
    assert only(system, "202").result is result
    assert system.voicemail.messages("202@default") == ()


def test_two_who_forward_to_each_other_stop_the_call(system, place, plan):
    plan("202", unconditional="203")
    plan("203", unconditional="202")
    assert place("201", "202").route.ending is Ending.LOOP
    assert only(system, "201").result is CallResult.FAILED


def test_the_callers_class_limits_calls_outside_but_not_inside(system, place, plan):
    plan("201", call_class="internal")
    assert place("201", "600123123").route.ending is Ending.REFUSED
    assert place("201", "202").route.ending is Ending.ANSWERED
    plan("201", call_class="all")
    assert place("201", "600123123").route.ending is Ending.ANSWERED


def test_nobody_calls_from_outside_to_outside(place):
    assert place("600111111", "600222222").route.ending is Ending.REFUSED


def test_a_withheld_number_stays_withheld(system, place, plan):
    plan("202", unconditional=VOICEMAIL)
    place("", "202")
    assert only(system, "202").caller == ""
    assert system.voicemail.messages("202@default")[0].caller == ""


def test_who_is_displaced_from_every_telephone_is_not_connected(folder, place, plan):
    plan("202", not_connected="203")
    build_nodes(folder)[NODE].keys.put({"who/202": "203"})
    assert place("201", "202").route.last == "203"


def test_calls_go_on_while_the_portal_cannot_reach_the_node(folder, place):
    build_nodes(folder)[NODE].faults.set("away")
    assert place("201", "202").route.ending is Ending.ANSWERED


def test_every_call_has_an_identity_of_its_own(folder, place):
    placed = [place("201", "202").linkedid for _time in range(5)]
    assert len(set(placed)) == 5


def test_the_same_call_lasts_the_same(place):
    assert place("201", "202").route == place("201", "202").route


PLANS = {
    number: st.builds(
        ForwardingPlan,
        subscriber=st.just(number),
        devices=st.just((number,)),
        mailbox=st.sampled_from(["", "box@default"]),
        forward_class=st.sampled_from(["all", "internal", ""]),
        do_not_disturb=st.booleans(),
        **{
            rule: st.sampled_from(["", "", VOICEMAIL, "201", "202", "203", "600123123"])
            for rule in ("unconditional", "not_connected", "busy", "no_answer")
        },
    )
    for number in ("201", "202", "203")
}


@given(
    plans=st.fixed_dictionaries(PLANS),
    states=st.fixed_dictionaries({n: st.sampled_from(LineState) for n in PLANS}),
)
def test_every_call_goes_the_way_that_routing_says(plans, states):
    def state(number):
        return states.get(number, LineState.IDLE)

    taken = route("600111111", "202", NOON, World(state, plans.get, CLASSES))
    assert taken.hops == tuple(follow("202", NOON, state, plans.get, CLASSES))
    last = taken.hops[-1].decision
    expected = {
        Action.RING: {Ending.ANSWERED},
        Action.VOICEMAIL: {Ending.VOICEMAIL},
        Action.RELEASE: {Ending.BUSY, Ending.UNANSWERED, Ending.NOT_CONNECTED},
        Action.FORWARD: {Ending.ANSWERED, Ending.LOOP},
    }[last.action]
    assert taken.ending in expected
    assert bool(taken.mailbox) is (last.action is Action.VOICEMAIL)
    assert taken.legs


def test_many_messages_at_once_all_arrive(folder):
    def leave(n):
        leave_message(
            spool_of(folder), "201@default", number="202", caller="202", at=NOON, seconds=1
        )

    threads = [threading.Thread(target=leave, args=[n]) for n in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = Spool(spool_of(folder)).messages("201@default")
    assert len({message.msg_id for message in found}) == 12


def test_speech_can_be_heard_and_has_pauses():
    with wave.open(io.BytesIO(speech(4, "x"))) as sound:
        samples = array("h", sound.readframes(sound.getnframes()))
    assert len(samples) == 4 * RATE
    loud = [max(map(abs, samples[n : n + 400])) for n in range(0, len(samples), 400)]
    assert max(loud) > 6000
    assert min(loud) == 0


def test_each_caller_has_a_voice_of_his_own():
    assert speech(2, "x") == speech(2, "x")
    assert len({speech(2, str(Random(n).random())) for n in range(5)}) == 5


@pytest.fixture
def demo(folder, plan, settings):
    """Runs the command ``demo_call`` on this telephone system and returns what it says."""
    settings.PBX = {**settings.PBX, "OPTIONS": {"path": folder}}
    get_pbx.cache_clear()

    def run(*args):
        said = io.StringIO()
        call_command("demo_call", *args, stdout=said)
        return said.getvalue()

    return run


def test_the_command_says_what_happened(demo, plan, system):
    plan("202", busy=VOICEMAIL)
    said = demo("201", "202", "--state", "busy")
    assert "201 Nombre 201 llama a 202 Nombre 202." in said
    assert "comunica → buzón de voz" in said
    assert "Queda un mensaje" in said
    assert len(system.voicemail.messages("202@default")) == 1


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ("answer", "Contesta 202"),
        ("busy", "comunica"),
        ("offline", "no está conectado"),
        ("noanswer", "no contesta"),
    ],
)
def test_each_state_is_told_in_its_own_words(demo, state, words):
    assert words in demo("201", "202", "--state", state)


@pytest.mark.parametrize("number", ["abc", "", "٢٠١", "1" * 21, "20 1"])
def test_the_command_refuses_what_is_no_number(demo, number):
    with pytest.raises(CommandError):
        demo("201", number)


def test_the_command_asks_for_data_where_there_is_none(settings, tmp_path):
    settings.PBX = {**settings.PBX, "OPTIONS": {"path": tmp_path / "empty"}}
    with pytest.raises(CommandError, match="demo_data"):
        call_command("demo_call", "201", "202")


def test_a_message_can_be_left_by_a_command(demo, plan, system):
    plan("202", no_answer=VOICEMAIL)
    said = io.StringIO()
    options = {"seconds": 3, "ago": 90, "folder": "Work", "format": "wav49"}
    call_command("demo_message", "hidden", "202", **options, stdout=said)
    (message,) = system.voicemail.messages("202@default")
    assert message.msg_id == said.getvalue().strip()
    assert (message.caller, message.seconds, message.folder) == ("", 3, "Work")
    assert 89 < (timezone.now() - message.received_at).total_seconds() / 60 < 91
    (record,) = CallRecord.objects.filter(lastapp="VoiceMail")
    assert record.dst == "202"


def test_the_command_says_where_no_message_can_be_left(demo, plan):
    plan("202")
    with pytest.raises(CommandError, match="do not end in a mailbox"):
        call_command("demo_message", "201", "202")
