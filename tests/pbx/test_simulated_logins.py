"""Logging in at a simulated telephone: calls find it, and a command does it."""

import io
from datetime import UTC, datetime

import pytest
from django.core.management import CommandError, call_command

from portal.pbx.logins import stretched
from portal.pbx.projection import to_keys
from portal.pbx.simulated.backend import build_switch
from portal.pbx.types import ForwardingPlan, LineState

CODE = "246801"
STORED = f"00ff:20:{stretched('00ff', CODE, 20)}"
NOON = datetime(2026, 5, 12, 12, tzinfo=UTC)


@pytest.fixture
def switch(tmp_path, settings):
    """201 and 202 may log in; calls that do not reach 202 go to 201."""
    settings.PBX = {**settings.PBX, "OPTIONS": {"path": tmp_path}}
    switch = build_switch(tmp_path)
    for number, onward in ("201", ""), ("202", "201"):
        plan = ForwardingPlan(
            subscriber=number,
            revision=1,
            devices=(number,),
            not_connected=onward,
            forward_class="all",
            access_pin=f"9{number}",
            access_code=STORED,
        )
        switch.node.keys.put({**to_keys(plan), "class/all": "^[0-9]+$"})
    return switch


def demo_login(*args):
    said = io.StringIO()
    call_command("demo_login", *args, stdout=said)
    return said.getvalue()


def rings(switch):
    """Where a call to 202 rings at last, and at which telephone of the node."""
    taken = switch.route("600123123", "202", NOON, lambda number: LineState.IDLE)
    return taken.last, switch.identity("202").device


def test_calls_follow_a_login_and_go_elsewhere_while_somebody_else_is_there(switch):
    assert "Logged in" in demo_login("202", "9201", CODE)
    assert rings(switch)[0] == "201"
    demo_login("203", "9202", CODE)
    assert rings(switch) == ("202", "203")
    assert "owner" in demo_login("203")
    assert rings(switch)[0] == "201"
    demo_login("202")
    assert rings(switch) == ("202", "202")


def test_the_command_says_why_not(switch):
    for _ in range(4):
        with pytest.raises(CommandError, match="the clave is another"):
            demo_login("203", "9202", "999999")
    for code in ("999999", CODE):
        with pytest.raises(CommandError, match="five minutes"):
            demo_login("203", "9202", code)
