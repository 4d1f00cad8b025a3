"""What ``deploy/`` holds: every setting, explained; units that may do little; a proxy that fits."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from uvicorn.main import main

from portal import stream
from portal.settings import PREFIX

ROOT = Path(__file__).parents[1]
UNITS = sorted((ROOT / "deploy/systemd").glob("*.service"))
SOURCES = ["settings.py", "entering.py", "nodes.py", "metrics.py", "databases.py"]

LOCKED = {
    "NoNewPrivileges=yes",
    "ProtectSystem=strict",
    "ProtectHome=yes",
    "PrivateTmp=yes",
    "PrivateDevices=yes",
    "CapabilityBoundingSet=",
    "User=webfon",
    "EnvironmentFile=/etc/webfon/webfon.env",
    "Restart=always",
}


def read_by_the_code():
    """Every variable of the environment that the program reads, of a node called madrid."""
    code = "\n".join((ROOT / "portal" / name).read_text() for name in SOURCES)
    names = set(re.findall(r'(?:env(?:\.\w+)?|environ\.get)\(\s*"([A-Z_]+)"', code))
    names |= set(re.findall(r'database\(env, "([A-Z_]+)"', code))
    names |= {f"WEBFON_MADRID_{name}" for name in re.findall(r'prefix \+ "([A-Z_]+)"', code)}
    assert len(names) > 50
    return names


def test_every_variable_is_explained_for_operators_and_none_that_nothing_reads():
    lines = (ROOT / "deploy/webfon.env").read_text().splitlines()
    named = [line.lstrip("#").partition("=")[0] for line in lines if re.match(r"#?[A-Z_]+=", line)]
    assert {name.removesuffix("_FILE") for name in named} == read_by_the_code()
    assert len(named) == len(set(named))
    readme = (ROOT / "README.md").read_text()
    assert {name for name in read_by_the_code() if f"`{name}`" not in readme} == set()


def test_no_secret_stands_in_the_file_that_all_read():
    text = (ROOT / "deploy/webfon.env").read_text()
    secret = r"^#?\w*(?:SECRET|SECRET_KEY|FALLBACKS|TOKEN|DATABASE_URL)=.*"
    assert re.findall(secret, text, re.MULTILINE) == []


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_a_unit_runs_as_its_own_user_and_may_write_only_where_it_must(unit):
    lines = unit.read_text().splitlines()
    assert LOCKED - set(lines) == set()
    assert [line for line in lines if line.startswith(("StateDirectory=", "ReadWritePaths="))] == [
        "StateDirectory=webfon",
        "ReadWritePaths=-/var/spool/asterisk/voicemail",
    ]


def test_the_proxy_knows_the_prefix_the_stream_and_the_largest_upload():
    text = (ROOT / "deploy/nginx/webfon.conf").read_text()
    stream = re.search(rf"location = /{PREFIX}eventos/ {{(.*?)}}", text, re.DOTALL)[1]
    assert "proxy_buffering off;" in stream
    assert f"location /{PREFIX} {{" in text
    assert "client_max_body_size 33m;" in text
    for header in (
        "X-Forwarded-Proto $scheme",
        "X-Forwarded-Host $host",
        "X-Request-ID $request_id",
    ):
        assert f"proxy_set_header {header};" in text


def test_the_proxy_speaks_todays_tls_and_helps_no_program_that_does_not():
    text = (ROOT / "deploy/nginx/webfon.conf").read_text()
    assert "ssl_protocols TLSv1.2 TLSv1.3;" in text
    assert "ssl_ciphers ECDHE+AESGCM:ECDHE+CHACHA20;" in text
    plain = text[text.index("listen 80;") : text.index("listen 443")]
    assert re.search(r"location ~ \\.ics\$ {\s+return 403;", plain)


def test_the_web_keeps_a_connection_for_longer_than_the_proxy_sends_on_it():
    site = (ROOT / "deploy/nginx/webfon.conf").read_text()
    unit = (ROOT / "deploy/systemd/webfon-web.service").read_text()
    sends = re.search(r"^upstream .*?keepalive_timeout (\d+)s;", site, re.DOTALL | re.MULTILINE)
    keeps = re.search(r"--timeout-keep-alive (\d+)", unit)
    assert int(keeps[1]) > int(sends[1])


def test_the_web_may_open_as_many_files_as_pages_may_be_open():
    unit = (ROOT / "deploy/systemd/webfon-web.service").read_text()
    assert int(re.search(r"^LimitNOFILE=(\d+)$", unit, re.MULTILINE)[1]) > 2 * stream.MOST


def test_the_web_listens_where_the_environment_says(monkeypatch):
    unit = (ROOT / "deploy/systemd/webfon-web.service").read_text().replace("\\\n", " ")
    words = re.search(r"^ExecStart=\S+ -m uvicorn (.*)$", unit, re.MULTILINE)[1].split()
    told = dict(re.findall(r"^Environment=(UVICORN_HOST)=(.*)$", unit, re.MULTILINE))
    assert told == {"UVICORN_HOST": "127.0.0.1"}
    monkeypatch.setenv("UVICORN_HOST", "192.0.2.11")
    assert main.make_context("uvicorn", words).params["host"] == "192.0.2.11"


@pytest.mark.drill
def test_nginx_takes_the_site(tmp_path):
    make = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=telefono"]
    paths = ["-keyout", str(tmp_path / "privkey.pem"), "-out", str(tmp_path / "fullchain.pem")]
    subprocess.run([*make, *paths], check=True, capture_output=True)
    site = (ROOT / "deploy/nginx/webfon.conf").read_text()
    (tmp_path / "site.conf").write_text(site.replace("/etc/ssl/webfon", str(tmp_path)))
    whole = f"pid {tmp_path}/pid; error_log stderr; events {{}} http {{ include site.conf; }}"
    (tmp_path / "nginx.conf").write_text(whole)
    nginx = shutil.which("nginx", path="/usr/sbin:/usr/bin") or pytest.fail("nginx is missing")
    command = [nginx, "-t", "-p", str(tmp_path), "-c", str(tmp_path / "nginx.conf")]
    tried = subprocess.run(command, check=False, capture_output=True, text=True)
    assert tried.returncode == 0, tried.stderr


@pytest.mark.drill
@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_systemd_takes_the_unit_and_finds_it_little_exposed(unit, tmp_path):
    copy = tmp_path / unit.name
    copy.write_text(re.sub(r"ExecStart=\S+", "ExecStart=/bin/true", unit.read_text()))
    subprocess.run(["systemd-analyze", "verify", copy], check=True)
    command = ["systemd-analyze", "security", "--offline=true", "--threshold=20", copy]
    rated = subprocess.run(command, check=False, capture_output=True, text=True)
    assert rated.returncode == 0, rated.stdout


def test_the_file_of_settings_is_one_that_a_shell_reads_as_systemd_does(tmp_path):
    text = (ROOT / "deploy/webfon.env").read_text()
    shown = re.sub(r"^#(?=[A-Z_]+=)", "", text, flags=re.MULTILINE)
    (tmp_path / "env").write_text(shown)
    script = f"set -a; . {tmp_path}/env; exec env"
    told = subprocess.check_output(["sh", "-eu", "-c", script], text=True, env={"PATH": "/usr/bin"})
    heard = dict(line.partition("=")[::2] for line in told.splitlines())
    wanted = re.findall(r"^([A-Z_]+)=(.*)$", shown, re.MULTILINE)
    assert {name: heard[name] for name, _ in wanted} == {
        name: value.strip('"') for name, value in wanted
    }
