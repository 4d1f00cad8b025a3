"""What stands between the portal and a node's manager interface, and does not pass all on."""

import contextlib
import socket
import threading
from collections.abc import Iterator


class Relay:
    """Passes on what both sides say, each connection on its own, until it is closed."""

    def __init__(self, port: int) -> None:
        self.target = port
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def requests(self, said: Iterator[bytes]) -> Iterator[bytes]:
        """What of the portal's words reaches the node."""
        return said

    def replies(self, said: Iterator[bytes]) -> Iterator[bytes]:
        """What of the node's words reaches the portal. Their end is the connection's."""
        return said

    def close(self) -> None:
        """No further connection; those that stand are left."""
        self.listener.shutdown(socket.SHUT_RDWR)  # wakes who waits for one
        self.listener.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            server = socket.create_connection(("127.0.0.1", self.target))
            self._pump(client, server, self.requests(_heard(client)))
            self._pump(server, client, self.replies(_heard(server)))

    def _pump(self, source: socket.socket, sink: socket.socket, words: Iterator[bytes]) -> None:
        def pump() -> None:
            with source:
                with contextlib.suppress(OSError):
                    for data in words:
                        sink.sendall(data)
                for end in (source, sink):
                    with contextlib.suppress(OSError):  # the other way ended first
                        end.shutdown(socket.SHUT_RDWR)

        threading.Thread(target=pump, daemon=True).start()


class Cutter(Relay):
    """Hangs up in the middle of the replies, after so many bytes."""

    def __init__(self, port: int, after: int) -> None:
        self.after = after
        super().__init__(port)

    def replies(self, said: Iterator[bytes]) -> Iterator[bytes]:
        passed = 0
        for data in said:
            yield data[: self.after - passed]
            passed += len(data)
            if passed > self.after:
                return


class Holder(Relay):
    """Passes so many actions of a name on, and from then on nothing, though it hears all."""

    def __init__(self, port: int, action: str, most: int) -> None:
        self.start, self.most = f"Action: {action}\r\n".encode(), most
        self.holds = threading.Event()
        super().__init__(port)

    def requests(self, said: Iterator[bytes]) -> Iterator[bytes]:
        for request in _requests(said):
            if request.startswith(self.start):
                self.most -= 1
            if self.most < 0:
                self.holds.set()
            if not self.holds.is_set():
                yield request


def _heard(connection: socket.socket) -> Iterator[bytes]:
    with contextlib.suppress(OSError):
        while data := connection.recv(4096):
            yield data


def _requests(said: Iterator[bytes]) -> Iterator[bytes]:
    """Whole ones, however they came."""
    begun = b""
    for data in said:
        *whole, begun = (begun + data).split(b"\r\n\r\n")
        yield from (each + b"\r\n\r\n" for each in whole)
