"""``manage.py serve``: what ``make run`` starts, seen from outside."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.server import ROOT, environment, free_port


class Server:
    """A running ``serve`` and what it has said so far."""

    def __init__(self, folder: Path, port: int) -> None:
        self.port = port
        self.log = folder / f"serve-{port}.log"
        self.process = subprocess.Popen(
            [sys.executable, "manage.py", "serve", "--port", str(port)],
            cwd=ROOT,
            env=environment(folder, WEBFON_DEMO="1"),
            stdout=self.log.open("w"),
            stderr=subprocess.STDOUT,
        )

    def wait_until_it_says(self, text: str, seconds: float = 90) -> None:
        deadline = time.monotonic() + seconds
        while text not in self.log.read_text():
            assert self.process.poll() is None, self.log.read_text()
            assert time.monotonic() < deadline, self.log.read_text()
            time.sleep(0.05)

    def children(self) -> dict[str, int]:
        """The web's and the link's process ids."""
        found = {}
        for stat in Path("/proc").glob("[0-9]*/stat"):
            try:
                parent = int(stat.read_text().rpartition(")")[2].split()[1])
                command = (stat.parent / "cmdline").read_text()
            except OSError:
                continue
            if parent == self.process.pid:
                name = "link" if "pbx_link" in command else "web"
                found[name] = int(stat.parent.name)
        return found


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder that the first test fills."""
    return tmp_path_factory.mktemp("data")


@contextmanager
def serve(folder: Path) -> Iterator[Server]:
    server = Server(folder, free_port())
    try:
        server.wait_until_it_says("Ctrl-C ends it.")
        yield server
    finally:
        server.process.terminate()
        server.process.wait(40)


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM])
def test_it_says_where_the_portal_is_and_takes_both_processes_with_it(folder, ending):
    with serve(folder) as server:
        address = f"http://localhost:{server.port}/webs/webfon3/"
        server.wait_until_it_says(address)
        server.wait_until_it_says("webfon-demo")
        with urllib.request.urlopen(address + "entrar/", timeout=10) as page:
            assert "Número o usuario" in page.read().decode()
        children = server.children()
        assert set(children) == {"web", "link"}
        server.process.send_signal(ending)
        assert server.process.wait(20) == 0
        assert not [pid for pid in children.values() if Path(f"/proc/{pid}").exists()]


def test_a_second_start_loads_nothing_again(folder):
    with serve(folder):
        pass
    with serve(folder) as server:
        assert "Loading" not in server.log.read_text()


@pytest.mark.parametrize("name", ["web", "link"])
def test_when_one_process_dies_it_ends_with_an_error_that_names_it(folder, name):
    with serve(folder) as server:
        children = server.children()
        os.kill(children.pop(name), signal.SIGKILL)
        assert server.process.wait(20) == 1
        assert f"The {name} process ended by itself" in server.log.read_text()
        assert not [pid for pid in children.values() if Path(f"/proc/{pid}").exists()]


def test_a_port_in_use_is_named_with_the_way_out(folder):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        server = Server(folder, port)
        assert server.process.wait(20) == 1
    assert f"Port {port} cannot be used" in server.log.read_text()
    assert "make run PORT=" in server.log.read_text()
