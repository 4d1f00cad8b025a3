"""A whole Asterisk of the tests' own, in a folder, on free ports of 127.0.0.1."""

import ctypes
import os
import signal
import socket
import subprocess
import time
import wave
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from portal.pbx.asterisk import kit
from tests.asterisk.ami import AMI

CONF = Path(__file__).with_name("conf")
FOLDERS = ["etc", "lib", "spool/voicemail", "spool/tmp", "log/cdr-custom", "run", "db", "cache"]
PHONES = {  # endpoint: (display name in its configuration, mailbox)
    "201": ("Ana", "201@default"),
    "201b": ("Ana", "201@default"),
    "202": ("Berta", "202@default"),
    "203": ("Carlos", "203@default"),
    "204": ("Diana", "204@default"),
}
OPTIONS = kit.Options(
    subscribers=("[23]XX",),
    outbound_context="test-outbound",
    users_context="test-users",
    loop_limit=3,
)
START_SECONDS = 20.0


def tree() -> Path:
    """Where ``scripts/asterisk-tree`` unpacks Asterisk, whether it has or not."""
    script = Path(__file__).parents[2] / "scripts" / "asterisk-tree"
    run = subprocess.run([script, "--path"], capture_output=True, text=True, check=True)
    return Path(run.stdout.strip())


def free_port(kind: socket.SocketKind) -> int:
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def as_a_service() -> None:
    """What a process of the tests becomes before it runs (prctl(2), setrlimit(2)).

    It ends with the thread that started it (PR_SET_PDEATHSIG), even when that is killed; folders
    may forbid it to write, also where the tests run as root (PR_CAPBSET_DROP, CAP_DAC_OVERRIDE);
    and a limit on the size of files is an error to it, like a full disk, and not its death.
    """
    libc = ctypes.CDLL(None)
    libc.prctl(1, signal.SIGKILL)
    libc.prctl(24, 1)
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)


@dataclass
class Instance:
    """Written on ``write``; then it can be started, stopped, killed, frozen, and started again."""

    folder: Path
    tree: Path
    sip: int = field(default_factory=lambda: free_port(socket.SOCK_DGRAM))
    ami: int = field(default_factory=lambda: free_port(socket.SOCK_STREAM))
    trunk: int = field(default_factory=lambda: free_port(socket.SOCK_DGRAM))
    options: kit.Options = OPTIONS
    secret: str = "webfon-rules-secret"
    process: subprocess.Popen[bytes] | None = None

    @property
    def secrets(self) -> dict[str, str]:
        """Those of the portal's users, by their marks in the kit."""
        others = {mark: f"webfon-{name}-secret" for name, mark in kit.SECRETS.items()}
        return others | {kit.SECRETS["ami"]: self.secret}

    @property
    def cdr(self) -> Path:
        return self.folder / "log" / "cdr-custom" / "webfon.csv"

    @property
    def spool(self) -> Path:
        return self.folder / "spool" / "voicemail"

    @property
    def log(self) -> Path:
        """Notices, warnings and errors."""
        return self.folder / "log" / "messages"

    def write(self) -> "Instance":
        for name in FOLDERS:
            (self.folder / name).mkdir(parents=True, exist_ok=True)
        self._link_data()
        values = {"DIR": self.folder, "TREE": self.tree, "SIP": self.sip, "AMI": self.ami}
        values |= {"TRUNK": self.trunk, "PHONES": "".join(self._phones())}
        for template in CONF.glob("*.conf"):
            (self.folder / "etc" / template.name).write_text(_fill(template, values))
        for name, text in kit.files(self.options).items():
            (self.folder / "etc" / name).write_text(kit.fill(text, self.secrets))
        return self

    def record_greetings(self) -> None:
        """A tenth of a second of silence in every mailbox, so that no test listens to Allison."""
        for _, mailbox in PHONES.values():
            box, context = mailbox.split("@")
            for name in ("unavail", "busy"):
                path = self.spool / context / box / f"{name}.wav"
                path.parent.mkdir(parents=True, exist_ok=True)
                with wave.open(str(path), "wb") as sound:
                    sound.setparams((1, 2, 8000, 0, "NONE", ""))
                    sound.writeframes(bytes(1600))

    def start(self) -> "Instance":
        """Start it and wait until it is fully booted. It ends with the thread that started it."""
        loader = self.tree / "usr/lib64/ld-linux-x86-64.so.2"
        libraries = self.tree / "usr/lib/x86_64-linux-gnu"
        command: list[str | Path] = [
            loader,
            "--library-path",
            libraries,
            self.tree / "usr/sbin/asterisk",
        ]
        command += ["-f", "-C", self.folder / "etc" / "asterisk.conf"]
        with (self.folder / "log" / "console").open("ab") as console:
            self.process = subprocess.Popen(
                command,
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=console,
                stderr=console,
                preexec_fn=as_a_service,  # noqa: PLW1509 - one call into libc
                start_new_session=True,
            )
        self.admin().close()
        return self

    def admin(self) -> AMI:
        """A connection for the tests' own use, which waits until Asterisk is fully booted."""
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                return AMI(self.ami, "admin", "admin")
            except OSError as error:
                self._expect_running()
                if time.monotonic() > deadline:
                    raise TimeoutError(f"no FullyBooted; see {self.folder}/log") from error
                time.sleep(0.02)

    def stop(self) -> None:
        """A clean stop, as an operator does it."""
        if self.process and self.process.poll() is None:
            os.kill(self.process.pid, signal.SIGCONT)
            self.process.terminate()
            try:
                self.process.wait(5)
            except subprocess.TimeoutExpired:
                self.kill()

    def kill(self) -> None:
        """A crash: nothing is saved any more."""
        if self.process:
            self.process.kill()
            self.process.wait(5)

    def freeze(self) -> None:
        """It keeps its connections and answers nothing."""
        assert self.process
        os.kill(self.process.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        assert self.process
        os.kill(self.process.pid, signal.SIGCONT)

    def _expect_running(self) -> None:
        if self.process and self.process.poll() is not None:
            console = (self.folder / "log" / "console").read_text(errors="replace")
            raise RuntimeError(f"Asterisk ended by itself: {console[-2000:]}")

    def _phones(self) -> Iterable[str]:
        for name, (person, mailbox) in PHONES.items():
            caller = f'"{person}" <{name.rstrip("b")}>'
            values = {"NAME": name, "CALLERID": caller, "MAILBOX": mailbox}
            yield _fill(CONF / "phone.tmpl", values)

    def _link_data(self) -> None:
        """A data folder of its own: Debian's has absolute links that lead outside the tree."""
        share = self.tree / "usr/share/asterisk"
        (self.folder / "data/sounds").mkdir(parents=True, exist_ok=True)
        links = {"sounds/en": "sounds/en_US_f_Allison", "documentation": "documentation"}
        for name, target in links.items():
            if not (self.folder / "data" / name).is_symlink():
                (self.folder / "data" / name).symlink_to(share / target)


def _fill(template: Path, values: Mapping[str, object]) -> str:
    text = template.read_text()
    for name, value in values.items():
        text = text.replace(f"@{name}@", str(value))
    return text
