"""Codes that change forwarding at a telephone, with nothing but Asterisk running."""

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from portal.pbx import phone_rules
from portal.pbx.asterisk import kit
from portal.pbx.phone_rules import FIELDS, PhoneRule, PhoneRules

pytestmark = [pytest.mark.asterisk, pytest.mark.usefixtures("silence_afterwards")]

NOW = 1_800_000_000
SOUNDS = [
    *("activated", "de-activated", "is-set-to", "vm-messages", "do-not-disturb"),
    *("call-forwarding", "call-fwd-unconditional", "call-fwd-on-busy", "call-fwd-no-ans"),
    *("beeperr", "cannot-complete-as-dialed"),
    *(f"digits/{digit}" for digit in range(10)),
]
HURRIED = "qq"
"""A language in which everything is said in a hundredth of a second."""

REFUSED = ["beeperr&cannot-complete-as-dialed"]


@pytest.fixture(autouse=True, scope="module")
def hurried(asterisk):
    folder = asterisk.folder / "data/sounds" / HURRIED
    (folder / "digits").mkdir(parents=True, exist_ok=True)
    for name in SOUNDS:
        (folder / f"{name}.sln").write_bytes(bytes(160))


def plan(exchange, number, **fields):
    return exchange.plan(number, language=HURRIED, **fields)


@pytest.fixture(autouse=True)
def forgotten(exchange):
    """What the node wrote itself goes with what the test wrote."""
    for number in ("201", "202", "203"):
        exchange.forget_later(f"phone/{number}")


def held(exchange, number="202"):
    """What stands in ``phone/<number>``."""
    exchange.ami.events.clear()
    key = f"phone/{number}"
    if exchange.ami.act("DBGet", Family="webfon", Key=key)["Response"] != "Success":
        return phone_rules.NOTHING
    value = exchange.ami.wait(lambda event: event["Event"] == "DBGetResponse")["Val"]
    read = phone_rules.read(value)
    assert phone_rules.write(read) == value
    return read


def texts(exchange, number="202"):
    """The changed rules, by field."""
    return {rule.field: rule.text for rule in held(exchange, number).rules}


def heard(exchange, telephone, dialled):
    """What is said to whoever dials this, up to the end of the call."""
    exchange.ami.events.clear()
    said = []

    def is_last(event):
        if event["Event"] != "Newexten" or event["Context"] != "webfon-code":
            return False
        if event["Application"] in {"Playback", "SayDigits"}:
            said.append(event["AppData"])
        return event["Application"] == "Hangup"

    with telephone.in_call(dialled):
        exchange.ami.wait(is_last, 20)
    return said


def decided(exchange, state, number="202"):
    (text,) = exchange.decide([(number, NOW, state)])
    return text


@pytest.mark.parametrize("dialled", ["*21*203#", "*21*203%23", "*21*203", "%2A21%2A203%23"])
def test_calls_go_to_the_number_from_the_next_call_on(exchange, phone, dialled):
    plan(exchange, "202")
    carlos, caller = phone("203"), phone("204")
    before = int(time.time() * 1000)
    assert phone("202").call(dialled).code == 200
    (rule,) = held(exchange).rules
    assert (rule.field, rule.text, rule.device) == ("unconditional", "203", "202")
    assert before <= rule.at <= int(time.time() * 1000)
    assert caller.call("202").code == 200
    assert len(carlos.calls) == 1
    assert [row["dialed"] for row in exchange.records()] == ["202"]


@pytest.mark.parametrize(
    ("code", "state", "reason"),
    [
        ("21", "idle", "unconditional"),
        ("62", "offline", "unavailable"),
        ("67", "busy", "busy"),
        ("61", "noanswer", "noanswer"),
    ],
)
def test_each_kind_has_a_code_for_on_again_off_voicemail_and_status(
    exchange, phone, code, state, reason
):
    plan(exchange, "202")
    own = phone("202")
    nothing = "ring||" if state == "idle" else "release||"
    own.call(f"*{code}*203#")
    assert decided(exchange, state) == f"forward|203|{reason}"
    assert heard(exchange, own, f"*#{code}#")[1:] == ["is-set-to", "203"]
    own.call(f"#{code}#")
    assert decided(exchange, state) == nothing
    assert heard(exchange, own, f"*#{code}")[1:] == ["de-activated"]
    own.call(f"*{code}#")
    assert decided(exchange, state) == f"forward|203|{reason}"
    own.call(f"*{code}**#")
    assert decided(exchange, state) == f"voicemail|vm|{reason}"
    own.call(f"#{code}")
    assert decided(exchange, state) == nothing
    own.call(f"*{code}")
    assert decided(exchange, state) == f"forward|203|{reason}"


def test_a_number_that_the_portal_has_kept_is_put_on_again(exchange, phone):
    plan(exchange, "202", kept=("", "", "203", ""))
    own = phone("202")
    assert heard(exchange, own, "*67#") == ["call-fwd-on-busy", "is-set-to", "203"]
    assert decided(exchange, "busy") == "forward|203|busy"
    own.call("#67#")
    assert texts(exchange) == {"busy": "-203"}


def test_a_rule_of_the_portal_is_switched_off_without_a_word_about_its_number(exchange, phone):
    plan(exchange, "202", unconditional="203", kept=("203", "", "", ""))
    phone("202").call("#21#")
    assert texts(exchange) == {"unconditional": "-"}
    assert decided(exchange, "idle") == "ring||"


def test_do_not_disturb_is_busy_until_it_is_taken_off(exchange, phone):
    plan(exchange, "202", do_not_disturb=False)
    own, caller = phone("202"), phone("204")
    assert heard(exchange, own, "*26#") == ["do-not-disturb", "activated"]
    assert caller.call("202").code == 486
    assert heard(exchange, own, "#26#") == ["do-not-disturb", "de-activated"]
    assert caller.call("202").code == 200


@pytest.mark.parametrize(
    "dialled",
    [
        "*21*202#",  # oneself
        "*21*906123456#",  # the class forbids it
        "*21*203*20#",
        "*21*2#03#",
        "*21*203##",
        "*21*123456789012345678#",
        "*21#",  # no number was there
        "*62**#",  # there is no mailbox
    ],
)
def test_what_the_portal_would_refuse_is_refused_by_voice(exchange, phone, dialled):
    plan(exchange, "202", mailbox="", forward_class="internal")
    assert heard(exchange, phone("202"), dialled) == REFUSED
    assert held(exchange) == phone_rules.NOTHING


def test_an_international_number_may_begin_with_a_plus(exchange, phone):
    plan(exchange, "202")
    phone("202").call("*61*+34600123123#")
    assert texts(exchange) == {"no_answer": "0034600123123"}


def test_a_code_cut_short_or_for_nobody_changes_nothing(exchange, phone):
    own = phone("202")
    assert heard(exchange, own, "*21*203#") == REFUSED  # nobody's telephone: there is no plan
    plan(exchange, "202")
    for dialled in ("*21*#", "*21*", "*2", "#", "*99#"):
        assert own.call(dialled).code in {404, 484}  # not found, or not yet
    assert held(exchange) == phone_rules.NOTHING


def test_calls_that_would_come_back_are_refused_whatever_way_they_take(exchange, phone):
    plan(exchange, "202")
    plan(exchange, "203", no_answer="204")
    plan(exchange, "204", busy="201")
    plan(exchange, "201", not_connected="202")
    own = phone("202")
    assert heard(exchange, own, "*67*203#") == REFUSED
    plan(exchange, "201", not_connected="202", forward_class="")
    own.call("*67*203#")
    assert texts(exchange) == {"busy": "203"}


def test_a_circle_among_others_is_no_reason_to_refuse(exchange, phone):
    plan(exchange, "202")
    plan(exchange, "203", busy="204")
    plan(exchange, "204", busy="203")
    phone("202").call("*21*203#")
    assert texts(exchange) == {"unconditional": "203"}


def test_changes_gather_until_a_plan_has_them(exchange, phone):
    plain = plan(exchange, "202")
    own = phone("202")
    for dialled in ("*21*203#", "*61*204#", "#21#", "*26#"):
        own.call(dialled)
    gathered = held(exchange)
    assert texts(exchange) == {
        "unconditional": "-203",
        "no_answer": "204",
        "do_not_disturb": "1",
    }
    plan(exchange, "202", absorbed=gathered.stamp)
    assert decided(exchange, "idle") == "ring||"
    assert decided(exchange, "noanswer") == "release||"
    own.call("*67*204#")
    assert texts(exchange) == {"busy": "204"}
    assert held(exchange).stamp > gathered.stamp > plain.absorbed


def test_a_plan_that_has_an_older_change_is_not_overruled_by_it(exchange, phone):
    plan(exchange, "202")
    own = phone("202")
    own.call("*21*203#")
    first = held(exchange).stamp
    plan(exchange, "202", absorbed=first, unconditional="204")  # the portal changed it since
    own.call("*61*203#")
    assert decided(exchange, "idle") == "forward|204|unconditional"
    assert decided(exchange, "noanswer") == "forward|204|unconditional"


def test_a_stamp_is_later_than_those_before_whatever_the_clock_says(exchange, phone):
    ahead = 1_999_999_999_999
    plan(exchange, "202", absorbed=ahead - 5)
    before = PhoneRules(ahead, (PhoneRule("busy", "203", ahead, "202"),))
    exchange.put({"phone/202": phone_rules.write(before)})
    phone("202").call("*26#")
    after = held(exchange)
    assert after.stamp == ahead + 1
    assert [rule.field for rule in after.rules] == ["busy", "do_not_disturb"]
    plan(exchange, "202", absorbed=ahead + 50)
    phone("202").call("#26#")
    assert held(exchange).stamp == ahead + 51


@pytest.mark.parametrize("value", ["", "x", '"', "1800000000000", "1800000000000;;;;;;", "\\;;;;"])
def test_a_malformed_value_is_written_over(exchange, phone, value):
    plan(exchange, "202")
    exchange.put({"phone/202": value})
    phone("202").call("*21*203#")
    assert texts(exchange) == {"unconditional": "203"}


def test_two_telephones_of_one_person_at_once_lose_neither_change(exchange, phone):
    plan(exchange, "201", devices=("201", "201b"))
    exchange.put({"owner/201b": "201"})
    here, there = phone("201"), phone("201b")
    with ThreadPoolExecutor() as pool:
        done = [pool.submit(here.call, "*21*203#"), pool.submit(there.call, "*67*204#")]
        assert [each.result().code for each in done] == [200, 200]
    devices = {rule.field: rule.device for rule in held(exchange, "201").rules}
    assert devices == {"unconditional": "201", "busy": "201b"}


def test_whoever_is_logged_in_at_a_telephone_changes_own_rules_there(exchange, phone):
    plan(exchange, "202")
    plan(exchange, "203")
    exchange.put({"who/203": "202", "at/202": "203"})
    phone("203").call("*21*204#")
    assert texts(exchange, "203") == {}
    (rule,) = held(exchange).rules
    assert (rule.text, rule.device) == ("204", "203")


def test_stamps_are_the_nodes_own_milliseconds(exchange, phone):
    """Its two clocks are read one after the other, and must not part at the turn of a second."""
    plan(exchange, "202")
    own = phone("202")
    for _ in range(12):
        before = time.time()
        own.call("*26#")
        assert before * 1000 - 1 <= held(exchange).stamp <= time.time() * 1000


def test_without_a_code_there_is_no_code():
    options = kit.Options(forwarding_codes=dict.fromkeys(FIELDS, "") | {"busy": "67"})
    text = kit.files(options)["extensions_codes_webfon.conf"]
    section = text.split("\n[webfon-codes]\n")[1].partition("\n[")[0]
    lines = [line for line in section.splitlines() if line.startswith("exten")]
    assert lines
    assert all("67" in line and "(4" in line for line in lines)
    with pytest.raises(ValueError, match="twice"):
        replace(options, forwarding_codes={"busy": "67", "no_answer": "67"})
    with pytest.raises(ValueError, match="twice"):
        replace(options, voicemail_code="*67")
