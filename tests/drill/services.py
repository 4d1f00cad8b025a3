"""What a company's machines keep running: started, killed, frozen and returned by a drill."""

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Protocol

from tests.asterisk.postgres import Server, end_with_the_test

STOP_SECONDS = 15


class Service(Protocol):
    """Whatever may be lost."""

    def start(self) -> object: ...

    def stop(self) -> None: ...

    def kill(self) -> None: ...

    def freeze(self) -> None: ...

    def thaw(self) -> None: ...


class Unit:
    """A command with all the processes that it starts, which systemd keeps together as a unit.

    ``runtime`` is its RuntimeDirectory, made anew at each start.
    """

    def __init__(
        self, command: Sequence[str], env: Mapping[str, str], log: Path, runtime: Path | None = None
    ) -> None:
        self.command, self.env, self.log, self.runtime = command, env, log, runtime
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        if self.runtime:
            shutil.rmtree(self.runtime, ignore_errors=True)
            self.runtime.mkdir(parents=True)
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.command,
                env=dict(self.env),
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=end_with_the_test,  # noqa: PLW1509 - one call into libc
            )

    def stop(self) -> None:
        """As an operator stops it; by force where it takes too long."""
        if self.process is None:
            return
        self.thaw()
        self._signal(signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(STOP_SECONDS)
        self.kill()

    def kill(self) -> None:
        self._signal(signal.SIGKILL)
        if self.process:
            self.process.wait(5)

    def freeze(self) -> None:
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self._signal(signal.SIGCONT)

    def reload(self) -> None:
        """As nginx does when it hears SIGHUP."""
        assert self.process
        self.process.send_signal(signal.SIGHUP)

    def _signal(self, number: signal.Signals) -> None:
        with suppress(ProcessLookupError):
            if self.process:
                os.killpg(self.process.pid, number)


class Database(Server):
    """A PostgreSQL as install.md sets it, which may also be killed: every process of it."""

    def start(self, *_: str) -> Server:
        return super().start("max_connections=200")

    def kill(self) -> None:
        assert self.process
        self.freeze()  # so that nobody is born meanwhile
        family = [self.process.pid, *self._children()]
        for pid in family:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.process.wait(10)
        while any(_runs(pid) for pid in family):
            time.sleep(0.01)


def _runs(pid: int) -> bool:
    """Whether it is there, and no zombie."""
    try:
        return ") Z " not in Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
