"""The page of the clave de acceso."""

import pytest

from desvios.apply import apply_pending, reconcile
from portal.models import AuditEvent
from portal.pbx.logins import Deed, matches

pytestmark = pytest.mark.django_db(databases="__all__")


@pytest.fixture
def send(as_ana, page):
    return lambda code, again=None: as_ana.post(
        page("ajustes/clave/"), {"code": code, "again": code if again is None else again}
    )


def test_a_new_clave_is_stored_hashed_logged_and_opens_a_telephone(send, ana, node):
    assert send("864209").status_code == 302
    ana.refresh_from_db()
    assert "864209" not in ana.access_code
    assert matches("864209", ana.access_code)
    event = AuditEvent.objects.get(subscriber=ana)
    assert (event.before, event.after) == ({"access_code": False}, {"access_code": True})
    apply_pending()
    assert node().logins.log_in("202", "9201", "864209") is Deed.IN
    send("753108")
    apply_pending()
    assert node().logins.log_in("203", "9201", "864209") is Deed.WRONG
    assert node().logins.log_in("203", "9201", "753108") is Deed.IN


@pytest.mark.parametrize(
    "code",
    ["", "12345", "1234567890123", "abcdef", "12345a", "86420 9", "٨٦٤٢٠٩"],
)
def test_a_clave_is_six_to_twelve_digits(send, ana, code):
    answer = send(code)
    assert answer.status_code == 422
    assert answer.context["form"].errors["code"]
    ana.refresh_from_db()
    assert ana.access_code == ""


@pytest.mark.parametrize("code", ["000000", "123456", "987654", "890123", "92019201"])
def test_a_clave_that_others_would_try_first_is_refused(send, ana, code):
    ana.access_pin = "92019201"
    ana.save()
    assert "se adivina" in send(code).context["form"].errors["code"][0]


def test_both_times_it_is_the_same_clave(send, ana):
    answer = send("864209", "864208")
    assert answer.context["form"].errors["again"]
    assert "864209" not in answer.content.decode()


def test_the_page_says_how_to_log_in(as_ana, ana, page, settings):
    text = as_ana.get(page("ajustes/clave/")).content.decode()
    for words in ("*11", "*12", "9201", "Poner clave de acceso"):
        assert words in text
    settings.FEATURE_CODES = {"login": "", "logout": ""}
    text = as_ana.get(page("ajustes/clave/")).content.decode()
    assert "no se puede entrar en otros teléfonos" in text


def test_a_node_that_lost_a_clave_is_repaired(send, ana, node):
    send("864209")
    apply_pending()
    node().keys.delete(["code/9201"])
    assert reconcile(node().name) == 1
    ana.refresh_from_db()
    ana.access_pin = "7201"
    ana.revision += 1
    ana.save()
    apply_pending()
    assert node().keys.get(["code/9201", "code/7201"]).keys() == {"code/7201"}


def test_somebody_who_is_gone_is_at_no_telephone_and_has_no_pin(send, ana, node):
    send("864209")
    apply_pending()
    assert node().logins.log_in("202", "9201", "864209") is Deed.IN
    ana.delete()
    apply_pending()
    keys = ["who/202", "since/202", "at/201", "pin/201", "code/9201", "plan/201"]
    assert node().keys.get(keys) == {}
