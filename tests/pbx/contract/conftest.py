"""The same promises, kept by both back ends: each test here runs on either."""

import wave
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from io import BytesIO
from itertools import count
from pathlib import Path
from random import Random
from shutil import rmtree
from typing import Protocol

import pytest

from portal.pbx.asterisk.backend import build as build_asterisk
from portal.pbx.asterisk.kit import SECRETS
from portal.pbx.interface import PBX, Voicemail
from portal.pbx.simulated.acd import Member, Queue
from portal.pbx.simulated.backend import build as build_simulated
from portal.pbx.simulated.backend import build_nodes, spool_of
from portal.pbx.simulated.codes import dial
from portal.pbx.simulated.faults import Mode
from portal.pbx.simulated.mailbox import Mailbox
from portal.pbx.spool import Spool
from portal.pbx.types import ForwardingPlan
from tests.asterisk.instance import Instance, tree
from tests.asterisk.phone import Phone

NODE = "madrid"
TIMEOUT = 1.0

EPOCHS = count(1772442000)

DEVICES = ("201", "201b", "202", "203", "204")
"""Telephones that both know; none is registered until a test says so."""


class Backend(Protocol):
    """A back end, and the power to do to its one node what the portal never does."""

    pbx: PBX
    spool: Path

    def put(self, key: str, value: str) -> None:
        """Write a key behind the portal's back."""

    def get(self, key: str) -> str | None:
        """Read one."""

    def forget(self, *keys: str) -> None:
        """Delete some."""

    def go_away(self) -> None:
        """From now on the node cannot be reached."""

    def freeze(self) -> None:
        """From now on the node keeps its connections and answers nothing."""

    def come_back(self) -> None:
        """The node works again, whatever was done to it, having been started anew."""

    def leave(self, mailbox: str, msg_id: str, folder: str = "INBOX") -> None:
        """Somebody left a message; its sound is that of ``sound(msg_id)``."""

    def telephone(self, device: str) -> AbstractContextManager[None]:
        """A registered telephone, which answers what comes."""

    def dial(self, device: str, code: str) -> None:
        """Somebody dials a code there that changes forwarding, and is heard out or refused."""

    def listening(self, mailbox: str) -> AbstractContextManager[None]:
        """Somebody hears the messages of ``NUMBER@default`` at a telephone."""

    def log_in(self, device: str, pin: str, code: str) -> None:
        """Somebody keys in PIN and clave at a telephone, right or wrong."""

    def log_out(self, device: str) -> None:
        """Whoever is there dials the code for it."""


class Simulated:
    """The embedded telephone system in a folder."""

    def __init__(self, folder: Path) -> None:
        self.pbx = build_simulated(folder, (NODE,), TIMEOUT)
        self.spool = spool_of(folder)
        self.node = build_nodes(folder, (NODE,), TIMEOUT)[NODE]
        self.pbx.dialer.pace = 0.1  # type: ignore[attr-defined]
        for device in DEVICES:
            self.node.telephones.unplug(device)
        for queue in ("sales", "support"):
            self.node.queues.add(Queue(queue))
        self.node.queues.put(Member("sales", "202"))

    def put(self, key: str, value: str) -> None:
        self.node.keys.put({key: value})

    def get(self, key: str) -> str | None:
        return self.node.keys.get([key]).get(key)

    def forget(self, *keys: str) -> None:
        self.node.keys.delete(keys)

    def go_away(self) -> None:
        self.node.faults.set(Mode.AWAY)

    def freeze(self) -> None:
        self.node.faults.set(Mode.FROZEN)

    def come_back(self) -> None:
        self.node.faults.set(Mode.NORMAL)
        self.node.faults.reboot()

    def leave(self, mailbox: str, msg_id: str, folder: str = "INBOX") -> None:
        box = Mailbox(self.spool, mailbox)
        with box.held():
            box.put(folder, {".txt": text(msg_id).encode(), ".wav": sound(msg_id)})

    @contextmanager
    def telephone(self, device: str) -> Iterator[None]:
        self.node.telephones.plug_in(device)
        yield
        self.node.telephones.unplug(device)

    def dial(self, device: str, code: str) -> None:
        dial(self.node, device, code)

    @contextmanager
    def listening(self, mailbox: str) -> Iterator[None]:
        with self.node.telephones.listen(Spool(self.spool), mailbox):
            yield

    def log_in(self, device: str, pin: str, code: str) -> None:
        self.node.logins.log_in(device, pin, code)

    def log_out(self, device: str) -> None:
        self.node.logins.log_out(device)


class Asterisk:
    """A real one, which is killed and started again."""

    def __init__(self, instance: Instance) -> None:
        self.instance = instance
        self.spool = instance.spool
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

    def forget(self, *keys: str) -> None:
        admin = self.instance.admin()
        for key in keys:
            admin.act("DBDel", Family="webfon", Key=key)
        admin.close()

    def go_away(self) -> None:
        self.instance.kill()

    def freeze(self) -> None:
        self.instance.freeze()

    def come_back(self) -> None:
        self.instance.kill()
        self.instance.start()

    def leave(self, mailbox: str, msg_id: str, folder: str = "INBOX") -> None:
        box, _at, context = mailbox.partition("@")
        there = self.spool / context / box / folder
        there.mkdir(parents=True, exist_ok=True)
        beside = there.parent / f"left-{msg_id}"
        beside.write_bytes(sound(msg_id))
        number = len(list(there.glob("msg*.txt")))
        beside.rename(there / f"msg{number:04d}.wav")
        beside.write_text(text(msg_id))
        beside.rename(there / f"msg{number:04d}.txt")

    @contextmanager
    def telephone(self, device: str) -> Iterator[None]:
        phone = Phone(device, self.instance.sip)
        try:
            phone.register()
            yield
            phone.unregister()
        finally:
            phone.close()

    def dial(self, device: str, code: str) -> None:
        phone = Phone(device, self.instance.sip)
        try:
            phone.register().call(code)
            phone.unregister()
        finally:
            phone.close()

    @contextmanager
    def listening(self, mailbox: str) -> Iterator[None]:
        number, _at, _context = mailbox.partition("@")
        plan = ForwardingPlan(subscriber=number, devices=(number,), mailbox=mailbox)
        self.pbx.forwarding.write(NODE, [plan])
        phone = Phone(number, self.instance.sip)
        try:
            with phone.register().in_call(self.instance.options.voicemail_code):
                yield
            phone.unregister()
        finally:
            phone.close()

    def log_in(self, device: str, pin: str, code: str) -> None:
        self._dial(device, self.instance.options.login_code, f"{pin}#{code}#")

    def log_out(self, device: str) -> None:
        self._dial(device, self.instance.options.logout_code, "")

    def _dial(self, device: str, code: str, keys: str) -> None:
        """Dial it, press keys once they are read, and hang up when it is said what came of it."""
        admin, phone = self.instance.admin(), Phone(device, self.instance.sip)
        try:
            with phone.register().in_call(code) as call:
                if keys:
                    admin.wait(
                        lambda event: (
                            event["Event"] == "Newexten" and event["Application"] == "Read"
                        )
                    )
                    phone.press(call, keys)
                admin.wait(lambda event: event.get("UserEvent") == "WebfonLogin")
            phone.unregister()
        finally:
            phone.close()
            admin.close()

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
        "acd_secret": instance.secrets[SECRETS["acd"]],
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


@pytest.fixture
def voicemail(backend: Backend) -> Voicemail:
    """Its mailboxes."""
    return backend.pbx.voicemail


@pytest.fixture
def box(backend: Backend) -> str:
    """The mailbox of 201, empty."""
    return _emptied(backend, "201@default")


@pytest.fixture
def other(backend: Backend) -> str:
    """Another one."""
    return _emptied(backend, "203@default")


@pytest.fixture
def leave(backend: Backend, box: str) -> Callable[..., str]:
    """Leaves a message in the mailbox of 201 and gives its id."""

    def leave(folder: str = "INBOX", mailbox: str = box, msg_id: str = "") -> str:
        msg_id = msg_id or f"{next(EPOCHS)}-0000abcd"
        backend.leave(mailbox, msg_id, folder)
        return msg_id

    return leave


def _emptied(backend: Backend, mailbox: str) -> str:
    number, _at, context = mailbox.partition("@")
    rmtree(backend.spool / context / number, ignore_errors=True)
    assert backend.pbx.voicemail.messages(mailbox) == ()
    return mailbox


def text(msg_id: str) -> str:
    """What stands beside a message that 202 left; the id begins with the moment."""
    epoch = msg_id.partition("-")[0]
    return f'[message]\ncallerid="Berta" <202>\norigtime={epoch}\nmsg_id={msg_id}\nduration=1\n'


def sound(msg_id: str) -> bytes:
    """Half a second, another one for every id."""
    file = BytesIO()
    with wave.open(file, "wb") as wav:
        wav.setparams((1, 2, 8000, 0, "NONE", ""))
        wav.writeframes(Random(msg_id).randbytes(8000))
    return file.getvalue()


def is_running(instance: Instance) -> bool:
    """Whether its process is there, frozen or not."""
    return instance.process is not None and instance.process.poll() is None
