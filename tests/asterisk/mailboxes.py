"""Mailboxes of a running Asterisk: messages put there, and what is left of them."""

import shutil
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from portal.pbx.asterisk import kit
from portal.pbx.asterisk.ami import Account
from portal.pbx.asterisk.backend import build
from portal.pbx.asterisk.pool import Node
from portal.pbx.asterisk.site import VOICEMAIL_USER, Site
from portal.pbx.interface import PBX
from tests.asterisk import rtp
from tests.asterisk.exchange import wait_until
from tests.asterisk.instance import Instance

EPOCH = 1_763_870_000
TEXT = """[message]
origmailbox={box}
context=webfon-subscriber
exten=202
callerid="Ana" <201>
origdate=Sun Nov 23 03:53:20 AM UTC 2025
origtime={time}
category=
msg_id={msg_id}
flag=
duration=1
"""


def node_options(instance: Instance, name: str = "madrid") -> dict[str, object]:
    """How settings describe this Asterisk, with all its users."""
    return {
        "name": name,
        "host": "127.0.0.1",
        "port": instance.ami,
        "user": "webfon-rules",
        "secret": instance.secret,
        "voicemail_secret": instance.secrets[kit.SECRETS["voicemail"]],
        "calls_secret": instance.secrets[kit.SECRETS["calls"]],
        "acd_secret": instance.secrets[kit.SECRETS["acd"]],
        "spool": instance.spool,
    }


def portal_of(*instances: Instance, spool: Path | None = None, timeout: float = 1.0) -> PBX:
    """The portal's side of these nodes, which share the spool if one is named."""
    nodes = [node_options(each, f"node{n}") for n, each in enumerate(instances)]
    shared = {"spool": spool} if spool else {}
    return build(nodes=[node | shared for node in nodes], timeout=timeout)  # type: ignore[misc]


def site_of(instance: Instance) -> Site:
    """The parts of the portal's side of a node."""

    def node(user: str, secret: str) -> Node:
        return Node("node", Account("127.0.0.1", instance.ami, user, secret), 3.0)

    options = node_options(instance)
    return Site(
        node("webfon-rules", instance.secret),
        instance.spool,
        voicemail=node(VOICEMAIL_USER, str(options["voicemail_secret"])),
    )


@dataclass(frozen=True)
class Box:
    """One mailbox, on disk. A message's tone tells which it is, whatever its number becomes."""

    spool: Path
    name: str

    @property
    def path(self) -> Path:
        box, _, context = self.name.partition("@")
        return self.spool / context / box

    def clear(self) -> None:
        for folder in self.path.glob("*/"):
            wait_until(partial(_is_removed, folder))  # a call that ends may still write there
        for file in self.path.glob("webfon-draft-*"):
            file.unlink()

    def leave(
        self, count: int, folder: str = "INBOX", *, seconds: float = 1.0, first: int = 0
    ) -> list[str]:
        """Put so many messages there, oldest first; their ids, which are counted from ``first``."""
        place = self.path / folder
        place.mkdir(parents=True, exist_ok=True)
        begin = len(list(place.glob("*.txt")))
        ids = []
        for number in range(begin, begin + count):
            time = EPOCH + first + number
            msg_id = f"{time}-{first + number:08x}"
            text = TEXT.format(box=self.path.name, time=time, msg_id=msg_id)
            (place / f"msg{number:04}.wav").write_bytes(rtp.wav_of(hertz_of(msg_id), seconds))
            (place / f"msg{number:04}.txt").write_text(text)
            ids.append(msg_id)
        return ids

    def found(self) -> dict[str, str]:
        """The folder of each message whose text and sound belong together, and are numbered
        without a gap.
        """
        return {msg_id: folder for folder, msg_id in self._found()}

    def ids(self) -> list[str]:
        """Every message's, however often it is there."""
        ids = []
        for file in self.path.glob("*/msg*.txt"):
            with suppress(FileNotFoundError):  # renumbered meanwhile
                ids.append(file.read_text().partition("msg_id=")[2].partition("\n")[0])
        return ids

    def is_at_rest(self) -> bool:
        """Whether Asterisk renumbers nothing now."""
        return not list(self.path.glob("*/.lock"))

    def _found(self) -> Iterator[tuple[str, str]]:
        for folder in sorted(self.path.glob("*/")):
            texts = sorted(folder.glob("msg*.txt"))
            assert [text.stem for text in texts] == [f"msg{n:04}" for n in range(len(texts))]
            for text in texts:
                msg_id = text.read_text().partition("msg_id=")[2].partition("\n")[0]
                samples = rtp.read_wav(text.with_suffix(".wav"))
                assert rtp.share(samples[:2000], hertz_of(msg_id)) > 0.9, (folder, text.name)
                yield folder.name, msg_id


def hertz_of(msg_id: str) -> int:
    """Whole periods in each 20 ms, so that shares are exact."""
    return 400 + 50 * (int(msg_id.partition("-")[2], 16) % 60)


def _is_removed(folder: Path) -> bool:
    shutil.rmtree(folder, ignore_errors=True)
    return not folder.exists()
