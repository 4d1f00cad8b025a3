"""Log lines: with the id of their request, for people and for programs, and without secrets."""

import io
import json
import logging
import re
from threading import Thread

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.test import Client

from desvios.apply import apply_pending
from portal import logs
from portal.link import _do
from portal.logs import JSONLines, Lines, bearing, current, logging_settings
from portal.models import Subscriber

ID = "0123456789abcdef-ours"


@pytest.fixture
def written():
    """What the handler of the settings would write, at the level that hides nothing."""
    stream, root = io.StringIO(), logging.getLogger()
    handler = logging.StreamHandler(stream)
    handler.addFilter(logs.identify)
    handler.setFormatter(JSONLines())
    before = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    root.removeHandler(handler)
    root.setLevel(before)


def record(message, *args, **extra):
    made = logging.makeLogRecord({"name": "x", "levelname": "INFO", "msg": message, "args": args})
    made.__dict__.update(extra)
    logs.identify(made)
    return made


@pytest.mark.django_db(databases="__all__")
def test_a_request_keeps_the_id_it_brings_and_bears_it_in_its_lines_and_its_answer(
    as_ana, page, written
):
    answer = as_ana.get(page("desvios/"), headers={"X-Request-ID": ID})
    assert answer.headers["X-Request-ID"] == ID
    [line] = [line for line in written() if line["logger"] == "portal.tracing"]
    assert (line["request_id"], line["view"], line["status"]) == (ID, "desvios:desvios", 200)
    assert current() == ""


@pytest.mark.parametrize("given", ["", "short", "a" * 65, "with space 12", "nl-1234567\r\nX: 1"])
@pytest.mark.django_db(databases="__all__")
def test_an_id_that_is_missing_or_unfit_is_replaced(client, page, given):
    answer = client.get(page("salud/"), headers={"X-Request-ID": given})
    assert re.fullmatch("[0-9a-f]{32}", answer.headers["X-Request-ID"])


@pytest.mark.django_db(databases="__all__")
def test_what_django_says_of_a_request_bears_its_id_too(ana, page, written, monkeypatch):
    def fail(*args):
        raise ValueError("a fault")

    monkeypatch.setattr("portal.views.plan_of", fail)
    client = Client(raise_request_exception=False)
    client.force_login(ana.user)
    client.get(page(), headers={"X-Request-ID": ID})
    client.get(page("no-existe/"), headers={"X-Request-ID": ID})
    lines = [line for line in written() if line["logger"] == "django.request"]
    assert {line["request_id"] for line in lines} == {ID}
    assert "ValueError: a fault" in lines[0]["traceback"]


def test_each_job_of_the_link_has_an_id_of_its_own():
    seen.clear()
    assert _do("tests.portal.test_logs.note_id")
    assert _do("tests.portal.test_logs.note_id")
    assert len(set(seen)) == 2
    assert all(each.startswith("link-") for each in seen)


def test_a_thread_begun_for_a_request_bears_its_id():
    seen.clear()
    with bearing(ID):
        thread = Thread(target=logs.carried(note_id))
    thread.start()
    thread.join()
    assert seen == [ID]


seen: list[str] = []


def note_id():
    """A job that says whose it is."""
    seen.append(current())


def test_a_line_for_people_stays_one_line_and_paints_nothing():
    with bearing(ID):
        line = Lines().format(record("x\r\n2026 INFO forged \x1b[31m \x85"))
    assert ID in line
    assert "\n" not in line
    assert "\\x0d\\x0a2026" in line
    assert "\x1b" not in line
    assert "\x85" not in line


@pytest.mark.parametrize("formatter", [Lines, JSONLines])
def test_the_secret_address_of_a_calendar_is_hidden(formatter):
    path = "/webs/webfon3/desvios/calendario/s3cret-Address_1.ics"
    line = formatter().format(record("Internal Server Error: %s", path))
    assert "s3cret" not in line
    assert "/calendario/***.ics" in line


@pytest.mark.parametrize("formatter", [Lines, JSONLines])
def test_both_kinds_of_lines_tell_the_time_in_utc(formatter):
    line = formatter().format(record("x", created=1792843200.5, msecs=500.0))
    assert re.search(r"2026-10-24T12:00:00\.500(Z|\+00:00)", line)


@pytest.mark.django_db(databases="__all__")
def test_a_refusal_is_written_down_with_who_was_refused(as_ana, ana, page, written):
    as_ana.get(page("admin/portal/auditevent/"))
    as_ana.get(page("agenda/999999/"))
    lines = [line for line in written() if line["logger"] == "portal.tracing"]
    refused = [(line["view"], line["status"], line["user"]) for line in lines]
    who = ana.user.pk
    assert refused == [
        ("admin:portal_auditevent_changelist", 302, who),
        ("agenda:contacto", 404, who),
    ]


def test_an_unknown_format_is_refused_with_the_choices():
    with pytest.raises(ImproperlyConfigured, match="text, json"):
        logging_settings("xml", "INFO")


@pytest.mark.django_db(databases="__all__")
def test_neither_claves_nor_passwords_nor_keys_get_into_any_line(
    as_ana, ana, page, written, settings
):
    secrets = {
        "password": "wr0ng-but-typed",
        "clave": "483920",
        "session": as_ana.session.session_key,
        "key": settings.SECRET_KEY,
    }
    Client().post(page("entrar/"), {"login": "201", "password": secrets["password"]})
    Subscriber.objects.filter(pk=ana.pk).update(access_pin="2015")
    form = dict.fromkeys(["code", "again", "pin", "pin_again"], secrets["clave"])
    for path in ("ajustes/clave/", "ajustes/clave/no-existe/", "buzon/opciones/"):
        as_ana.post(page(path), form)
        as_ana.get(page(path), form)
    assert Subscriber.objects.get(pk=ana.pk).access_code
    apply_pending()
    lines = json.dumps(written())
    assert written()
    assert {name for name, secret in secrets.items() if secret in lines} == set()
