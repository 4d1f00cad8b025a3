"""The server as it runs: prefix, proxy, several processes, clients that misbehave."""

import http.client
import re
import socket
import subprocess
import sys
import time
from urllib.parse import urlencode, urlsplit

import pytest

from tests.server import ROOT, environment, manage, prepare, running

PASSWORD = "una contraseña de prueba"
PERSON = f"""
from django.contrib.auth.models import User
User.objects.create_superuser("jefa", password={PASSWORD!r})
"""
PREFIX = "otra/cosa/"

ASKED_OF_LOGGING = """
import logging.config
from uvicorn import Config
from portal.logs import logging_settings
Config("portal.asgi:application", access_log=False)
logging.config.dictConfig(logging_settings("json", "INFO"))
print(*[logging.getLogger(f"uvicorn.{name}").hasHandlers() for name in ("error", "access")])
"""


class Browser:
    """Keeps cookies, follows nothing."""

    def __init__(self, address, **headers):
        self.host, self.headers, self.cookies = urlsplit(address).netloc, headers, {}

    def send(self, method, path, form=None):
        connection = http.client.HTTPConnection(self.host, timeout=10)
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        headers = {**self.headers, "Cookie": cookies}
        if form is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        connection.request(method, path, urlencode(form or {}), headers)
        response = connection.getresponse()
        response.text = response.read().decode()
        self.set_cookies = response.headers.get_all("Set-Cookie") or []
        for cookie in self.set_cookies:
            name, value = cookie.split(";")[0].split("=", 1)
            self.cookies[name] = value
        return response

    def log_in(self, prefix, login, password):
        page = self.send("GET", f"/{prefix}entrar/")
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.text)[1]
        form = {"csrfmiddlewaretoken": token, "login": login, "password": password}
        return self.send("POST", f"/{prefix}entrar/", form)


@pytest.fixture(scope="module")
def env(tmp_path_factory):
    """Settings with another prefix, behind a proxy that speaks https."""
    env = environment(
        tmp_path_factory.mktemp("portal"),
        WEBFON_PREFIX=PREFIX,
        WEBFON_BEHIND_PROXY="yes",
        WEBFON_HTTPS="yes",
        ALLOWED_HOSTS="telefono.example",
        CSRF_TRUSTED_ORIGINS="https://telefono.example",
    )
    prepare(env)
    manage(env, "shell", "-v0", "-c", PERSON)
    return env


@pytest.fixture(scope="module")
def address(env):
    with running(env) as address:
        yield address


def behind_proxy(address):
    return Browser(
        address,
        **{
            "X-Forwarded-Proto": "https",
            "X-Forwarded-Host": "telefono.example",
            "Referer": "https://telefono.example/",
        },
    )


def test_links_static_files_cookies_and_redirects_carry_the_prefix(address):
    browser = behind_proxy(address)
    assert browser.send("GET", "/").headers["Location"] == f"/{PREFIX}"
    assert browser.send("GET", f"/{PREFIX}").headers["Location"].startswith(f"/{PREFIX}entrar/")
    page = browser.send("GET", f"/{PREFIX}entrar/")
    assert all(f"Path=/{PREFIX}" in cookie for cookie in browser.set_cookies)
    files = re.findall(r'(?:href|src)="([^"]+\.(?:css|js))"', page.text)
    assert files
    for file in files:
        assert file.startswith(f"/{PREFIX}static/")
        answer = browser.send("GET", file)
        assert answer.status == 200
        assert "immutable" in answer.headers["Cache-Control"]


def test_behind_a_proxy_cookies_are_secure_and_the_login_works(address):
    browser = behind_proxy(address)
    answer = browser.log_in(PREFIX, "jefa", PASSWORD)
    assert (answer.status, answer.headers["Location"]) == (302, f"/{PREFIX}admin/")
    assert all("Secure" in cookie for cookie in browser.set_cookies)
    assert browser.send("GET", f"/{PREFIX}admin/").status == 200


def test_plain_http_is_sent_to_https(address):
    browser = Browser(address, **{"X-Forwarded-Host": "telefono.example"})
    answer = browser.send("GET", f"/{PREFIX}entrar/")
    assert answer.status == 301
    assert answer.headers["Location"] == f"https://telefono.example/{PREFIX}entrar/"


def test_a_foreign_host_is_refused(address):
    browser = Browser(address, **{"X-Forwarded-Proto": "https", "X-Forwarded-Host": "evil.example"})
    assert browser.send("GET", f"/{PREFIX}entrar/").status == 400


def test_the_limit_of_tries_is_one_for_all_processes(env, address):
    with running(env) as second:
        for number in range(5):
            behind_proxy([address, second][number % 2]).log_in(PREFIX, "somebody", "wrong")
        answer = behind_proxy(second).log_in(PREFIX, "somebody", "wrong")
        assert "Demasiados intentos" in answer.text


def test_clients_that_send_half_a_request_do_not_stop_the_others(address):
    host, port = urlsplit(address).netloc.split(":")
    stalled = []
    for _ in range(10):
        client = socket.create_connection((host, int(port)))
        client.sendall(
            f"POST /{PREFIX}entrar/ HTTP/1.1\r\nHost: telefono.example\r\n"
            "X-Forwarded-Proto: https\r\nContent-Length: 500\r\n\r\nlogin=".encode()
        )
        stalled.append(client)
    begin = time.monotonic()
    assert behind_proxy(address).send("GET", f"/{PREFIX}salud/").status == 200
    assert time.monotonic() - begin < 5
    for client in stalled:
        client.close()


def test_a_body_past_the_limit_is_refused(address):
    browser = behind_proxy(address)
    browser.log_in(PREFIX, "jefa", PASSWORD)
    answer = browser.send("POST", f"/{PREFIX}tema/", {"tema": "x" * 3_000_000})
    assert answer.status in (400, 403, 413)


def test_without_a_secret_production_refuses_to_start_and_says_what_to_do(tmp_path):
    env = environment(tmp_path)
    del env["SECRET_KEY"]
    command = [sys.executable, "manage.py", "check"]
    run = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    assert run.returncode
    assert "SECRET_KEY is not set. Put a long random value" in run.stderr


def test_the_server_writes_down_no_address_with_what_was_looked_for():
    command = [sys.executable, "-c", ASKED_OF_LOGGING]
    assert subprocess.check_output(command, cwd=ROOT, text=True).split() == ["True", "False"]
