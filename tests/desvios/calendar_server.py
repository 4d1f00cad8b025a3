"""A web server on this machine that answers as a test wants, with or without TLS."""

import ssl
import subprocess
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread

NAME = "calendario.test"


class Server:
    """``answers`` maps a path to a function that gets the handler, or to the body to send."""

    def __init__(self):
        self.answers = {}
        self.seen = []
        self.ended = Event()

    def handle(self, handler):
        self.seen.append((handler.path, dict(handler.headers)))
        answer = self.answers.get(handler.path)
        if callable(answer):
            answer(handler)
        elif answer is None:
            send(handler, 404, b"")
        else:
            send(handler, 200, answer)


def send(handler, status, body, **headers):
    """A whole answer; header names are written with _ for -."""
    handler.send_response(status)
    defaults = {"Content_Type": "text/calendar", "Content_Length": str(len(body))}
    for name, value in (defaults | headers).items():
        if value is not None:
            handler.send_header(name.replace("_", "-"), value)
    handler.end_headers()
    with suppress(OSError):
        handler.wfile.write(body)


@contextmanager
def serving(certificate=None):
    """A running server; its port is ``server.port``."""
    server = Server()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            server.handle(self)

        def log_message(self, *args):
            pass

    class Quiet(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, request, client_address):
            pass

    listening = Quiet(("127.0.0.1", 0), Handler)
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate / "cert.pem", certificate / "key.pem")
        listening.socket = context.wrap_socket(
            listening.socket, server_side=True, do_handshake_on_connect=False
        )
    server.port = listening.server_address[1]
    thread = Thread(target=listening.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.ended.set()
        listening.shutdown()
        listening.server_close()


def make_certificate(folder):
    """A certificate of ``NAME`` that is its own CA, and its key beside it."""
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"]
    command += ["-subj", f"/CN={NAME}", "-addext", f"subjectAltName=DNS:{NAME}"]
    command += ["-keyout", str(folder / "key.pem"), "-out", str(folder / "cert.pem")]
    subprocess.run(command, check=True, capture_output=True)
    return folder
