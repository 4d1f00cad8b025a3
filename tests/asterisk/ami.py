"""The tests' own connection to Asterisk's manager interface: one thread of the test at a time."""

import socket
import time
from collections.abc import Callable, Iterable, Mapping

Message = dict[str, str]


class AMI:
    """Logged in and fully booted once it is built; ``OSError`` when that does not happen."""

    def __init__(self, port: int, user: str, secret: str, seconds: float = 5.0) -> None:
        self.events: list[Message] = []
        self.has_timed_out = False
        self._actions = 0
        self._seconds = seconds
        self._socket = socket.create_connection(("127.0.0.1", port), seconds)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._file = self._socket.makefile("rb")
        self._file.readline()
        if self.act("Login", Username=user, Secret=secret)["Response"] != "Success":
            raise PermissionError(user)
        self.wait(lambda event: event["Event"] == "FullyBooted")

    def act(self, action: str, variables: Iterable[str] = (), **headers: object) -> Message:
        """Send one action; its response, whatever it says."""
        return self.pipeline([(action, headers)], variables)[0]

    def pipeline(
        self, actions: Iterable[tuple[str, Mapping[str, object]]], variables: Iterable[str] = ()
    ) -> list[Message]:
        """Send many actions at once; their responses in the same order."""
        first, lines = self._actions, []
        for action, headers in actions:
            lines += [f"Action: {action}", f"ActionID: {self._actions}"]
            lines += [f"{name}: {value}" for name, value in headers.items()]
            lines += [*(f"Variable: {variable}" for variable in variables), ""]
            self._actions += 1
        self._socket.sendall("".join(f"{line}\r\n" for line in lines).encode())
        return [self._response(str(number)) for number in range(first, self._actions)]

    def wait(self, accept: Callable[[Message], bool], seconds: float | None = None) -> Message:
        """The first event, of those not looked at yet, that ``accept`` likes."""
        deadline = time.monotonic() + (seconds or self._seconds)
        while True:
            while self.events:
                if accept(event := self.events.pop(0)):
                    return event
            self.events.append(self._receive(deadline))

    def close(self) -> None:
        self._file.close()
        self._socket.close()

    def _response(self, action_id: str) -> Message:
        deadline = time.monotonic() + self._seconds
        while "Event" in (message := self._receive(deadline)):
            self.events.append(message)
        assert message["ActionID"] == action_id, message
        return message

    def _receive(self, deadline: float) -> Message:
        self._socket.settimeout(max(0.001, deadline - time.monotonic()))
        self.has_timed_out = True  # unless it ends well: nothing can be read after a timeout
        message = self._read()
        self.has_timed_out = False
        return message

    def _read(self) -> Message:
        message: Message = {}
        while raw := self._file.readline():
            line = raw.decode().rstrip("\r\n")
            if not line and message:
                return message
            name, _, value = line.partition(": ")
            message[name] = message.get(name, "") + value + "\n" if name == "Output" else value
        raise ConnectionError("Asterisk closed the connection")
