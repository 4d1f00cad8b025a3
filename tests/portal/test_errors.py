"""When something is wrong, the page says so in our words, and nothing more."""

import re

import pytest
from django.db import OperationalError, connection, connections
from django.http import HttpResponse
from django.test import Client

from historial.reach import CALL_RECORDS
from portal import logs
from portal.pbx.errors import PBXUnavailable

pytestmark = pytest.mark.django_db(databases="__all__")


@pytest.fixture
def tolerant(ana):
    """A browser that gets error pages instead of exceptions."""
    client = Client(raise_request_exception=False)
    client.force_login(ana.user)
    return client


def no_session_is_kept(execute, sql, *args):
    if sql.startswith("UPDATE") and "django_session" in sql:
        raise OperationalError("secret detail")
    return execute(sql, *args)


@pytest.mark.parametrize(
    ("error", "status", "words"),
    [
        (ValueError("secret detail"), 500, "Algo ha fallado"),
        (OperationalError("secret detail"), 503, "no está disponible"),
        (PBXUnavailable("secret detail"), 503, "no está disponible"),
    ],
)
def test_a_fault_is_told_from_an_absence_and_neither_shows_its_inside(
    tolerant, page, monkeypatch, error, status, words
):
    def fail(*args):
        raise error

    monkeypatch.setattr("portal.views.plan_of", fail)
    answer = tolerant.get(page())
    assert answer.status_code == status
    assert words in answer.content.decode()
    assert "secret detail" not in answer.content.decode()


def test_a_session_that_cannot_be_kept_is_an_absence_and_not_the_browsers_fault(
    tolerant, page, monkeypatch
):
    def change(request, *args):
        request.session["changed"] = True
        return HttpResponse()

    monkeypatch.setattr("portal.views.render", change)
    with connection.execute_wrapper(no_session_is_kept):
        answer = tolerant.get(page())
    assert answer.status_code == 503
    assert "no está disponible" in answer.content.decode()


def lines(caplog):
    """What was logged of requests: level, message, and whether there was a traceback."""
    told = [each for each in caplog.records if each.name in ("django.request", "portal.tracing")]
    return [(each.levelname, each.getMessage(), each.exc_info is not None) for each in told]


REFUSED = r"GET inicio 503 in \d+ ms, user \d+: "


@pytest.mark.parametrize(
    "error", [OperationalError("connection\n\trefused " + "x" * 999), PBXUnavailable("connection")]
)
def test_an_absence_is_one_line_with_its_reason_and_without_traceback(
    tolerant, page, monkeypatch, caplog, error
):
    def fail(*args):
        raise error

    monkeypatch.setattr("portal.views.plan_of", fail)
    caplog.set_level("INFO")
    tolerant.get(page(), headers={"X-Request-ID": "0123456789abcdef"})
    [(level, message, has_traceback)] = lines(caplog)
    assert (level, has_traceback) == ("WARNING", False)
    assert re.match(REFUSED + type(error).__name__ + ": connection", message)
    assert "\n" not in message
    assert len(message) < 400
    [record] = [each for each in caplog.records if each.name == "portal.tracing"]
    assert logs.identify(record)
    assert record.data["reason"].startswith(f"{type(error).__name__}: connection")


def test_a_session_that_cannot_be_kept_is_one_line_too(tolerant, page, monkeypatch, caplog):
    def change(request, *args):
        request.session["changed"] = True
        return HttpResponse()

    monkeypatch.setattr("portal.views.render", change)
    caplog.set_level("INFO")
    with connection.execute_wrapper(no_session_is_kept):
        tolerant.get(page())
    [(level, message, has_traceback)] = lines(caplog)
    assert (level, has_traceback) == ("WARNING", False)
    assert re.match(REFUSED + "OperationalError: secret detail", message)


def test_a_fault_keeps_its_traceback(tolerant, page, monkeypatch, caplog):
    def fail(*args):
        raise ValueError("a fault")

    monkeypatch.setattr("portal.views.plan_of", fail)
    caplog.set_level("INFO")
    tolerant.get(page())
    found = {level: has_traceback for level, _message, has_traceback in lines(caplog)}
    assert found == {"ERROR": True, "INFO": False}


def test_an_unknown_address_is_not_found_in_our_dress(as_ana, page):
    answer = as_ana.get(page("no-existe/"))
    assert answer.status_code == 404
    assert "Desvíos" in answer.content.decode()


def test_a_path_that_tries_to_climb_is_not_found(as_ana, page):
    for path in ("static/../../../etc/passwd", "..%2f..%2fetc/passwd", "static/%2e%2e/settings.py"):
        assert as_ana.get(page(path)).status_code == 404


def test_the_health_check_needs_no_login_and_says_which_database_answers(client, page):
    answer = client.get(page("salud/"))
    assert answer.json() == {"default": True, "cdr": True}


def test_the_start_page_says_which_panel_has_no_source_and_shows_the_rest(
    as_ana, page, monkeypatch
):
    def away(*args):
        raise OperationalError

    monkeypatch.setattr(CALL_RECORDS, "_again", 0.0)
    with connections["cdr"].execute_wrapper(away):
        answer = as_ana.get(page())
    assert answer.status_code == 200
    assert "Ahora, las llamadas suenan" in answer.content.decode()
    assert "Ahora no se puede leer el registro de llamadas" in answer.content.decode()


@pytest.mark.parametrize("path", ["", "desvios/", "ajustes/", "informacion/", "entrar/", "admin/"])
def test_every_page_forbids_inline_code_frames_and_foreign_origins(as_ana, page, path):
    policy = as_ana.get(page(path)).headers["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "script-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
