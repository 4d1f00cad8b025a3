"""The same promises, kept by both back ends: each test here runs on either."""

from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

import pytest

from portal.pbx.asterisk.backend import build as build_asterisk
from portal.pbx.asterisk.kit import SECRETS
from portal.pbx.interface import PBX
from portal.pbx.simulated.backend import build as build_simulated
from portal.pbx.simulated.backend import build_nodes
from portal.pbx.simulated.faults import Mode
from tests.asterisk.instance import Instance, tree

NODE = "madrid"
TIMEOUT = 1.0


class Backend(Protocol):
    """A back end, and the power to do to its one node what the portal never does."""

    pbx: PBX

    def put(self, key: str, value: str) -> None:
        """Write a key behind the portal's back."""

    def get(self, key: str) -> str | None:
        """Read one."""

    def go_away(self) -> None:
        """From now on the node cannot be reached."""

    def freeze(self) -> None:
        """From now on the node keeps its connections and answers nothing."""

    def come_back(self) -> None:
        """The node works again, whatever was done to it, having been started anew."""


class Simulated:
    """The embedded telephone system in a folder."""

    def __init__(self, folder: Path) -> None:
        self.pbx = build_simulated(folder, (NODE,), TIMEOUT)
        self.node = build_nodes(folder, (NODE,), TIMEOUT)[NODE]

    def put(self, key: str, value: str) -> None:
        self.node.keys.put({key: value})

    def get(self, key: str) -> str | None:
        return self.node.keys.get([key]).get(key)

    def go_away(self) -> None:
        self.node.faults.set(Mode.AWAY)

    def freeze(self) -> None:
        self.node.faults.set(Mode.FROZEN)

    def come_back(self) -> None:
        self.node.faults.set(Mode.NORMAL)
        self.node.faults.reboot()


class Asterisk:
    """A real one, which is killed and started again."""

    def __init__(self, instance: Instance) -> None:
        self.instance = instance
        self.pbx = build_asterisk(nodes=[options(instance)], timeout=TIMEOUT)

    def put(self, key: str, value: str) -> None:
        self._ask("DBPut", key, Val=value)

    def get(self, key: str) -> str | None:
        admin = self.instance.admin()
        try:
            if admin.act("DBGet", Family="webfon", Key=key)["Response"] != "Success":
                return None
            return admin.wait(lambda event: event["Event"] == "DBGetResponse")["Val"]
        finally:
            admin.close()

    def go_away(self) -> None:
        self.instance.kill()

    def freeze(self) -> None:
        self.instance.freeze()

    def come_back(self) -> None:
        self.instance.kill()
        self.instance.start()

    def _ask(self, action: str, key: str, **headers: str) -> None:
        admin = self.instance.admin()
        reply = admin.act(action, Family="webfon", Key=key, **headers)
        admin.close()
        assert reply["Response"] == "Success", reply


def options(instance: Instance, name: str = NODE) -> dict[str, object]:
    """How settings describe this Asterisk."""
    return {
        "name": name,
        "host": "127.0.0.1",
        "port": instance.ami,
        "user": "webfon-rules",
        "secret": instance.secret,
        "voicemail_secret": instance.secrets[SECRETS["voicemail"]],
        "calls_secret": instance.secrets[SECRETS["calls"]],
        "spool": instance.spool,
        "cdr_csv": instance.cdr,
    }


@pytest.fixture(scope="session")
def contract_asterisk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Instance]:
    """One Asterisk for all contracts; it is not the one of the calls, for it is killed a lot."""
    instance = Instance(tmp_path_factory.mktemp("contract"), tree()).write().start()
    yield instance
    instance.kill()


@pytest.fixture(params=["simulated", pytest.param("asterisk", marks=pytest.mark.asterisk)])
def backend(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Backend]:
    """Each back end in turn, working."""
    if request.param == "simulated":
        yield Simulated(tmp_path / "simulated")
        return
    instance: Instance = request.getfixturevalue("contract_asterisk")
    if not is_running(instance):
        instance.start()
    yield Asterisk(instance)
    if is_running(instance):
        instance.thaw()


def is_running(instance: Instance) -> bool:
    """Whether its process is there, frozen or not."""
    return instance.process is not None and instance.process.poll() is None
