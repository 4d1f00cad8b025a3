"""Secrets: from files, and changed while people are logged in."""

import pytest
from django.core.exceptions import ImproperlyConfigured

from portal.databases import POSTGRES_OPTIONS, database
from portal.environment import Environment
from portal.nodes import asterisk_nodes

ACCOUNTS = ("SECRET", "VOICEMAIL_SECRET", "CALLS_SECRET", "ACD_SECRET")


@pytest.fixture
def in_file(tmp_path, monkeypatch):
    """Give a variable as a file, as an editor leaves it: with the end of a line."""

    def put(name, value):
        path = tmp_path / name
        path.write_text(f"{value}\n")
        monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv(f"{name}_FILE", str(path))

    return put


@pytest.fixture
def env(monkeypatch):
    """The environment with nothing remembered of earlier files."""
    monkeypatch.setattr(Environment.ENVIRON, "files_cache", {})
    return Environment()


def test_every_secret_may_come_from_a_file(in_file, env, monkeypatch, tmp_path):
    monkeypatch.setenv("WEBFON_NODES", "madrid")
    for name in ACCOUNTS:
        in_file(f"WEBFON_MADRID_{name}", f"of-{name}")
    for name in ("SECRET_KEY", "WEBFON_OPERATOR_TOKEN"):
        in_file(name, "a key")
        assert env(name) == "a key"
    in_file("SECRET_KEY_FALLBACKS", "older,oldest")
    in_file("DATABASE_URL", "postgres://webfon:pass@db/webfon")
    in_file("EMAIL_URL", "smtp+tls://me:word@mail:587")
    assert env.list("SECRET_KEY_FALLBACKS") == ["older", "oldest"]
    assert database(env, "DATABASE_URL", tmp_path / "x")["PASSWORD"] == "pass"
    assert env.email_url("EMAIL_URL")["EMAIL_HOST_PASSWORD"] == "word"
    [node] = asterisk_nodes(env)
    held = [node["secret"], node["voicemail_secret"], node["calls_secret"], node["acd_secret"]]
    assert held == [f"of-{name}" for name in ACCOUNTS]


def test_an_address_that_asks_for_tls_keeps_the_deadlines(env, monkeypatch, tmp_path):
    monkeypatch.setenv("DATABASE_URL", "postgres://webfon:pass@db/webfon?sslmode=verify-full")
    options = database(env, "DATABASE_URL", tmp_path / "x")["OPTIONS"]
    assert options == POSTGRES_OPTIONS | {"sslmode": "verify-full"}


def test_a_file_that_is_missing_is_named_without_a_traceback_of_ours(env, monkeypatch, tmp_path):
    monkeypatch.setenv("SECRET_KEY_FILE", str(tmp_path / "none"))
    with pytest.raises(ImproperlyConfigured, match=r"SECRET_KEY_FILE: .*none: No such file"):
        env("SECRET_KEY")


@pytest.mark.django_db(databases="__all__")
def test_a_new_key_keeps_sessions_open_as_long_as_the_old_one_is_named(as_ana, page, settings):
    old, settings.SECRET_KEY = settings.SECRET_KEY, "a new key for the portal"
    settings.SECRET_KEY_FALLBACKS = [old]
    assert as_ana.get(page("desvios/")).status_code == 200
    settings.SECRET_KEY_FALLBACKS = []
    assert as_ana.get(page("desvios/")).status_code == 200  # it was signed anew meanwhile
    settings.SECRET_KEY = "yet another key, and no word of the last"
    assert as_ana.get(page("desvios/")).url.startswith(page("entrar/"))
