"""Wapiti, of Debian, goes over every page of the demonstration, as 201 and as the administrator.

What it fills into forms is stored: the demonstration is thrown away. Modules that guess by how long
an answer takes, or that have machines of others call back, are left out.
"""

import http.cookiejar
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

import pytest
from django.conf import settings
from django.urls import resolve

from portal.accounts.passwords import DEMO_PASSWORD
from tests.portal.everybody import addresses
from tests.server import ROOT, environment, free_port

pytestmark = [pytest.mark.drill, pytest.mark.timeout(3600)]

CRAWL, ATTACK = 200, 25
"""Seconds for looking at all pages, and for each of the modules."""

START = 120
"""Seconds until the demonstration answers."""

MODULES = (
    "backup,cookieflags,crlf,csp,csrf,exec,file,htaccess,http_headers,methods,permanentxss,"
    "redirect,shellshock,sql,xss"
)

LEFT_OUT = ["salir/", "admin/logout/", "eventos/", "*/delete/", "*/password/"]
"""What would log the scanner out, has no end, or takes away what it looks at."""

JUDGED = {
    ("HTTP Secure Headers", "X-XSS-Protection"): "browsers have given it up",
    ("HTTP Secure Headers", "Strict-Transport"): "by https alone: tests/portal/test_headers.py",
    ("Secure Flag cookie", "Secure flag"): "by https alone: tests/portal/test_headers.py",
}
"""What may be found, and why it is none; in docs/security.md too."""


WAPITI = """
import fnmatch, re, requests
from wapitiCore.attack.mod_csrf import mod_csrf
from wapitiCore.net import crawler

# What is to be left out it translates into expressions that Python 3.11 refuses.
crawler.wildcard_translate = lambda pattern: re.compile(fnmatch.translate(pattern))
# It does not know by what name Django's tokens go.
mod_csrf.TOKEN_FORM_STRINGS.append("csrfmiddlewaretoken")
# Fields beside a file it sends as files.
post = requests.Session.post
def fields(session, url, data=None, files=None, **more):
    plain = [each for each in files or () if isinstance(each[1], str)]
    files = [each for each in files or () if not isinstance(each[1], str)]
    return post(session, url, data=[*(data or ()), *plain], files=files, **more)
requests.Session.post = fields

from wapitiCore.main.wapiti import wapiti_main
wapiti_main()
"""
"""Wapiti 3.0.4, mended where it would see less than there is."""


@dataclass(frozen=True)
class Demo:
    """The portal as ``manage.py serve`` starts it."""

    address: str
    log: Path

    def cookies_of(self, login: str) -> dict[str, str]:
        """What a browser holds that has just come in."""
        jar = http.cookiejar.CookieJar()
        opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))
        with opener.open(f"{self.address}entrar/") as door:
            token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', door.read().decode())[
                1
            ]
        form = {"csrfmiddlewaretoken": token, "login": login, "password": DEMO_PASSWORD}
        with opener.open(f"{self.address}entrar/", urlencode(form).encode()) as inside:
            assert "/entrar/" not in inside.url
        return {cookie.name: str(cookie.value) for cookie in jar}

    def requests(self) -> list[dict[str, object]]:
        """What the portal's own log says of each request so far."""
        lines = self.log.read_text().splitlines()
        return [json.loads(line) for line in lines if '"logger": "portal.tracing"' in line]


@contextmanager
def served(folder: Path) -> Iterator[Demo]:
    port = free_port()
    log = folder / "serve.log"
    process = subprocess.Popen(
        [sys.executable, "manage.py", "serve", "--port", str(port)],
        cwd=ROOT,
        env=environment(folder, WEBFON_DEMO="1", LOG_FORMAT="json", LOG_LEVEL="INFO"),
        stdout=log.open("w"),
        stderr=subprocess.STDOUT,
    )
    demo = Demo(f"http://127.0.0.1:{port}/{settings.PREFIX}", log)
    try:
        deadline = time.monotonic() + START
        while "Ctrl-C ends it." not in log.read_text():
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.5)
        yield demo
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    with served(tmp_path_factory.mktemp("scanned")) as running:
        yield running


OTHERWISE = {"salir/", "eventos/", "registro/", "metricas/", "salud/"}
OTHERWISE |= {"admin/logout/", "admin/login/"}
"""For machines, without a page, or the way out."""


def pages(login):
    """Every address that needs nothing filled in: of the administration, or all the others."""
    for path in sorted(set(addresses()) - OTHERWISE):
        if not re.search(r"[<(]", path) and path.startswith("admin/") is (login == "admin"):
            yield path


def scanned(demo, login, folder):
    """The scanner's report."""
    cookies = "; ".join(f"{name}={value}" for name, value in demo.cookies_of(login).items())
    start = f"{demo.address}admin/" if login == "admin" else demo.address
    if not shutil.which("wapiti", path="/usr/bin"):
        pytest.fail("wapiti is missing")
    options = {
        "-u": start,
        "--scope": "folder",
        "-m": MODULES,
        "-H": f"Cookie: {cookies}",
        "--max-scan-time": str(CRAWL),
        "--max-attack-time": str(ATTACK),
        "-t": "60",
        "-d": "6",
        "-v": "1",
        "--store-session": str(folder / "session"),
        "--store-config": str(folder / "config"),
        "-f": "json",
        "-o": str(folder / "report.json"),
    }
    command = ["/usr/bin/python3", "-c", WAPITI, "--flush-session", "--no-bugreport"]
    command += [word for option in options.items() for word in option]
    for path in pages(login):
        command += ["-s", f"{demo.address}{path}"]
    for pattern in LEFT_OUT:
        command += ["-x", f"{demo.address}{pattern}"]
    env = {name: value for name, value in os.environ.items() if "proxy" not in name.lower()}
    with (folder / "wapiti.log").open("w") as log:
        subprocess.run(command, env=env, stdout=log, stderr=log, check=True, cwd=folder)
    return json.loads((folder / "report.json").read_text())


@pytest.mark.parametrize("login", ["201", "admin"])
def test_the_scanner_finds_nothing_on_any_page(demo, login, tmp_path):
    report = scanned(demo, login, tmp_path)
    found = [
        (category, finding["info"], finding["method"], finding["path"], finding["parameter"])
        for kind in ("vulnerabilities", "anomalies")
        for category, findings in report[kind].items()
        for finding in findings
    ]
    assert [each for each in found if not _is_judged(*each[:2])] == []
    # It was logged in all the while, and saw every page.
    told = demo.requests()
    seen = {line["view"] for line in told if line["user"]}
    expected = {resolve(f"/{settings.PREFIX}{path}").view_name for path in pages(login)}
    assert expected - seen == set()
    last = [line for line in told if line["view"] != "account_login"][-20:]
    assert any(line["user"] for line in last)
    assert [line for line in told if line["status"] == 500] == []


def _is_judged(category, info):
    return any(category == name and words in info for name, words in JUDGED)
