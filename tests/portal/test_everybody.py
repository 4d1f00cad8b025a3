"""Every address of the URLconf, as every kind of user: who is let in, and who is not."""

import logging
from copy import deepcopy

import pytest
from django.db import transaction
from django.template.backends.django import Template

from portal.models import Subscriber
from tests.portal.everybody import KINDS, address, addresses, belongings, people
from tests.portal.rights import table

pytestmark = [pytest.mark.django_db(databases="__all__"), pytest.mark.any_database]

SEES_PAGES = "superuser"
"""For whom pages are made; for the others it is enough that they would be."""


def test_every_address_has_a_line_that_says_who_may():
    known, found = set(table()), set(addresses())
    assert (found - known, known - found) == (set(), set())


@pytest.mark.parametrize("kind", KINDS)
def test_everybody_gets_what_they_may_and_nothing_else(
    kind, national, groups, node, client, page, monkeypatch
):
    users = people(national, groups)
    ana, agent = (Subscriber.objects.get(number=number) for number in ("201", "301"))
    things = belongings(ana, agent, node())
    if users[kind]:
        client.force_login(users[kind])
    if kind != SEES_PAGES:
        monkeypatch.setattr(Template, "render", lambda *_args: "")
    monkeypatch.setattr(logging.getLogger("django.request"), "disabled", True)
    client.raise_request_exception = False
    cookies, wrong = deepcopy(client.cookies), {}
    for path, by_kind in table().items():
        for method, expected in zip(("get", "post"), by_kind[kind].split(), strict=True):
            if expected == "-":
                continue
            client.cookies = deepcopy(cookies)
            code = answered(getattr(client, method), page(address(path, things)))
            if code != expected:
                wrong[f"{method} {path}"] = f"{code} and not {expected}"
    assert wrong == {}


def answered(ask, where):
    """The answer, in the words of the table; whatever the request did is taken back."""
    with transaction.atomic(), transaction.atomic(using="cdr"):
        answer = ask(where)
        for database in ("default", "cdr"):
            transaction.set_rollback(True, using=database)
    if answer.status_code == 500:
        return f"500 for {getattr(answer, 'exc_info', ['', ''])[1]!r}"
    if answer.status_code != 302:
        return str(answer.status_code)
    return "login" if "/entrar/" in answer.url or "/admin/login/" in answer.url else "->"
