"""From the clave that is set in the browser to the telephone that rings: the whole product."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.asterisk.exchange import Exchange, wait_until
from tests.asterisk.instance import Instance
from tests.asterisk.mailboxes import Box
from tests.asterisk.phone import Phone
from tests.asterisk.product import PASSWORD, Product, beside, log_in
from tests.asterisk.test_movilidad import get
from tests.asterisk.test_movilidad import log_in as key_in

pytestmark = [pytest.mark.asterisk, pytest.mark.browser, pytest.mark.timeout(240)]

PIN, CODE = "9201", "864209"

PEOPLE = f"""
from django.contrib.auth.models import User
from portal.models import Device, NumberPattern, ServiceClass, Subscriber
internal = ServiceClass.objects.create(name="Interna", code="internal")
NumberPattern.objects.create(service_class=internal, label="Internos", pattern="[23]XX")
for number, name in [("201", "Ana López"), ("202", "Bruno"), ("203", "Carla")]:
    user = User.objects.create_user("user" + number, password={PASSWORD!r})
    subscriber = Subscriber.objects.create(
        user=user, number=number, display_name=name, mailbox=number + "@default",
        access_pin="9" + number, call_class=internal, forward_class=internal,
    )
    Device.objects.create(name=number, owner=subscriber, description="Mesa de " + name)
"""


@pytest.fixture(scope="module")
def asterisk(start_asterisk) -> Instance:
    """An Asterisk of its own, which loses a key."""
    return start_asterisk()


@pytest.fixture
def exchange(asterisk) -> Iterator[Exchange]:
    exchange = Exchange(asterisk)
    yield exchange
    exchange.close()


@pytest.fixture
def product(asterisk, tmp_path) -> Iterator[Product]:
    made = beside(asterisk, tmp_path, PEOPLE)
    made.start_link()
    made.start_web()
    yield made
    made.kill_web()
    made.kill_link()


@pytest.fixture
def page(product, browser) -> Iterator[Page]:
    context, page = log_in(browser, product, "201")
    yield page
    context.close()


@pytest.fixture
def phone(asterisk) -> Iterator:
    made: list[Phone] = []

    def make(user, behaviour="answer"):
        made.append(Phone(user, asterisk.sip, behaviour=behaviour))
        return made[-1].register()

    yield make
    for each in made:
        each.close()


def test_a_clave_set_in_the_browser_opens_a_telephone_which_is_left_there_too(
    asterisk, exchange, product, page, phone
):
    own, other, caller = phone("201"), phone("203"), phone("202")
    Box(asterisk.spool, "201@default").leave(2)
    page.goto(f"{product.address}ajustes/clave/")
    page.get_by_label("Clave nueva", exact=True).fill(CODE)
    page.get_by_label("Otra vez la clave nueva").fill(CODE)
    page.get_by_role("button", name="Guardar clave").click()
    page.get_by_text("Clave guardada").wait_for()
    wait_until(lambda: get(exchange, f"code/{PIN}").startswith("201:"))
    page.goto(f"{product.address}informacion/")
    other.notifies.clear()

    assert key_in(exchange, other, PIN, CODE) == ("in", "201")
    there = page.get_by_role("listitem").filter(has_text="Mesa de Carla")
    expect(there).to_contain_text("Has entrado aquí")  # without anybody loading the page again
    other.wait_for_notify(lambda notify: "Voice-Message: 2/0" in notify.body, 10)
    caller.call("201")
    assert (len(own.calls), len(other.calls)) == (0, 1)

    there.get_by_role("button", name="Salir de este teléfono").click()
    page.get_by_text("Has salido del teléfono 203.").wait_for()
    assert not any(get(exchange, key) for key in ("who/203", "at/201", "since/203"))
    caller.call("201")
    assert (len(own.calls), len(other.calls)) == (1, 1)
    page.goto(f"{product.address}ajustes/seguridad/entradas/")
    telephone = page.get_by_role("listitem").filter(has_text="teléfono 203")
    expect(telephone.filter(has_text="Entró")).to_have_count(1)
    expect(telephone.filter(has_text="Salió")).to_have_count(1)

    product.kill_link()
    exchange.ami.act("DBDel", Family="webfon", Key=f"code/{PIN}")
    assert key_in(exchange, other, PIN, CODE) == ("wrong", "")
    product.start_link()
    wait_until(lambda: get(exchange, f"code/{PIN}").startswith("201:"), 20)
    assert key_in(exchange, other, PIN, CODE) == ("in", "201")
