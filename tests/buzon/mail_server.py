"""A mail server on a real socket, which can be told to misbehave."""

import email
import socketserver
from contextlib import contextmanager
from email import policy
from threading import Event, Thread

ANSWERS = {"EHLO": "250 tests", "HELO": "250 tests", "RSET": "250 Ok", "QUIT": "221 Bye"}


class MailServer(socketserver.ThreadingTCPServer):
    """``letters`` are those that arrived; what it answers may be changed while it runs."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Session)
        self.letters = []
        self.recipient_answer = "250 Ok"
        self.unknown = set()
        self.letter_answer = "250 Ok"
        self.hangs = Event()
        self.over = Event()

    @property
    def port(self):
        return self.server_address[1]


class Session(socketserver.StreamRequestHandler):
    """One client."""

    def handle(self):
        if self.server.hangs.is_set():
            self.server.over.wait(30)
            return
        self.say("220 tests")
        while line := self.rfile.readline().decode().strip():
            verb = line.split()[0].upper()
            if verb == "DATA":
                self.say("354 Go on")
                self.take()
            elif verb == "RCPT":
                is_unknown = any(f"<{each}>" in line for each in self.server.unknown)
                self.say("550 No such person" if is_unknown else self.server.recipient_answer)
            else:
                self.say(ANSWERS.get(verb, "250 Ok"))
            if verb == "QUIT":
                return

    def take(self):
        """A letter, up to the line with a dot."""
        lines = []
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
        if self.server.letter_answer.startswith("250"):
            letter = email.message_from_bytes(b"".join(lines), policy=policy.default)
            self.server.letters.append(letter)
        self.say(self.server.letter_answer)

    def say(self, line):
        self.wfile.write(f"{line}\r\n".encode())


@contextmanager
def mail_server():
    """Running until the end of the block."""
    with MailServer() as server:
        thread = Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield server
        finally:
            server.over.set()
            server.shutdown()
            thread.join()
