"""Greetings in a real browser: recording with its microphone, and at the telephone."""

from io import BytesIO

import numpy as np
import pytest
import soundfile
from playwright.sync_api import expect

from tests.browser.test_clicks import Hand
from tests.browser.test_pages import scrolls_sideways, violations

pytestmark = pytest.mark.browser


def card(page, name):
    return page.get_by_role("region", name=name)


def sound(page, portal, word):
    """What callers hear of a greeting: samples and their rate."""
    answer = page.request.get(portal.url(f"buzon/saludos/{word}/sonido.wav"))
    assert answer.status == 200
    return soundfile.read(BytesIO(answer.body()), dtype="float32")


def remove(page, name):
    card(page, name).get_by_role("button", name="Quitar").click()
    page.get_by_role("button", name="Quitar").click()
    expect(page.get_by_role("status")).to_contain_text("quitado")


def test_recording_listening_and_saving(visit, portal):
    page = visit("203")
    page.goto(portal.url("buzon/saludos/"))
    greeting = card(page, "Cuando no contestas")
    expect(greeting).to_contain_text("Voz de la centralita")
    expect(greeting.get_by_role("button", name="Guardar")).to_be_hidden()
    greeting.get_by_role("button", name="Grabar", exact=True).click()
    expect(greeting.get_by_role("meter")).to_be_visible()
    stop = greeting.get_by_role("button", name="Parar")
    expect(stop).to_be_focused()
    expect(greeting.get_by_role("timer")).to_contain_text("0:02 / 3:00")
    stop.click()
    expect(greeting.get_by_role("timer")).to_have_text("0:02")
    listen = greeting.get_by_role("button", name="Escuchar")
    listen.click()
    expect(greeting.get_by_role("button", name="Parar")).to_be_visible()
    expect(listen).to_be_visible()  # again, once it has been heard
    assert violations(page) == []
    greeting.get_by_role("button", name="Guardar").click()
    expect(page.get_by_role("status")).to_contain_text("Quien llame lo oye desde ahora")
    expect(greeting).to_contain_text("Grabado")

    samples, rate = sound(page, portal, "ausente")
    assert rate == 8000
    assert 2 <= len(samples) / rate < 4
    assert np.abs(samples).max() > 0.1  # the microphone's beep
    greeting.get_by_role("button", name="Reproducir").click()
    expect(greeting.get_by_role("button", name="Pausa")).to_be_visible()
    remove(page, "Cuando no contestas")
    expect(greeting).to_contain_text("Voz de la centralita")


def test_changing_the_greeting_takes_three_clicks_from_the_start_page(visit, portal):
    page = visit("203")
    page.goto(portal.url())
    hand = Hand()
    hand.click(page.get_by_role("link", name="Cambiar los saludos"))
    greeting = card(page, "Cuando estás hablando")
    hand.click(greeting.get_by_role("button", name="Grabar", exact=True))
    expect(greeting.get_by_role("timer")).to_contain_text("0:01")
    hand.click(greeting.get_by_role("button", name="Guardar"))
    expect(page.get_by_role("status")).to_contain_text("Quien llame lo oye desde ahora")
    assert hand.clicks <= 3
    samples, rate = sound(page, portal, "ocupado")
    assert len(samples) / rate >= 1
    remove(page, "Cuando estás hablando")


def test_recording_at_the_telephone_and_using_it(visit, portal):
    page = visit("203", width=390)
    page.goto(portal.url("buzon/saludos/"))
    greeting = card(page, "Tu nombre")
    greeting.get_by_role("button", name="Grabar en mi teléfono").click()
    expect(greeting).to_contain_text("Tu teléfono está sonando")
    expect(greeting).to_contain_text("Lo que has grabado en el teléfono", timeout=20_000)
    assert violations(page) == []
    assert not scrolls_sideways(page)
    greeting.get_by_role("button", name="Reproducir").click()
    expect(greeting.get_by_role("button", name="Pausa")).to_be_visible()
    greeting.get_by_role("button", name="Usar esta grabación").click()
    expect(greeting).to_contain_text("Grabado")
    assert len(sound(page, portal, "nombre")[0]) > 8000
    remove(page, "Tu nombre")


def test_without_a_microphone_the_page_says_what_to_do(visit, portal):
    page = visit("203")
    page.add_init_script(
        "navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('no'))"
    )
    page.goto(portal.url("buzon/saludos/"))
    greeting = card(page, "Saludo temporal")
    greeting.get_by_role("button", name="Grabar", exact=True).click()
    expect(greeting.get_by_role("alert")).to_contain_text("Dale permiso en el navegador")
    expect(greeting.get_by_role("button", name="Grabar", exact=True)).to_be_visible()


def test_uploading_without_javascript(visit, portal):
    page = visit("203", javascript=False)
    page.goto(portal.url("buzon/saludos/"))
    greeting = card(page, "Saludo temporal")
    expect(greeting.get_by_role("button", name="Grabar", exact=True)).to_be_hidden()
    file = BytesIO()
    soundfile.write(file, np.sin(np.arange(32000) / 10) / 2, 16000, format="WAV")
    greeting.get_by_label("Grabación").set_input_files(
        {"name": "saludo.wav", "mimeType": "audio/wav", "buffer": file.getvalue()}
    )
    greeting.get_by_label("Hasta").fill("2099-01-01T10:00")
    greeting.get_by_role("button", name="Guardar").click()
    expect(greeting).to_contain_text("Se oye hasta 1 ene 2099, 10:00")
    expect(greeting.locator("audio[controls]")).to_be_visible()
    remove(page, "Saludo temporal")
