"""Getting in."""

import re

import pytest
from django.contrib.auth.models import User
from django.core.cache import cache

from portal.accounts.passwords import DEMO_PASSWORD
from portal.models import LoginEvent
from tests.world import PASSWORD

pytestmark = pytest.mark.django_db(databases="__all__")


@pytest.fixture(autouse=True)
def no_attempts_so_far(db):
    cache.clear()


@pytest.fixture
def enter(client, page):
    def post(login, password=PASSWORD, **extra):
        return client.post(page("entrar/"), {"login": login, "password": password}, **extra)

    return post


@pytest.mark.parametrize("login", ["201", "ana", " 201 "])
def test_a_person_logs_in_by_number_or_by_user_name(enter, ana, page, login):
    answer = enter(login)
    assert (answer.status_code, answer.url) == (302, page())


def test_a_login_made_of_digits_is_nobody_but_its_subscriber(enter, ana):
    User.objects.create_user("202", password=PASSWORD)  # a user name that is no number of his
    assert enter("202").status_code == 200


def test_a_user_without_a_number_lands_in_the_admin(enter, page, db):
    User.objects.create_superuser("jefa", password=PASSWORD)
    assert enter("jefa").url == page("admin/")


def test_the_page_asked_for_comes_after_the_login(client, ana, page):
    asked = client.get(page("desvios/"))
    assert asked.url == f"{page('entrar/')}?next={page('desvios/')}"
    entered = client.post(asked.url, {"login": "201", "password": PASSWORD})
    assert entered.url == page("desvios/")


@pytest.mark.parametrize(
    "target", ["https://example.com/", "//example.com/", "javascript:alert(1)"]
)
def test_a_login_never_leads_to_another_site(client, ana, page, target):
    answer = client.post(f"{page('entrar/')}?next={target}", {"login": "201", "password": PASSWORD})
    assert answer.url == page()


@pytest.mark.parametrize(
    ("login", "password"), [("201", "wrong"), ("299", PASSWORD), ("x", "Qw7-nonsense")]
)
def test_a_wrong_login_says_the_same_whatever_was_wrong(enter, ana, login, password):
    text = enter(login, password).content.decode()
    assert "no coinciden" in text
    assert password not in text


def test_after_five_wrong_tries_a_clear_message_even_for_the_right_password(enter, ana):
    for _ in range(5):
        enter("201", "wrong")
    assert "Demasiados intentos" in enter("201").content.decode()


def test_the_limit_counts_number_and_user_name_together(enter, ana):
    for login in ["201", "ana", "201", "ana", "201"]:
        enter(login, "wrong")
    assert "Demasiados intentos" in enter("ana").content.decode()


def test_an_inactive_person_stays_outside(enter, ana, client, page):
    ana.user.is_active = False
    ana.user.save()
    enter("201")
    assert client.get(page()).status_code == 302


def test_nobody_signs_up(client, page):
    assert client.get(page("registro/")).status_code == 404
    assert (
        client.post(page("registro/"), {"username": "x", "password1": PASSWORD}).status_code == 404
    )


def test_logging_out_takes_a_post(as_ana, page):
    as_ana.get(page("salir/"))
    assert as_ana.get(page()).status_code == 200
    as_ana.post(page("salir/"))
    assert as_ana.get(page()).status_code == 302


def test_a_person_changes_the_password(as_ana, ana, page, enter):
    new = "otra contraseña larga 7"
    answer = as_ana.post(
        page("ajustes/contrasena/"),
        {"oldpassword": PASSWORD, "password1": new, "password2": new},
    )
    assert answer.status_code == 302
    assert as_ana.get(page()).status_code == 200
    as_ana.logout()
    assert enter("201", new).status_code == 302


def test_cookies_stay_below_the_prefix(enter, ana, page, client):
    enter("201")
    for name in ("sessionid", "csrftoken"):
        assert client.cookies[name]["path"] == page()
    assert client.cookies["sessionid"]["httponly"]


@pytest.mark.parametrize(("demo", "status"), [(True, 302), (False, 200)])
def test_the_demos_password_opens_nothing_outside_the_demo(enter, ana, settings, demo, status):
    ana.user.set_password(DEMO_PASSWORD)
    ana.user.save()
    settings.DEMO = demo
    assert enter("201", DEMO_PASSWORD).status_code == status


def test_outside_the_demo_nobody_can_choose_its_password(as_ana, page, settings):
    settings.DEMO = False
    form = {"oldpassword": PASSWORD, "password1": DEMO_PASSWORD, "password2": DEMO_PASSWORD}
    answer = as_ana.post(page("ajustes/contrasena/"), form)
    assert "la de la demostración" in answer.content.decode()


@pytest.mark.parametrize(
    "word", ["Webfon2026!", "_centralita_", "telefono 2026", "localhost-8000", "20ASTERISK26"]
)
def test_a_word_of_the_house_is_no_password(as_ana, page, word):
    form = {"oldpassword": PASSWORD, "password1": word, "password2": word}
    answer = as_ana.post(page("ajustes/contrasena/"), form)
    assert "demasiado común" in answer.content.decode()


@pytest.mark.parametrize("weak", ["corta7ñ", "password1", "38205917462"])
def test_a_short_or_common_password_or_one_of_digits_is_refused(as_ana, ana, page, weak):
    form = {"oldpassword": PASSWORD, "password1": weak, "password2": weak}
    assert as_ana.post(page("ajustes/contrasena/"), form).context["form"].errors["password1"]
    ana.user.refresh_from_db()
    assert ana.user.check_password(PASSWORD)


def test_without_the_old_password_it_stays(as_ana, ana, page):
    new = "otra contraseña larga 7"
    for old in ("", "no es esta"):
        form = {"oldpassword": old, "password1": new, "password2": new}
        assert as_ana.post(page("ajustes/contrasena/"), form).context["form"].errors["oldpassword"]
    ana.user.refresh_from_db()
    assert ana.user.check_password(PASSWORD)


def test_password_fields_hide_and_welcome_password_managers(client, page):
    door = client.get(page("entrar/")).content.decode()
    assert re.search(r'<input type="password"[^>]*autocomplete="current-password"', door)


def test_the_address_written_down_is_the_one_that_the_proxy_saw(enter, ana, settings):
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    enter("201", headers={"X-Forwarded-For": "203.0.113.7, 198.51.100.9"})
    assert LoginEvent.objects.first().address == "198.51.100.9"


def test_a_long_password_of_any_letters_is_taken_as_it_is(as_ana, page, enter):
    long = " ñandú€ " * 12
    form = {"oldpassword": PASSWORD, "password1": long, "password2": long}
    assert as_ana.post(page("ajustes/contrasena/"), form).status_code == 302
    as_ana.logout()
    assert enter("201", long.strip()).status_code == 200
    assert enter("201", long).status_code == 302
