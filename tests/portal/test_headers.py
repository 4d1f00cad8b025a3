"""What every answer says to browsers: pages, files, the stream, errors; and what none takes."""

import http.client
import re
import socket
from urllib.parse import urlsplit

import pytest
from django.conf import settings as ours

from portal.settings import COOKIE_PREFIX
from tests.server import environment, prepare, running

PREFIX = ours.PREFIX
SEEN = ("", "desvios/", "agenda/", "historial/", "buzon/", "informacion/", "ajustes/", "chat/")
BEHIND = {"X-Forwarded-Proto": "https", "X-Forwarded-Host": "telefono.example"}


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    """The portal as behind a proxy that speaks https."""
    env = environment(
        tmp_path_factory.mktemp("portal"),
        WEBFON_BEHIND_PROXY="yes",
        WEBFON_HTTPS="yes",
        ALLOWED_HOSTS="telefono.example",
    )
    prepare(env)
    with running(env) as address:
        yield urlsplit(address).netloc


@pytest.fixture
def ask(address):
    """One request, and its answer with the body in ``text``."""

    def send(method, path, headers=BEHIND, body=None):
        connection = http.client.HTTPConnection(address, timeout=10)
        connection.request(method, path, body, dict(headers))
        answer = connection.getresponse()
        answer.text = answer.read().decode()
        return answer

    return send


def style_of(page):
    return re.search(r'href="([^"]+\.css)"', page.text)[1]


def test_every_kind_of_answer_forbids_frames_guessing_and_plain_http(ask):
    door = ask("GET", f"/{PREFIX}entrar/")
    answers = {
        "page": door,
        "file": ask("GET", style_of(door)),
        "absence": ask("GET", f"/{PREFIX}no-existe/"),
        "stream": ask("GET", f"/{PREFIX}eventos/"),
        "health": ask("GET", f"/{PREFIX}salud/"),
    }
    for kind, answer in answers.items():
        said = answer.headers
        assert "frame-ancestors 'none'" in said["Content-Security-Policy"], kind
        assert said["X-Content-Type-Options"] == "nosniff", kind
        assert said["Referrer-Policy"] == "same-origin", kind
        assert said["Strict-Transport-Security"] == "max-age=31536000", kind
        assert "Access-Control-Allow-Origin" not in said, kind
        if answer.text:
            type_, _, characters = said["Content-Type"].partition("; charset=")
            assert characters or type_ == "application/json", kind
    policy = door.headers["Content-Security-Policy"]
    assert "object-src 'none'" in policy
    assert "base-uri 'none'" in policy


def test_cookies_have_names_that_browsers_take_by_https_alone(ask):
    door = ask("GET", f"/{PREFIX}entrar/")
    theme = ask("POST", f"/{PREFIX}tema/", {**BEHIND, "Content-Length": "0"})
    assert theme.status == 403
    cookies = door.headers.get_all("Set-Cookie")
    assert cookies
    for cookie in cookies:
        assert cookie.startswith("__Secure-")
        assert "; Secure" in cookie
        assert "; HttpOnly" in cookie
        assert "; SameSite=Lax" in cookie
    assert COOKIE_PREFIX == ""  # without https, as here in the tests, no browser would keep them


def test_where_a_request_ends_is_told_by_its_chunks_alone(address):
    host, port = address.split(":")
    https = "Host: telefono.example\r\nX-Forwarded-Proto: https\r\n"
    hidden = f"GET /{PREFIX}no-existe/ HTTP/1.1\r\n{https}Connection: close\r\n\r\n"
    both = f"Content-Length: {len(hidden) + 5}\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
    with socket.create_connection((host, int(port)), timeout=10) as client:
        client.sendall(f"POST /{PREFIX}entrar/ HTTP/1.1\r\n{https}{both}{hidden}".encode())
        answers = b"".join(iter(lambda: client.recv(65536), b"")).decode()
    # What follows the chunks is a request of its own, as the proxy sees it too.
    assert re.findall(r"HTTP/1\.1 (\d+)", answers) in (["403", "404"], ["400"])


def test_there_is_no_trace_and_no_list_of_files(ask):
    for path in ("", "entrar/", "salud/", "admin/", "eventos/", "static/"):
        assert ask("TRACE", f"/{PREFIX}{path}").status in (302, 403, 404, 405), path
    for path in ("static/", "static/css/", "static/js", ".git/config", "static/../settings.py"):
        assert ask("GET", f"/{PREFIX}{path}").status == 404, path


@pytest.mark.django_db(databases="__all__")
@pytest.mark.parametrize("path", SEEN)
def test_no_browser_keeps_the_page_of_somebody(as_ana, page, path):
    assert "no-store" in as_ana.get(page(path)).headers["Cache-Control"]


@pytest.mark.django_db(databases="__all__")
def test_what_a_page_says_once_is_in_no_cookie(as_ana, page):
    answer = as_ana.post(page("idioma/"), {"idioma": "xx"})
    assert "messages" not in answer.cookies
    assert "Elige uno de los idiomas" in as_ana.get(page("ajustes/")).content.decode()


@pytest.mark.django_db(databases="__all__")
def test_a_secret_calendar_is_not_given_out_in_the_clear(client, page, settings):
    settings.HTTPS = True
    calendar = page("desvios/calendario/whatever-it-is.ics")
    assert client.get(calendar).status_code == 403
    assert client.get(calendar, secure=True).status_code == 404
