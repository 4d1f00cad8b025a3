"""The page Seguridad: second step, recovery codes, sessions, history; what is written down."""

import json
import time
from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from allauth.usersessions.models import UserSession
from django.contrib.auth.models import User
from django.core.cache import cache
from django.utils import timezone

from portal.accounts.sessions import forget
from portal.models import AuditEvent, LoginEvent
from tests.world import PASSWORD

pytestmark = pytest.mark.django_db(databases="__all__")

SECURITY = "ajustes/seguridad/"
Outcome, Method = LoginEvent.Outcome, LoginEvent.Method


def code_of(secret, *, ahead=0):
    """What the application on somebody's telephone shows, some half minutes from now."""
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30 + ahead))


def whole(**response):
    """A credential of the right shape around whatever it says."""
    return json.dumps({"id": "MQ", "rawId": "MQ", "type": "public-key", "response": response})


@pytest.fixture
def enter(page):
    def post(client, login="201", password=PASSWORD):
        return client.post(page("entrar/"), {"login": login, "password": password})

    return post


@pytest.fixture
def confirm(page):
    """Say the password again, which changes of this kind ask for."""

    def post(client):
        answer = client.post(page("entrar/confirmar/"), {"password": PASSWORD})
        assert answer.status_code == 302

    return post


@pytest.fixture
def application(as_ana, page, confirm):
    """Ana has the application; returns its secret."""
    confirm(as_ana)
    secret = as_ana.get(page(f"{SECURITY}aplicacion/")).context["form"].secret
    answer = as_ana.post(page(f"{SECURITY}aplicacion/"), {"code": code_of(secret)})
    assert answer.url == page(f"{SECURITY}codigos/")
    return secret


@pytest.fixture
def codes(application, as_ana, page):
    """Ana's recovery codes."""
    return as_ana.get(page(f"{SECURITY}codigos/")).context["unused_codes"]


CHANGES = [
    "aplicacion/",
    "llaves/nueva/",
]


@pytest.mark.parametrize("path", CHANGES)
@pytest.mark.parametrize("method", ["get", "post"])
def test_a_change_asks_for_the_password_again(as_ana, page, path, method):
    answer = getattr(as_ana, method)(page(SECURITY + path))
    assert answer.url.startswith(page("entrar/confirmar/"))
    assert not Authenticator.objects.exists()


def test_with_the_application_the_password_alone_no_longer_opens(
    application, client, page, enter, ana
):
    client.logout()
    assert enter(client).url == page("entrar/segundo-paso/")
    assert client.get(page()).status_code == 302
    answer = client.post(page("entrar/segundo-paso/"), {"code": code_of(application, ahead=1)})
    assert answer.url == page()
    assert client.get(page()).status_code == 200
    assert LoginEvent.objects.first().method == Method.APP


def test_a_code_of_the_application_opens_once_for_as_long_as_it_would_fit(
    application, client, page, enter, ana
):
    code = code_of(application, ahead=1)
    for turn, typed in enumerate([code, code, f"{code[:3]} {code[3:]}", f"{code[:3]}-{code[3:]}"]):
        client.logout()
        enter(client)
        answer = client.post(page("entrar/segundo-paso/"), {"code": typed})
        assert (answer.status_code == 302) is (turn == 0), typed
        # What allauth remembers of it ends after half a minute.
        cache.delete(f"allauth.mfa.totp.used?user={ana.user.pk}&code={code}")


def test_the_secret_is_not_readable_in_the_database(application):
    stored = str(Authenticator.objects.values_list("data", flat=True))
    assert application not in stored


def test_a_recovery_code_opens_once(codes, client, page, enter):
    for turn, opens in enumerate([True, False]):
        client.logout()
        enter(client)
        answer = client.post(page("entrar/segundo-paso/"), {"code": codes[0]})
        assert (answer.status_code == 302) is opens, turn
    assert LoginEvent.objects.filter(outcome=Outcome.IN).first().method == Method.RECOVERY_CODE
    failed = LoginEvent.objects.first()
    assert (failed.outcome, failed.method) == (Outcome.FAILED, Method.CODE)


def test_new_recovery_codes_put_the_old_ones_out_of_use(codes, as_ana, client, page, enter):
    as_ana.post(page(f"{SECURITY}codigos/nuevos/"))
    assert not set(codes) & set(as_ana.get(page(f"{SECURITY}codigos/")).context["unused_codes"])
    event = AuditEvent.objects.filter(action=AuditEvent.Action.SECURITY).first()
    assert event.after["new"] == ["recovery_codes"]
    client.logout()
    enter(client)
    assert client.post(page("entrar/segundo-paso/"), {"code": codes[0]}).status_code == 200


def test_recovery_codes_can_be_kept_as_a_file(codes, as_ana, page):
    answer = as_ana.get(page(f"{SECURITY}codigos/descargar/"))
    assert answer["Content-Type"].startswith("text/plain")
    assert answer.content.decode().split() == codes
    assert "no-store" in answer["Cache-Control"]


def test_too_many_wrong_codes_are_told_and_written_down(application, client, page, enter):
    client.logout()
    enter(client)
    for _ in range(5):
        client.post(page("entrar/segundo-paso/"), {"code": "000000"})
    answer = client.post(page("entrar/segundo-paso/"), {"code": code_of(application, ahead=1)})
    assert "Demasiados intentos" in answer.content.decode()


@pytest.mark.parametrize("code", ["", "000000", "x" * 5000, "12 34", "\x00", "٠٠٠٠٠٠"])
def test_nonsense_for_a_code_is_refused_in_words(application, client, page, enter, code):
    client.logout()
    enter(client)
    answer = client.post(page("entrar/segundo-paso/"), {"code": code})
    assert answer.status_code == 200
    assert "Revisa esto" in answer.content.decode()


@pytest.mark.parametrize(
    "credential",
    [
        "",
        "x",
        "{}",
        "[]",
        "null",
        '{"id": 1}',
        '{"response": {"userHandle": "MQ"}}',
        whole(authenticatorData="MQ"),
        whole(clientDataJSON="MQ", authenticatorData="MQ", signature="MQ", userHandle="MQ"),
    ],
)
@pytest.mark.parametrize("path", ["entrar/llave/", "entrar/segundo-paso/"])
def test_nonsense_for_a_passkey_opens_nothing(application, client, page, enter, path, credential):
    client.logout()
    enter(client)
    client.post(page(path), {"credential": credential})
    assert client.get(page()).status_code == 302


def test_taking_the_application_away_takes_the_codes_too(application, as_ana, page):
    as_ana.post(page(f"{SECURITY}aplicacion/quitar/"))
    assert not Authenticator.objects.exists()
    event = AuditEvent.objects.filter(action=AuditEvent.Action.SECURITY).first()
    assert event.before == {"factors": ["recovery_codes", "totp"]}
    assert event.after == {"factors": [], "new": []}


def test_what_changes_is_written_down_without_any_secret(application, codes, as_ana, page):
    new = "otra contraseña larga 7"
    form = {"oldpassword": PASSWORD, "password1": new, "password2": new}
    as_ana.post(page("ajustes/contrasena/"), form)
    events = AuditEvent.objects.filter(action=AuditEvent.Action.SECURITY)
    assert events.first().after == {"password": True}
    text = str(list(events.values_list("before", "after")))
    for secret in (application, codes[0], new, PASSWORD):
        assert secret not in text


def test_somebody_elses_passkey_is_not_there(as_ana, page, confirm, bruno):
    row = Authenticator.objects.create(
        user=bruno.user, type=Authenticator.Type.WEBAUTHN, data={"name": "De Bruno"}
    )
    confirm(as_ana)
    assert "De Bruno" not in as_ana.get(page(SECURITY)).content.decode()
    for action in ("nombre", "quitar"):
        path = page(f"{SECURITY}llaves/{row.pk}/{action}/")
        assert as_ana.get(path).status_code == 404
        assert as_ana.post(path, {"name": "Mía"}).status_code == 404
    row.refresh_from_db()
    assert row.data == {"name": "De Bruno"}


def test_open_sessions_are_the_own_ones_and_can_be_closed(client, page, ana, bruno, enter):
    elsewhere, others = client.__class__(), client.__class__()
    agent = "Mozilla/5.0 (Windows NT 10.0; rv:140.0) Gecko/20100101 Firefox/140.0"
    elsewhere.post(page("entrar/"), {"login": "201", "password": PASSWORD}, HTTP_USER_AGENT=agent)
    enter(client)
    enter(others, "202")
    text = client.get(page(SECURITY)).content.decode()
    assert "Firefox en Windows" in text
    assert text.count("Abierta:") == 2
    session = UserSession.objects.get(user_agent=agent)
    client.post(page(f"{SECURITY}sesiones/{session.pk}/cerrar/"))
    assert elsewhere.get(page()).status_code == 302
    assert client.get(page()).status_code == 200
    theirs = UserSession.objects.get(user=bruno.user)
    assert client.post(page(f"{SECURITY}sesiones/{theirs.pk}/cerrar/")).status_code == 404
    assert others.get(page()).status_code == 200


def test_all_other_sessions_close_at_once_and_it_is_written_down(client, page, ana, enter):
    elsewhere = [client.__class__() for _ in range(2)]
    for browser in (*elsewhere, client):
        enter(browser)
    answer = client.post(page(f"{SECURITY}sesiones/cerrar/"), follow=True)
    assert "2 sesiones cerradas" in answer.content.decode()
    assert [browser.get(page()).status_code for browser in (*elsewhere, client)] == [302, 302, 200]
    assert AuditEvent.objects.get().before == {"sessions": 2}


def test_closing_this_session_is_leaving(client, page, ana, enter):
    enter(client)
    session = UserSession.objects.get()
    answer = client.post(page(f"{SECURITY}sesiones/{session.pk}/cerrar/"))
    assert answer.url == page("salir/")


def test_the_history_says_who_came_in_and_who_tried(client, page, ana, bruno, enter):
    enter(client, "201", "not this one")
    enter(client, "202", "not this one")
    enter(client)
    outcomes = list(LoginEvent.objects.filter(user=ana.user).values_list("outcome", flat=True))
    assert outcomes == [Outcome.IN, Outcome.FAILED]
    text = client.get(page(f"{SECURITY}entradas/")).content.decode()
    assert text.count("No coincidía") == 1


def test_what_was_typed_into_the_wrong_field_is_not_kept(client, ana, enter):
    enter(client, "my secret password", "x")
    event = LoginEvent.objects.get()
    assert (event.user, event.username) == (None, "")


def test_a_lock_is_written_down_once(client, ana, enter):
    for _ in range(8):
        enter(client, "201", "not this one")
    outcomes = [event.outcome for event in LoginEvent.objects.all()]
    assert outcomes == [Outcome.LOCKED, *[Outcome.FAILED] * 5]


def test_a_long_history_has_pages(as_ana, ana, page):
    LoginEvent.objects.bulk_create(
        LoginEvent(
            at=timezone.now(), user=ana.user, username="ana", address="10.0.0.1",
            method=Method.PASSWORD, outcome=Outcome.FAILED,
        )
        for _ in range(60)
    )  # fmt: skip
    first = as_ana.get(page(f"{SECURITY}entradas/")).content.decode()
    assert first.count("10.0.0.1") == 50
    for number in ("2", "99", "x"):
        assert as_ana.get(page(f"{SECURITY}entradas/"), {"pagina": number}).status_code == 200


def test_an_administrator_without_a_number_has_the_page_too(client, page, confirm):
    boss = User.objects.create_superuser("jefa", password=PASSWORD)
    client.force_login(boss)
    assert client.get(page(SECURITY)).status_code == 200
    confirm(client)
    secret = client.get(page(f"{SECURITY}aplicacion/")).context["form"].secret
    client.post(page(f"{SECURITY}aplicacion/"), {"code": code_of(secret)})
    event = AuditEvent.objects.get()
    assert (event.subscriber, event.before["user"]) == (None, "jefa")


@pytest.mark.parametrize("credential", ["", "x", "{}", '{"id": "MQ"}', '{"response": 1}'])
def test_nonsense_for_a_new_passkey_adds_none(as_ana, page, confirm, credential):
    confirm(as_ana)
    answer = as_ana.post(page(f"{SECURITY}llaves/nueva/"), {"name": "x", "credential": credential})
    assert answer.status_code == 200
    assert not Authenticator.objects.exists()


@pytest.mark.parametrize("credential", ["", "{}", '{"id": "MQ"}'])
def test_nonsense_does_not_confirm_anybody(as_ana, page, ana, credential):
    Authenticator.objects.create(
        user=ana.user, type=Authenticator.Type.WEBAUTHN, data={"name": "x", "credential": {}}
    )
    as_ana.post(page("entrar/confirmar/llave/"), {"credential": credential})
    assert as_ana.get(page(f"{SECURITY}aplicacion/")).status_code == 302


def test_sessions_that_ran_out_are_forgotten(client, ana, enter, settings):
    enter(client)
    before = timezone.now() - timedelta(seconds=settings.SESSION_COOKIE_AGE + 60)
    UserSession.objects.create(
        user=ana.user, session_key="old", ip="10.0.0.1", user_agent="x", last_seen_at=before
    )
    forget()
    assert UserSession.objects.get().session_key == client.session.session_key


def test_when_a_session_was_last_used_is_written_down_now_and_then(client, ana, page, enter):
    enter(client)
    session = UserSession.objects.get()
    assert client.get(page(), REMOTE_ADDR="10.0.0.7").status_code == 200
    session.refresh_from_db()
    assert session.ip == "10.0.0.7"  # the first page of this session that the process served
    client.get(page(), REMOTE_ADDR="10.0.0.8")
    session.refresh_from_db()
    assert session.ip == "10.0.0.7"  # and not each of them


def test_under_another_key_no_code_fits_until_the_old_key_is_known(
    application, client, page, enter, settings
):
    old, settings.SECRET_KEY = settings.SECRET_KEY, "quite another key"
    client.logout()
    enter(client)
    code = code_of(application, ahead=1)
    answer = client.post(page("entrar/segundo-paso/"), {"code": code})
    assert "Eso no vale" in answer.content.decode()
    settings.SECRET_KEY_FALLBACKS = [old]
    assert client.post(page("entrar/segundo-paso/"), {"code": code}).url == page()
