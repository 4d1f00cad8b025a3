"""From the caller's voice to the owner's browser and back: the whole product, real calls."""

import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from io import BytesIO
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from tests.asterisk import rtp
from tests.asterisk.exchange import wait_until
from tests.asterisk.instance import Instance
from tests.asterisk.mailboxes import hertz_of
from tests.asterisk.product import PASSWORD, Product, beside, log_in
from tests.asterisk.relay import Holder
from tests.asterisk.test_voicemail_access import listen_until, opens
from tests.buzon.mail_server import MailServer, mail_server
from tests.buzon.sounds import tone
from tests.deadlines import SLACK

pytestmark = [pytest.mark.asterisk, pytest.mark.browser]

AT_ONCE, SOON = 1.0 + SLACK, 2.0 + SLACK
"""Seconds until a lamp knows, and until an open page or a mail server does."""

TONE = 850

PEOPLE = f"""
from django.contrib.auth.models import User
from django.utils import timezone
from buzon.models import MailboxOptions
from desvios.models import ForwardingRules
from portal.models import Device, NumberPattern, ServiceClass, Subscriber
internal = ServiceClass.objects.create(name="Interna", code="internal")
NumberPattern.objects.create(service_class=internal, label="Internos", pattern="[23]XX")
for number, name in [("201", "Ana López"), ("202", "Bruno"), ("203", "Carla")]:
    user = User.objects.create_user("user" + number, password={PASSWORD!r})
    subscriber = Subscriber.objects.create(
        user=user, number=number, display_name=name, mailbox=number + "@default",
        call_class=internal, forward_class=internal,
    )
    Device.objects.create(name=number, owner=subscriber)
ana = Subscriber.objects.get(number="201")
ForwardingRules.objects.create(subscriber=ana, unconditional_to_voicemail=True)
MailboxOptions.objects.update_or_create(subscriber=ana, defaults=dict(
    notice="recording", email="ana@example.com",
    notices_since=timezone.now().replace(microsecond=0),
))
"""


@pytest.fixture(scope="module")
def asterisk(start_asterisk) -> Instance:
    """An Asterisk of its own: PIN and greetings change, and it is stopped."""
    instance = start_asterisk()
    instance.record_greetings()
    return instance


@pytest.fixture(scope="module")
def mail() -> Iterator[MailServer]:
    """A mail server."""
    with mail_server() as server:
        yield server


@pytest.fixture(scope="module")
def product(asterisk, mail, tmp_path_factory) -> Iterator[Product]:
    folder = tmp_path_factory.mktemp("portal")
    made = beside(asterisk, folder, PEOPLE, EMAIL_URL=f"smtp://127.0.0.1:{mail.port}")
    made.start_link()
    made.start_web()
    admin = asterisk.admin()
    for number in ("201", "202", "203"):
        plan = {"Family": "webfon", "Key": f"plan/{number}"}
        wait_until(lambda plan=plan: admin.act("DBGet", **plan)["Response"] == "Success", 20)
    admin.close()
    yield made
    made.kill_link()
    made.kill_web()


@pytest.fixture(scope="module")
def ana(browser, product) -> Page:
    """The browser of 201."""
    return log_in(browser, product, "201")[1]


@pytest.fixture(scope="module")
def carla(browser, product) -> Page:
    """The browser of 203."""
    return log_in(browser, product, "203")[1]


def row(page, msg_id):
    return page.get_by_role("listitem").filter(has=page.locator(f"#tick-{msg_id}"))


def lit(telephone, new, old):
    """Wait until the lamp was told so."""
    telephone.wait_for_notify(lambda each: f"Voice-Message: {new}/{old}" in each.body, AT_ONCE)


def tab(page, new):
    """Wait until the tab counts so many."""
    texts = {0: "Mensaje de voz", 1: "Mensaje de voz (1 nuevo)"}
    name = texts.get(new, f"Mensaje de voz ({new} nuevos)")
    expect(page.get_by_role("link", name=name, exact=True)).to_be_visible(timeout=SOON * 1000)


def says(page, text):
    expect(page.get_by_role("status").first).to_contain_text(text)


def sound(page, address):
    """The samples of a recording that the portal serves."""
    answer = page.request.get(address)
    assert answer.status == 200
    return rtp.samples_of(BytesIO(answer.body()))


def leave(caller, box, seconds=0.6):
    """Call 201 and say a tone; returns when the caller hung up."""
    with caller.in_call("201") as call:
        wait_until(lambda: list((box.path / "tmp").glob("*.wav")))
        caller.sound.send_tone(call.rtp, TONE, seconds)


def heard_by_a_caller(caller, seconds):
    """Call 201 and say nothing; what is heard meanwhile."""
    with caller.in_call("201") as call:
        caller.sound.heard()
        caller.sound.send_tone(call.rtp, 0, seconds)
        return caller.sound.heard()


def likeness(heard, said):
    """How much of what was said is in what was heard, wherever it begins, from 0 to 1."""
    a, b = np.array(heard, float), np.array(said, float)
    assert len(a) > len(b)
    size = len(a) + len(b)
    products = np.fft.irfft(np.fft.rfft(a, size) * np.conj(np.fft.rfft(b, size)), size)
    begin = int(np.argmax(products[: len(a) - len(b)]))
    part = a[begin : begin + len(b)]
    return float(part @ b / (np.linalg.norm(part) * np.linalg.norm(b) or 1))


def test_a_message_appears_by_itself_is_heard_and_the_lamp_goes_out(
    product, ana, mail, phone, boxes
):
    lamp, caller = phone("201"), phone("202")
    ana.goto(f"{product.address}buzon/")
    expect(ana.get_by_text("Aquí estarán los mensajes")).to_be_visible()
    leave(caller, boxes["201"])
    new = ana.get_by_role("listitem").filter(has_text="Bruno").filter(has_text="Nuevo")
    expect(new).to_be_visible(timeout=SOON * 1000)
    tab(ana, 1)
    lit(lamp, 1, 0)
    wait_until(lambda: mail.letters, 4)
    (letter,) = mail.letters
    assert (letter["To"], letter["Subject"]) == ("ana@example.com", "Mensaje de voz de Bruno")
    (attached,) = letter.iter_attachments()
    assert rtp.share(rtp.samples_of(BytesIO(attached.get_content()))[-3200:-800], TONE) > 0.9

    answers = []
    ana.on("response", lambda each: answers.append(each) if "sonido.wav" in each.url else None)
    lamp.notifies.clear()
    clicked = time.monotonic()
    ana.get_by_role("link", name="Escuchar a Bruno").click()
    lit(lamp, 0, 1)
    assert time.monotonic() - clicked < AT_ONCE
    expect(ana.get_by_text("Nuevo", exact=True)).to_have_count(0)
    tab(ana, 0)
    assert {each.status for each in answers} == {206}
    assert rtp.share(sound(ana, answers[0].url)[-3200:-800], TONE) > 0.9
    assert list(boxes["201"].path.glob("Old/msg0000.txt"))


def test_messages_are_deleted_brought_back_and_moved(product, ana, phone, boxes):
    lamp, box = phone("201"), boxes["201"]
    first, second, third = box.leave(3)
    ana.goto(f"{product.address}buzon/")
    lamp.notifies.clear()
    row(ana, second).get_by_role("button", name="Borrar").click()
    lit(lamp, 2, 0)
    expect(row(ana, second)).to_have_count(0)
    assert box.found() == {first: "INBOX", second: "Cust5", third: "INBOX"}
    lamp.notifies.clear()
    ana.get_by_role("status").get_by_role("button", name="Deshacer").click()
    lit(lamp, 3, 0)
    expect(row(ana, second)).to_contain_text("Nuevo")

    for each in (first, third):
        row(ana, each).get_by_role("checkbox").check()
    bar = ana.get_by_role("group", name="Con los mensajes elegidos")
    bar.get_by_label("Carpeta").select_option("Familia")
    bar.get_by_role("button", name="Mover").click()
    says(ana, "2 mensajes movidos a «Familia»")
    lit(lamp, 1, 0)
    tab(ana, 1)
    assert box.found() == {first: "Family", second: "INBOX", third: "Family"}


def test_a_message_sent_on_shows_at_the_colleagues_page_and_telephone(
    product, ana, carla, phone, boxes
):
    (msg_id,) = boxes["201"].leave(1)
    lamp = phone("203")
    carla.goto(f"{product.address}buzon/")
    ana.goto(f"{product.address}buzon/mensaje/{msg_id}/reenviar/")
    ana.get_by_label("Para").fill("203")
    ana.get_by_label("Nota").fill("¿Lo miras tú?")
    lamp.notifies.clear()
    ana.get_by_role("button", name="Reenviar").click()
    lit(lamp, 1, 0)
    says(ana, "Reenviado a Carla")
    expect(row(carla, msg_id)).to_contain_text("De Ana López: «¿Lo miras tú?»", timeout=2000)
    tab(carla, 1)
    assert (
        rtp.share(
            sound(carla, f"{product.address}buzon/mensaje/{msg_id}/sonido.wav"), hertz_of(msg_id)
        )
        > 0.9
    )
    assert boxes["201"].found() == {msg_id: "INBOX"}


def test_a_message_is_played_at_the_telephone(product, ana, phone, boxes):
    (msg_id,) = boxes["201"].leave(1)
    telephone = phone("201")
    ana.goto(f"{product.address}buzon/mensaje/{msg_id}/")
    ana.get_by_role("button", name="Escuchar en mi teléfono").click()
    telephone.wait_for_call()
    telephone.wait_until_hung_up()
    assert rtp.share(telephone.sound.heard(), hertz_of(msg_id)) > 0.9
    lit(telephone, 0, 1)
    expect(ana.locator("#estado")).to_have_text("Oído", timeout=SOON * 1000)


def test_callers_hear_the_greeting_recorded_in_the_browser_and_the_temporary_one_until_its_end(
    product, ana, phone, boxes
):
    caller = phone("202")
    ana.goto(f"{product.address}buzon/saludos/")
    usual = ana.get_by_role("region", name="Cuando no contestas")
    usual.get_by_role("button", name="Grabar", exact=True).click()
    expect(usual.get_by_role("timer")).to_contain_text("0:02")
    usual.get_by_role("button", name="Guardar").click()
    says(ana, "Quien llame lo oye desde ahora")
    recorded = sound(ana, f"{product.address}buzon/saludos/ausente/sonido.wav")
    assert max(map(abs, recorded)) > 3000  # the microphone's beep
    assert likeness(heard_by_a_caller(caller, 3.2), recorded) > 0.9

    until = datetime.now(ZoneInfo("Europe/Madrid")) + timedelta(seconds=3)
    temporary = ana.get_by_role("region", name="Saludo temporal")
    file = {"name": "saludo.wav", "mimeType": "audio/wav", "buffer": tone(seconds=1.0)}
    temporary.locator("input[type=file]").set_input_files(file)
    temporary.get_by_label("Hasta").fill(f"{until:%Y-%m-%dT%H:%M:%S}")
    temporary.get_by_role("button", name="Guardar").click()
    says(ana, "Quien llame lo oye desde ahora")
    uploaded = sound(ana, f"{product.address}buzon/saludos/temporal/sonido.wav")
    product.kill_link()
    assert likeness(heard_by_a_caller(caller, 1.6), uploaded) > 0.9
    wait_until(lambda: datetime.now(until.tzinfo) > until)
    product.start_link()  # does what became due while there was none
    wait_until(lambda: not (boxes["201"].path / "temp.wav").exists(), 15)
    assert likeness(heard_by_a_caller(caller, 3.2), recorded) > 0.9


def test_the_page_gives_way_to_the_telephone_that_has_the_mailbox_open(product, ana, phone, boxes):
    (msg_id,) = boxes["201"].leave(1)
    telephone = phone("201")
    ana.goto(f"{product.address}buzon/")
    delete = row(ana, msg_id).get_by_role("button", name="Borrar")
    with telephone.in_call("*97"):
        delete.click()
        says(ana, "Tienes el buzón abierto en el teléfono: cuelga y vuelve a intentarlo.")
        assert boxes["201"].found() == {msg_id: "INBOX"}
    wait_until(lambda: deleted(ana, delete))
    assert boxes["201"].found() == {msg_id: "Cust5"}


def deleted(page, button):
    """Whether it could be deleted now: a moment passes until Asterisk has closed the mailbox."""
    button.click()
    notices = page.get_by_role("status").first
    expect(notices).to_contain_text(".")
    return "borrado" in notices.inner_text()


def test_a_pin_set_on_the_page_opens_the_mailbox_at_once_and_the_old_one_does_not(
    product, ana, phone, boxes
):
    (msg_id,) = boxes["201"].leave(1, seconds=3.0)
    telephone = phone("201")
    ana.goto(f"{product.address}buzon/opciones/")
    ana.get_by_label("PIN nuevo del buzón").fill("7391")
    ana.get_by_label("PIN nuevo, otra vez").fill("7391")
    ana.get_by_role("button", name="Guardar opciones").click()
    says(ana, "guardad")
    assert not opens(telephone, "1111", msg_id)
    with telephone.in_call("*97") as call:
        telephone.press(call, "7391#1")
        listen_until(telephone, call, hertz_of(msg_id))


@pytest.fixture
def holder(product, asterisk) -> Iterator[Holder]:
    """Between web and node, which gets only three of the moves that it is sent."""
    relay = Holder(asterisk.ami, "VoicemailMove", 3)
    _start_again(product, relay.port)
    yield relay
    _start_again(product, asterisk.ami)
    relay.close()


def _start_again(product, port):
    product.kill_web()
    product.env["WEBFON_MADRID_PORT"] = str(port)
    product.start_web()


def test_the_web_killed_while_it_deletes_loses_nothing(product, ana, boxes, holder):
    box = boxes["201"]
    ids = set(box.leave(25, seconds=0.2))
    ana.goto(f"{product.address}buzon/")
    row(ana, min(ids)).get_by_role("checkbox").check()
    bar = ana.get_by_role("group", name="Con los mensajes elegidos")
    bar.get_by_role("checkbox", name="Todos").check()
    bar.get_by_role("button", name="Borrar").click(no_wait_after=True)
    assert holder.holds.wait(10)
    product.kill_web()
    wait_until(lambda: len(list(box.path.glob("Cust5/*.txt"))) == 3)
    wait_until(box.is_at_rest)
    found = box.found()
    assert found.keys() == ids
    assert sum(folder == "Cust5" for folder in found.values()) == 3

    product.start_web()
    ana.goto(f"{product.address}buzon/")
    expect(ana.locator("[name=ids]")).to_have_count(22)
    tab(ana, 22)
    ana.get_by_role("link", name="Papelera").click()
    expect(ana.locator("[name=ids]")).to_have_count(3)


def test_with_asterisk_stopped_the_list_stands_and_says_why_nothing_can_be_done(
    product, ana, asterisk, boxes
):
    (msg_id,) = boxes["201"].leave(1)
    asterisk.stop()
    try:
        ana.goto(f"{product.address}buzon/")
        expect(row(ana, msg_id)).to_contain_text("Nuevo")
        row(ana, msg_id).get_by_role("button", name="Borrar").click()
        says(ana, "La centralita no responde y no se ha cambiado nada más.")
        assert boxes["201"].found() == {msg_id: "INBOX"}
    finally:
        asterisk.start()
