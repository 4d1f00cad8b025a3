"""A portal in a process of its own, which can be killed: does one thing to messages, one by one."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.asterisk.instance import Instance, as_a_service
from tests.asterisk.mailboxes import node_options

PATIENCE = 30.0


class Worker:
    """Started with the block, with its data folder; it works once told what."""

    def __init__(self, instance: Instance, data: Path) -> None:
        self._node = node_options(instance)
        self._data = data

    def __enter__(self) -> "Worker":
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.asterisk.work"],
            env=os.environ | {"WEBFON_DATA": str(self._data), "WEBFON_DEMO": "1"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            preexec_fn=as_a_service,  # noqa: PLW1509 - as for Asterisk
        )
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()
        for stream in (self.process.stdin, self.process.stdout):
            if stream:
                stream.close()

    def begin(self, what: str, mailbox: str, ids: Sequence[str], repeat: bool = False) -> None:
        """``remove``, ``forward``, or move there and back, each id by itself, under the lock."""
        assert self.process.stdin
        task = {"node": self._node, "what": what, "mailbox": mailbox, "ids": ids, "repeat": repeat}
        self.process.stdin.write(json.dumps(task, default=str) + "\n")
        self.process.stdin.flush()

    def wait(self) -> None:
        """Until it is ready to begin, and then each time until it has done something."""
        assert self.process.stdout
        assert self.process.stdout.readline()

    def result(self) -> Any:
        """What it did in the end, or the name of the error."""
        assert self.process.stdout
        *_, last = self.process.stdout.read().splitlines()
        return json.loads(last)

    def stop(self) -> None:
        os.kill(self.process.pid, signal.SIGSTOP)

    def go_on(self) -> None:
        os.kill(self.process.pid, signal.SIGCONT)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait(5)
