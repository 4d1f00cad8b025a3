"""Saving: only what was changed, with its log entry, and never over somebody else's change."""

from datetime import UTC, datetime

import pytest
from django.test import RequestFactory

from desvios.changes import Conflict, content, save
from desvios.models import ForwardingRules, rules_of
from portal.models import AuditEvent
from portal.pbx.logins import matches

pytestmark = pytest.mark.django_db(databases="__all__")
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.fixture
def request_of(ana):
    request = RequestFactory().post("/", REMOTE_ADDR="192.0.2.7")
    request.user = ana.user
    return request


def test_a_change_is_logged_with_who_when_where_before_and_after(ana, request_of):
    event = save(request_of, ana, {"ring_seconds": 30}, at=NOON)
    assert (event.before, event.after) == ({"ring_seconds": 20}, {"ring_seconds": 30})
    assert (event.actor, event.at, event.address) == (ana.user, NOON, "192.0.2.7")
    assert event.subscriber == ana


def test_every_change_makes_a_new_revision_that_is_pending(ana, request_of):
    before = ana.revision
    save(request_of, ana, {"ring_seconds": 30}, at=NOON)
    assert ana.revision == before + 1
    assert type(ana).objects.pending().get() == ana


def test_saving_what_is_already_so_changes_nothing(ana, request_of):
    assert save(request_of, ana, content(ana), at=NOON) is None
    assert not AuditEvent.objects.exists()
    assert not ForwardingRules.objects.exists()


def test_the_second_of_two_tabs_is_told_what_changed_and_overwrites_nothing(ana, request_of):
    seen = ana.revision
    save(request_of, ana, {"ring_seconds": 30}, at=NOON, seen_revision=seen)
    with pytest.raises(Conflict) as conflict:
        save(request_of, ana, {"ring_seconds": 40}, at=NOON, seen_revision=seen)
    assert conflict.value.events[0].after == {"ring_seconds": 30}
    ana.refresh_from_db()
    assert rules_of(ana).ring_seconds == 30


def test_the_clave_is_hashed_and_never_logged(ana, request_of):
    event = save(request_of, ana, {}, at=NOON, new_code="246810")
    ana.refresh_from_db()
    assert "246810" not in ana.access_code
    assert matches("246810", ana.access_code)
    assert not matches("246811", ana.access_code)
    assert "246810" not in f"{event.before}{event.after}"
