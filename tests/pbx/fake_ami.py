"""A manager interface on loopback that does exactly what a test tells it, good manners or bad."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

BANNER = b"Asterisk Call Manager/11.0.0\r\n"
BOOTED = b"Event: FullyBooted\r\nPrivilege: system,all\r\nUptime: 7\r\nStatus: Fully Booted\r\n\r\n"

Headers = dict[str, str]


class Session:
    """One client's connection, seen from the server."""

    def __init__(self, sock: socket.socket, closing: threading.Event) -> None:
        self.sock, self.closing = sock, closing
        self._file = sock.makefile("rb")

    def receive(self) -> Headers:
        """The next action; ``ConnectionError`` when the client has gone."""
        headers: Headers = {}
        while line := self._file.readline():
            if line == b"\r\n":
                return headers
            name, _, value = line.decode().rstrip("\r\n").partition(": ")
            headers[name] = value
        raise ConnectionError

    def send(self, data: bytes) -> None:
        self.sock.sendall(data)

    def reply(self, action: Headers, *lines: str, response: str = "Success") -> None:
        text = [f"Response: {response}", f"ActionID: {action['ActionID']}", *lines, "", ""]
        self.send("\r\n".join(text).encode())

    def drip(self, data: bytes, seconds: float) -> None:
        """Send the bytes one by one, with a pause before each."""
        for index in range(len(data)):
            if self.closing.wait(seconds):
                return
            self.send(data[index : index + 1])

    def log_in(self) -> None:
        """The usual beginning of a session, up to and including the client's last word."""
        self.send(BANNER)
        self.reply(self.receive(), "Message: Authentication accepted")
        self.send(BOOTED)
        self.reply(self.receive(), "Events: Off")

    def answer_all(self) -> None:
        """Say yes to everything, until the client goes."""
        while True:
            self.reply(self.receive())


Script = Callable[[Session], None]


class FakeAMI:
    """Listens, and runs the script for each client, every one in a thread of its own."""

    def __init__(self, script: Script) -> None:
        self.script = script
        self.closing = threading.Event()
        self.connections = 0
        self._sessions: list[socket.socket] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self) -> None:
        self.closing.set()
        self._listener.close()
        for sock in self._sessions:
            sock.close()

    def _serve(self) -> None:
        while not self.closing.is_set():
            try:
                sock, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            self._sessions.append(sock)
            threading.Thread(target=self._talk, args=(sock,), daemon=True).start()

    def _talk(self, sock: socket.socket) -> None:
        session = Session(sock, self.closing)
        try:
            self.script(session)
        except (OSError, ValueError):
            pass
        finally:
            session._file.close()
            sock.close()


@contextmanager
def fake_ami(script: Script) -> Iterator[FakeAMI]:
    """A server for the time of a test."""
    server = FakeAMI(script)
    try:
        yield server
    finally:
        server.close()
