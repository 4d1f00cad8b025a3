"""The administrator's side of logins: unlock, end sessions, take factors away."""

import pytest
from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib.auth.models import Permission, User
from django.core.cache import cache

from portal.models import AuditEvent, LoginEvent
from tests.world import PASSWORD

pytestmark = pytest.mark.django_db(databases="__all__")

USERS = "admin/auth/user/"
ACTIONS = ["unlock", "end_sessions", "reset_factors"]


@pytest.fixture(autouse=True)
def no_attempts_so_far(db):
    cache.clear()


@pytest.fixture
def admin(client, db):
    client.force_login(User.objects.create_superuser("jefa", email="jefa@empresa.es"))
    return client


@pytest.fixture
def support(client, db):
    """Somebody who may look and unlock, and no more."""
    user = User.objects.create_user("soporte", is_staff=True)
    names = ["view_user", "unlock_login"]
    user.user_permissions.set(Permission.objects.filter(codename__in=names))
    client.force_login(user)
    return client


@pytest.fixture
def do(page):
    def press(client, action, *users):
        chosen = [user.pk for user in users]
        form = {"action": action, "_selected_action": chosen, "index": 0}
        return client.post(page(USERS), form, follow=True).content.decode()

    return press


@pytest.fixture
def enter(page, client):
    def post(login="201", password=PASSWORD):
        browser = client.__class__()
        answer = browser.post(page("entrar/"), {"login": login, "password": password})
        return browser, answer

    return post


@pytest.fixture
def locked(ana, enter):
    for _ in range(5):
        enter("201", "not this one")
    return ana.user


def test_who_is_locked_out_is_let_in_again(admin, do, enter, locked, page, ana):
    assert enter()[1].status_code == 200
    text = admin.get(page(f"{USERS}{locked.pk}/change/")).content.decode()
    assert "Bloqueada por demasiados intentos" in text
    assert "Entrada desbloqueada: ana." in do(admin, "unlock", locked)
    assert enter()[1].status_code == 302
    event = AuditEvent.objects.get()
    assert (event.actor_name, event.subscriber) == ("jefa", ana)
    assert (event.before, event.after) == ({"locked": True}, {"locked": False})


def test_unlocking_one_leaves_the_others_locked(admin, do, enter, locked, bruno):
    for _ in range(5):
        enter("202", "not this one")
    do(admin, "unlock", locked)
    assert "Demasiados intentos" in enter("202")[1].content.decode()


def test_wrong_codes_are_unlocked_too(admin, do, ana, enter, page):
    secret = get_adapter().encrypt("A" * 32)
    Authenticator.objects.create(user=ana.user, type="totp", data={"secret": secret})
    browser = _with_a_wrong_code(enter, page, times=6)
    answer = browser.post(page("entrar/segundo-paso/"), {"code": "1"})
    assert "Demasiados intentos" in answer.content.decode()
    do(admin, "unlock", ana.user)
    answer = browser.post(page("entrar/segundo-paso/"), {"code": "1"})
    assert "Demasiados intentos" not in answer.content.decode()


def _with_a_wrong_code(enter, page, times):
    browser, _answer = enter()
    for _ in range(times):
        browser.post(page("entrar/segundo-paso/"), {"code": "00000000"})
    return browser


def test_sessions_end_everywhere(admin, do, enter, ana, bruno, page):
    browsers = [enter()[0], enter()[0]]
    other = enter("202")[0]
    assert "Sesiones cerradas: ana." in do(admin, "end_sessions", ana.user)
    assert [each.get(page()).status_code for each in (*browsers, other)] == [302, 302, 200]
    assert not UserSession.objects.filter(user=ana.user).exists()
    assert AuditEvent.objects.get().before == {"sessions": 2}


def test_factors_are_taken_away(admin, do, enter, ana, page):
    Authenticator.objects.create(user=ana.user, type="webauthn", data={"name": "Portátil"})
    assert enter()[1].url == page("entrar/segundo-paso/")
    assert "Sin segundo paso ni llaves: ana." in do(admin, "reset_factors", ana.user)
    assert enter()[1].url == page()
    event = AuditEvent.objects.get()
    assert (event.before, event.after) == (
        {"factors": ["webauthn: Portátil"]},
        {"factors": []},
    )


def test_support_may_unlock_and_no_more(support, do, locked, enter, page):
    text = support.get(page(USERS)).content.decode()
    assert 'value="unlock"' in text
    assert 'value="end_sessions"' not in text
    browser_count = UserSession.objects.count()
    for action in ("end_sessions", "reset_factors"):
        do(support, action, locked)
    assert UserSession.objects.count() == browser_count
    assert not AuditEvent.objects.exists()
    do(support, "unlock", locked)
    assert enter()[1].status_code == 302


@pytest.mark.parametrize("action", ACTIONS)
def test_nobody_but_a_superuser_does_it_to_a_superuser(client, do, db, action):
    boss = User.objects.create_superuser("jefa")
    Authenticator.objects.create(user=boss, type="webauthn", data={"name": "Suya"})
    helper = User.objects.create_user("ayudante", is_staff=True)
    names = ["view_user", "unlock_login", "end_sessions", "reset_factors"]
    helper.user_permissions.set(Permission.objects.filter(codename__in=names))
    client.force_login(helper)
    assert "A un superusuario solo" in do(client, action, boss)
    assert Authenticator.objects.filter(user=boss).exists()
    assert not AuditEvent.objects.exists()


def test_a_users_page_says_how_things_stand_at_the_door(admin, enter, ana, page):
    enter()
    enter("201", "not this one")
    text = admin.get(page(f"{USERS}{ana.user.pk}/change/")).content.decode()
    for words in ("Abierta", "Ninguno", "No coincidía", "127.0.0.1"):
        assert words in text


@pytest.mark.parametrize("path", ["add/", "1/delete/"])
def test_the_history_of_logins_can_only_be_read(admin, ana, enter, page, path):
    enter()
    event = LoginEvent.objects.get()
    assert admin.get(page("admin/portal/loginevent/")).status_code == 200
    path = path.replace("1", str(event.pk))
    assert admin.get(page(f"admin/portal/loginevent/{path}")).status_code == 403
    change = page(f"admin/portal/loginevent/{event.pk}/change/")
    assert admin.post(change, {"outcome": "failed"}).status_code == 403


@pytest.mark.parametrize(
    "path", ["mfa/authenticator/", "usersessions/usersession/", "account/emailaddress/"]
)
def test_nothing_leads_past_the_log_of_changes(admin, page, path):
    assert admin.get(page(f"admin/{path}")).status_code == 404
