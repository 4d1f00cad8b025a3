"""One running Asterisk for all tests, and telephones by need."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from portal.pbx.interface import PBX
from tests.asterisk.exchange import Exchange
from tests.asterisk.instance import Instance, tree
from tests.asterisk.mailboxes import Box, portal_of
from tests.asterisk.phone import Phone

StartAsterisk = Callable[..., Instance]
MAILBOXES = ("201", "202", "203", "204")
MakePhone = Callable[..., Phone]


@pytest.fixture(scope="session")
def start_asterisk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StartAsterisk]:
    """Starts an Asterisk of its own in a new folder, for a test that stops, kills or freezes it."""
    started: list[Instance] = []

    def start(**fields: object) -> Instance:
        folder: Path = tmp_path_factory.mktemp("asterisk")
        started.append(Instance(folder, tree(), **fields).write())  # type: ignore[arg-type]
        return started[-1].start()

    yield start
    for instance in started:
        instance.stop()


@pytest.fixture(scope="session")
def asterisk(start_asterisk: StartAsterisk) -> Instance:
    """The Asterisk that all tests share, and leave as they found it."""
    instance = start_asterisk()
    instance.record_greetings()
    return instance


@pytest.fixture(scope="session")
def _exchange(asterisk: Instance) -> Iterator[Exchange]:
    exchange = Exchange(asterisk)
    yield exchange
    exchange.close()


@pytest.fixture
def exchange(_exchange: Exchange) -> Iterator[Exchange]:
    """The shared Asterisk with the service classes ``all`` and ``internal``, and nothing else."""
    _exchange.begin()
    yield _exchange
    _exchange.clear()


@pytest.fixture
def silence_afterwards(exchange: Exchange) -> Iterator[None]:
    """No call of this test goes on into the next one."""
    yield
    exchange.hang_up_all()


@pytest.fixture
def phone(asterisk: Instance) -> Iterator[MakePhone]:
    """Registers a telephone, by the name of its endpoint, for the length of the test."""
    phones: list[Phone] = []

    def make(user: str, behaviour: str | int = "answer", **fields: object) -> Phone:
        phones.append(Phone(user, asterisk.sip, behaviour=behaviour, **fields))  # type: ignore[arg-type]
        return phones[-1].register()

    yield make
    for made in phones:
        made.unregister()
        made.close()


@pytest.fixture
def trunk(asterisk: Instance) -> Iterator[Phone]:
    """The world outside: answers every number, and calls in from any."""
    extra = ("X-Test: trunk",)
    outside = Phone("trunk", asterisk.sip, port=asterisk.trunk, extra=extra)
    yield outside
    outside.close()


@pytest.fixture
def portal(asterisk: Instance) -> PBX:
    """The portal's side of the shared Asterisk."""
    return portal_of(asterisk)


@pytest.fixture
def boxes(asterisk: Instance) -> Iterator[dict[str, Box]]:
    """The mailboxes of the shared Asterisk by number, empty."""
    made = {number: Box(asterisk.spool, f"{number}@default") for number in MAILBOXES}
    for box in made.values():
        box.clear()
    yield made
    for box in made.values():
        box.clear()
