"""What the portal may count on when it reads and writes plans, whatever the back end."""

import json
import time
from dataclasses import replace

import pytest

from portal.pbx.errors import PBXRejected, PBXUnavailable
from portal.pbx.types import VOICEMAIL, ForwardingPlan
from tests.deadlines import SLACK
from tests.pbx.contract.conftest import NODE, TIMEOUT

FULL = ForwardingPlan(
    subscriber="210",
    revision=7,
    display_name="Ana",
    devices=("210", "210-movil"),
    mailbox="210@default",
    unconditional="600123123",
    not_connected=VOICEMAIL,
    busy="211",
    no_answer=VOICEMAIL,
    do_not_disturb=True,
    ring_seconds=35,
    call_class="national",
    forward_class="internal",
    access_pin="9210",
    access_code="00ff:10:0123456789abcdef",
)
NAMES = [
    'Ana "la jefa" O\'Hara',
    "Añó Ünal Œuvre",
    "😀 Ana 👩‍👩‍👧",
    "${SHELL(id)} $[1+1] %s \\n ; | & < >",
    "עברית العربية 中文",
    "{'json': \"no\"}: yes,",
    "a: b: c",
    "-",
    "",
]


@pytest.fixture
def forwarding(backend):
    return backend.pbx.forwarding


def read(forwarding, number):
    return forwarding.read(NODE, [number])[number]


def test_a_plan_read_back_is_what_was_written(forwarding):
    forwarding.write(NODE, [FULL])
    assert read(forwarding, "210") == FULL


def test_the_id_of_whoever_saved_a_plan_is_borne_and_not_held(forwarding):
    forwarding.write(NODE, [replace(FULL, request_id="a" * 64)])
    assert read(forwarding, "210") == FULL
    assert read(forwarding, "210").request_id == ""


def test_a_pin_lets_in_whose_plan_it_is_and_an_earlier_one_nobody(backend, forwarding):
    forwarding.write(NODE, [FULL])
    assert backend.get("code/9210") == f"210:{FULL.access_code}"
    other = ForwardingPlan(subscriber="211", access_pin="9210", access_code="11aa:10:ff")
    forwarding.write(NODE, [replace(FULL, access_pin="8210"), other])
    assert backend.get("code/8210") == f"210:{FULL.access_code}"
    assert backend.get("code/9210") == "211:11aa:10:ff"
    forwarding.write(NODE, [replace(other, access_pin="", access_code="")])
    assert backend.get("code/9210") is None
    forwarding.remove(NODE, [replace(FULL, access_pin="8210")])
    assert backend.get("code/8210") is None


@pytest.mark.parametrize("value", [None, "", "211:00ff:10:00", "210:00ff:10:ffff"])
def test_a_clave_that_a_node_holds_otherwise_is_seen(backend, forwarding, value):
    forwarding.write(NODE, [FULL])
    if value is None:
        backend.forget("code/9210")
    else:
        backend.put("code/9210", value)
    assert read(forwarding, "210") != FULL
    forwarding.write(NODE, [FULL])
    assert read(forwarding, "210") == FULL


def test_a_device_that_a_plan_no_longer_names_stops_being_its_subscribers(backend, forwarding):
    forwarding.write(NODE, [FULL])
    assert backend.get("owner/210-movil") == "210"
    forwarding.write(NODE, [replace(FULL, devices=("210",))])
    assert backend.get("owner/210-movil") is None
    assert backend.get("owner/210") == "210"


def test_a_device_that_moves_to_another_plan_is_that_ones(backend, forwarding):
    forwarding.write(NODE, [FULL])
    forwarding.write(NODE, [ForwardingPlan(subscriber="211", devices=("210-movil",))])
    forwarding.write(NODE, [replace(FULL, devices=("210",))])
    assert backend.get("owner/210-movil") == "211"


def test_a_plan_with_nothing_set_is_read_back_too(forwarding):
    plain = ForwardingPlan(subscriber="211")
    forwarding.write(NODE, [plain])
    assert read(forwarding, "211") == plain


@pytest.mark.parametrize("name", NAMES)
def test_a_display_name_survives_whatever_it_holds(forwarding, name):
    plan = replace(FULL, subscriber="212", display_name=name)
    forwarding.write(NODE, [plan])
    assert read(forwarding, "212") == plan


def test_a_later_plan_takes_the_place_of_the_earlier(forwarding):
    later = replace(FULL, revision=8, unconditional="", display_name="")
    forwarding.write(NODE, [FULL])
    forwarding.write(NODE, [later])
    assert read(forwarding, "210") == later


def test_each_device_is_given_its_owner(backend):
    backend.pbx.forwarding.write(NODE, [FULL])
    assert [backend.get(f"owner/{device}") for device in FULL.devices] == ["210", "210"]


def test_a_subscriber_without_a_plan_is_none(forwarding):
    assert forwarding.read(NODE, ["299", "298"]) == {"299": None, "298": None}


def test_nothing_asked_nothing_answered(forwarding):
    assert forwarding.read(NODE, []) == {}
    assert forwarding.read_classes(NODE, []) == {}
    forwarding.write(NODE, [])
    forwarding.write_classes(NODE, {})
    forwarding.remove(NODE, [])


@pytest.mark.parametrize(
    "text", ["", "{", "null", "[]", '"x"', "7", "{}", '{"r":"x"}', json.dumps({"r": "1", "p": 5})]
)
def test_a_malformed_plan_is_none_and_can_be_written_over(backend, text):
    backend.put("plan/213", text)
    assert read(backend.pbx.forwarding, "213") is None
    plan = replace(FULL, subscriber="213")
    backend.pbx.forwarding.write(NODE, [plan])
    assert read(backend.pbx.forwarding, "213") == plan


def test_a_removed_plan_is_gone_with_its_name_and_its_devices(backend):
    plan = replace(FULL, subscriber="214", devices=("214", "214b"))
    backend.pbx.forwarding.write(NODE, [plan])
    backend.pbx.forwarding.remove(NODE, [plan])
    assert read(backend.pbx.forwarding, "214") is None
    for key in "plan/214", "name/214", "owner/214", "owner/214b":
        assert backend.get(key) is None


def test_removing_what_is_not_there_is_no_error(forwarding):
    gone = replace(FULL, subscriber="215", devices=("215",))
    forwarding.remove(NODE, [gone])
    forwarding.remove(NODE, [gone])


def test_a_device_that_got_a_new_owner_keeps_it_when_the_old_one_is_removed(backend):
    old = replace(FULL, subscriber="216", devices=("shared",))
    new = replace(FULL, subscriber="217", devices=("shared",))
    backend.pbx.forwarding.write(NODE, [old])
    backend.pbx.forwarding.write(NODE, [new])
    backend.pbx.forwarding.remove(NODE, [old])
    assert backend.get("owner/shared") == "217"


def test_many_plans_go_and_come_at_once(forwarding):
    plans = [
        replace(FULL, subscriber=str(n), devices=(str(n),), access_pin=f"9{n}")
        for n in range(3000, 3500)
    ]
    forwarding.write(NODE, plans)
    held = forwarding.read(NODE, [plan.subscriber for plan in plans])
    assert list(held.values()) == plans
    forwarding.remove(NODE, plans)
    assert set(forwarding.read(NODE, [plan.subscriber for plan in plans]).values()) == {None}


def test_classes_are_read_back_as_written(forwarding):
    classes = {"internal": "^2[0-9][0-9]$", "mobile": r"^(?:[67][0-9]{8}|0034[67]\d{8})$"}
    forwarding.write_classes(NODE, classes)
    assert forwarding.read_classes(NODE, [*classes, "nosuch"]) == {**classes, "nosuch": None}


def test_an_edited_class_takes_the_place_of_the_old(forwarding):
    forwarding.write_classes(NODE, {"edited": "^1$"})
    forwarding.write_classes(NODE, {"edited": "^2$"})
    assert forwarding.read_classes(NODE, ["edited"]) == {"edited": "^2$"}


def test_a_plan_too_long_for_the_node_is_rejected_and_the_others_are_written(forwarding):
    devices = tuple(f"device-{n:04}" for n in range(150))
    long = replace(FULL, subscriber="218", devices=devices)
    short = replace(FULL, subscriber="219", revision=9)
    with pytest.raises(PBXRejected, match="218"):
        forwarding.write(NODE, [long, short])
    assert read(forwarding, "218") is None
    assert read(forwarding, "219") == short


def test_a_name_with_a_line_break_is_rejected_and_injects_nothing(backend):
    evil = "Ana\r\nAction: DBPut\r\nFamily: webfon\r\nKey: evil"
    with pytest.raises(PBXRejected):
        backend.pbx.forwarding.write(NODE, [replace(FULL, subscriber="220", display_name=evil)])
    assert read(backend.pbx.forwarding, "220") is None
    assert backend.get("evil") is None


def test_a_node_that_is_away_is_told_within_the_deadline(backend):
    backend.go_away()
    start = time.monotonic()
    with pytest.raises(PBXUnavailable):
        backend.pbx.forwarding.read(NODE, ["210"])
    with pytest.raises(PBXUnavailable):
        backend.pbx.forwarding.write(NODE, [FULL])
    assert time.monotonic() - start < 2 * TIMEOUT + SLACK


def test_a_node_that_freezes_is_told_within_the_deadline(backend):
    backend.pbx.forwarding.write(NODE, [FULL])
    backend.freeze()
    start = time.monotonic()
    with pytest.raises(PBXUnavailable):
        backend.pbx.forwarding.read(NODE, ["210"])
    assert time.monotonic() - start < TIMEOUT + SLACK
