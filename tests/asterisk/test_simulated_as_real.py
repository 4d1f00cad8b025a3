"""The simulated telephone system writes the records and messages that a real Asterisk writes."""

import time

import pytest
from django.utils import timezone

from portal.pbx.cdr_import import import_file
from portal.pbx.day_keys import DAY, lacking
from portal.pbx.models import CallRecord
from portal.pbx.projection import to_keys
from portal.pbx.simulated.backend import build_switch
from portal.pbx.spool import Spool
from portal.pbx.types import VOICEMAIL, LineState, Window

pytestmark = [pytest.mark.asterisk, pytest.mark.django_db(databases=["default", "cdr"])]

IDLE, BUSY, NO_ANSWER = LineState.IDLE, LineState.BUSY, LineState.NO_ANSWER
BEHAVIOUR = {IDLE: "answer", BUSY: 486, NO_ANSWER: 480}
COMPARED = ("src", "clid", "dst", "dialed", "diverter", "divreason", "lastapp", "disposition")

NOW = int(time.time())


def calendar(destination):
    """Yesterday, today and tomorrow."""
    return {"calendar": "7", "windows": (Window(NOW - DAY, NOW + DAY, destination),)}


CASES = {
    "answered": ({}, {"202": IDLE}),
    "busy": ({}, {"202": BUSY}),
    "not answered": ({}, {"202": NO_ANSWER}),
    "not connected": ({}, {}),
    "do not disturb": ({"202": {"do_not_disturb": True}}, {"202": IDLE}),
    "unconditional": ({"202": {"unconditional": "203"}}, {"203": IDLE}),
    "busy and on": ({"202": {"busy": "203"}}, {"202": BUSY, "203": IDLE}),
    "not answered and on": ({"202": {"no_answer": "203"}}, {"202": NO_ANSWER, "203": BUSY}),
    "not connected and on": ({"202": {"not_connected": "203"}}, {"203": NO_ANSWER}),
    "chain": (
        {"202": {"unconditional": "203"}, "203": {"busy": "204"}},
        {"203": BUSY, "204": IDLE},
    ),
    "loop": ({"202": {"unconditional": "203"}, "203": {"unconditional": "202"}}, {}),
    "outside": ({"202": {"unconditional": "600123123"}}, {}),
    "voicemail": ({"202": {"unconditional": VOICEMAIL}}, {}),
    "calendar": (
        {"202": {**calendar("203"), "unconditional": "204"}, "203": {"busy": VOICEMAIL}},
        {"203": BUSY},
    ),
    "voicemail by calendar": ({"202": {**calendar(VOICEMAIL), "do_not_disturb": True}}, {}),
    "voicemail of the next": (
        {"202": {"busy": "203"}, "203": {"not_connected": VOICEMAIL}},
        {"202": BUSY},
    ),
}


@pytest.fixture
def simulated(tmp_path):
    """A switch of its own."""
    return build_switch(tmp_path / "simulated")


@pytest.mark.parametrize("case", CASES)
def test_a_call_leaves_the_same_records(case, exchange, asterisk, phone, trunk, simulated):
    plans, states = CASES[case]
    if asterisk.cdr.exists():
        import_file("real", asterisk.cdr)
    CallRecord.objects.all().delete()
    for number in ("201", "202", "203", "204"):
        plan = exchange.plan(number, display_name=f"Nombre {number}", **plans.get(number, {}))
        simulated.node.keys.put(lacking(None, plan) | to_keys(plan))
    simulated.node.keys.put({"class/all": "^[0-9]{3,15}$"})
    caller = phone("201")
    for number, state in states.items():
        phone(number, BEHAVIOUR[state])

    def state(number):
        return states.get(number, IDLE if len(number) > 3 else LineState.NOT_CONNECTED)

    taken = simulated.place_call("201", "202", timezone.now(), state).route
    caller.call("202", talk=1.2)
    exchange.records(len(taken.legs))
    time.sleep(0.1)  # for a leg too many
    import_file("real", asterisk.cdr)
    assert len(_legs("real")) == len(taken.legs)
    assert _legs("real") == _legs("centralita")


def _legs(node):
    """The legs of the node's calls, with what has to be the same."""
    rows = CallRecord.objects.filter(node=node).order_by("started", "sequence")
    return [
        {
            **{name: getattr(row, name) for name in COMPARED},
            "one call": row.linkedid == row.uniqueid,
            "rang": row.dstchannel.rpartition("-")[0],
            "answered": row.answered is not None,
        }
        for row in rows
    ]


def test_a_message_is_read_alike(exchange, asterisk, phone, simulated):
    plan = exchange.plan("202", unconditional=VOICEMAIL)
    caller = exchange.plan("201", display_name="Ana")
    simulated.node.keys.put(to_keys(plan) | to_keys(caller))
    before = {message.msg_id for message in Spool(asterisk.spool).messages("202@default")}
    phone("201").call("202", talk=3)
    simulated.place_call("201", "202", timezone.now(), lambda _number: IDLE)
    deadline = time.monotonic() + 5
    real = ()
    while not real and time.monotonic() < deadline:
        found = Spool(asterisk.spool).messages("202@default")
        real = [message for message in found if message.msg_id not in before]
        time.sleep(0.05)
    (real,), (own,) = real, Spool(simulated.spool).messages("202@default")
    for name in ("caller", "caller_name", "folder", "is_new"):
        assert getattr(real, name) == getattr(own, name)
    assert len(real.msg_id) == len(own.msg_id)
    assert 1 <= real.seconds <= 4
