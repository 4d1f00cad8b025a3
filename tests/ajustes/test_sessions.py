"""When a login ends without anybody ending it."""

from datetime import timedelta

import pytest
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.utils import timezone

from portal.accounts import sessions
from tests.world import PASSWORD

pytestmark = pytest.mark.django_db(databases="__all__")


@pytest.fixture
def entered(client, ana, page):
    """Ana's browser, which has just come in; no process has seen it for a while."""
    client.post(page("entrar/"), {"login": "201", "password": PASSWORD})
    sessions._seen.clear()
    return client


@pytest.mark.parametrize(
    ("unused", "lasted", "status"),
    [
        (timedelta(hours=71), timedelta(days=13), 200),
        (timedelta(hours=73), timedelta(hours=73), 302),
        (timedelta(0), timedelta(days=14, minutes=1), 302),
    ],
)
def test_a_session_ends_when_nobody_uses_it_or_after_its_days(
    entered, page, unused, lasted, status
):
    now = timezone.now()
    UserSession.objects.update(last_seen_at=now - unused, created_at=now - lasted)
    assert entered.get(page("desvios/")).status_code == status
    assert Session.objects.exists() is (status == 200)


def test_who_may_no_longer_come_in_is_out_at_once(entered, ana, page):
    assert entered.get(page("desvios/")).status_code == 200
    ana.user.is_active = False
    ana.user.save()
    assert entered.get(page("desvios/")).status_code == 302
    ana.user.is_active = True
    ana.user.save()
    assert entered.get(page("desvios/")).status_code == 200
    ana.user.delete()
    assert entered.get(page("desvios/")).status_code == 302
