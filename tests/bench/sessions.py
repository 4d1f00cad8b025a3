"""What idle sessions of the manager cost a node with each call, and what it costs to open one"""

from collections.abc import Iterator
from contextlib import ExitStack, closing
from time import sleep

from portal.pbx.asterisk.ami import Account, Connection, Deadline
from portal.pbx.asterisk.wire import action
from tests.asterisk.instance import Instance
from tests.asterisk.phone import Phone
from tests.drill.meter import measured

NUMBERS = (0, 10, 40)
ROUNDS, CALLS, OPENED = 3, 60, 300
SECONDS = 10.0
PAUSE = 0.15
"""Seconds between two calls: when its events queue up, Asterisk takes no more requests."""


def run(instance: Instance) -> Iterator[tuple[str, str]]:
    """Processor of Asterisk, in turn with none, ten and forty sessions that want no events."""
    account = Account("127.0.0.1", instance.ami, "webfon-rules", instance.secret)
    seconds = dict.fromkeys(NUMBERS, 0.0)
    with (
        closing(Phone("201", instance.sip).register()) as caller,
        closing(Phone("202", instance.sip).register()),
    ):
        for number in NUMBERS * ROUNDS:
            with ExitStack() as held:
                for _ in range(number):
                    held.enter_context(closing(Connection.open(account, Deadline(SECONDS))))
                before = _busy(instance)
                for _ in range(CALLS):
                    with caller.in_call("202"):
                        sleep(PAUSE)
                seconds[number] += _busy(instance) - before
    for number, busy in seconds.items():
        yield f"a call, with {number} idle sessions", f"{1000 * busy / CALLS / ROUNDS:7.1f} ms"
    yield "to open a session, ask and close it", f"{1000 * _opened(instance, account):7.2f} ms"


def _busy(instance: Instance) -> float:
    assert instance.process
    return measured([instance.process.pid]).seconds


def _opened(instance: Instance, account: Account) -> float:
    before = _busy(instance)
    for _ in range(OPENED):
        with closing(Connection.open(account, Deadline(SECONDS))) as session:
            session.request([action("DBGet", Family="webfon", Key="bench")], Deadline(SECONDS))
    return (_busy(instance) - before) / OPENED
