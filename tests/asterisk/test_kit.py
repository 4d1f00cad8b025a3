"""The text of the kit, and that Asterisk reads it as it is meant."""

import re

import pytest

from portal.pbx import routing
from portal.pbx.asterisk import kit
from tests.asterisk.ami import AMI


def test_nothing_is_left_to_fill_in_but_the_secrets():
    text = "".join(kit.files(kit.Options()).values())
    assert set(re.findall(r"@[A-Z_]+@", text)) == set(kit.SECRETS.values())


def test_every_pattern_and_every_emergency_number_has_its_line():
    options = kit.Options(subscribers=("2XX", "3[0-4]X"), emergency=("112", "061"))
    text = kit.render(options)
    for name in ("webfon-trunk", "webfon-queue", "webfon-subscribers"):
        section = text.split(f"\n[{name}]\n")[1].partition("\n[")[0]
        assert re.findall(r"exten => (\S+),1,", section) == ["_2XX", "_3[0-4]X"]
    assert "exten => 112,1," in text
    assert "exten => 061,1," in text


def test_the_hop_limit_is_the_one_of_routing():
    assert kit.Options().max_hops == routing.HOP_LIMIT


@pytest.mark.parametrize(
    "wrong",
    [
        {"subscribers": ("2XX,1,Hangup()",)},
        {"subscribers": ("",)},
        {"outbound_context": "out\nexten => s,1,Answer()"},
        {"users_context": "a b"},
        {"emergency": ("1 1 2",)},
        {"international_prefix": ""},
        {"voicemail_code": "*97,1,Hangup()"},
        {"voicemail_code": ""},
        {"login_code": "*11,1,Hangup()"},
        {"logout_code": "salir"},
        {"login_code": "*12"},
        {"login_tries": 0},
        {"login_tries": 100},
        {"login_lock_seconds": -5},
        {"forwarding_codes": {"busy": "6a"}},
        {"forwarding_codes": {"busy": "*67"}},
        {"forwarding_codes": {"busy": "67", "no_answer": "67"}},
        {"ring_seconds": 0},
        {"loop_limit": -1},
    ],
)
def test_options_that_would_break_the_dialplan_are_refused(wrong):
    with pytest.raises(ValueError, match="cannot stand in the dialplan"):
        kit.Options(**wrong)


def test_without_a_code_nobody_logs_in():
    text = "".join(kit.files(kit.Options(login_code="", logout_code="")).values())
    assert "Goto(webfon-login" not in text
    assert "Goto(webfon-logout" not in text


@pytest.mark.asterisk
def test_the_rules_user_reads_the_version_and_nothing_stronger(asterisk):
    rules = AMI(asterisk.ami, "webfon-rules", asterisk.secret)
    assert rules.act("Getvar", Variable=kit.VERSION_VARIABLE)["Value"] == kit.VERSION_VALUE
    for action in ("Originate", "Command", "UpdateConfig", "Redirect"):
        assert rules.act(action)["Message"] == "Permission denied"
    rules.close()


@pytest.mark.asterisk
def test_several_patterns_are_several_ranges_of_subscribers(start_asterisk):
    options = kit.Options(
        subscribers=("2XX", "30[0-4]"), outbound_context="test-outbound", users_context="test-users"
    )
    admin = start_asterisk(options=options).admin()

    def is_subscriber(number: str) -> str:
        variable = f"DIALPLAN_EXISTS(webfon-trunk,{number},1)"
        return admin.act("Getvar", Variable=variable)["Value"]

    found = [is_subscriber(number) for number in ("200", "299", "304", "305", "112", "20", "2000")]
    assert found == ["1", "1", "1", "0", "0", "0", "0"]
    admin.close()
