"""Ajustes in a real browser: passkeys and codes with a virtual authenticator, sessions, data."""

import re
import time
import zipfile

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from playwright.sync_api import expect

from tests.browser.conftest import PASSWORD, log_in
from tests.browser.looks import in_each_look
from tests.browser.test_pages import scrolls_sideways, violations

pytestmark = pytest.mark.browser

SECURITY = "ajustes/seguridad/"
PEOPLE = {"keys": "202", "codes": "204", "looks": "203"}
"""Each journey changes how somebody gets in, so that each has a person of its own."""


def add_authenticator(page):
    """A telephone with a fingerprint reader, as far as the browser can tell."""
    protocol = page.context.new_cdp_session(page)
    protocol.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    made = protocol.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    return lambda fits: protocol.send(
        "WebAuthn.setUserVerified",
        {"authenticatorId": made["authenticatorId"], "isUserVerified": fits},
    )


def confirm(page):
    """The password again, which changes of this kind ask for."""
    page.get_by_label("Contraseña").fill(PASSWORD)
    page.get_by_role("button", name="Seguir").click()


def leave(page):
    page.locator(".account > summary").click()
    with page.expect_navigation():
        page.get_by_role("button", name="Cerrar sesión").click()


def enter(page, portal, number):
    log_in(page, portal, number)
    expect(page.get_by_role("heading", level=1)).not_to_have_text("Entrar")


def code_of(secret, ahead=0):
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30 + ahead))


def test_a_passkey_is_added_opens_the_door_and_is_taken_away(portal, visit):
    page = visit()
    finger_fits = add_authenticator(page)
    enter(page, portal, PEOPLE["keys"])
    page.goto(portal.url(SECURITY))
    page.get_by_role("link", name="Añadir llave").click()
    confirm(page)
    page.get_by_label("Nombre de la llave").fill("Portátil")
    page.get_by_role("button", name="Crear llave").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Códigos de recuperación")

    leave(page)
    page.goto(portal.url())
    finger_fits(False)
    page.get_by_role("button", name="Usar una llave de acceso").click()
    expect(page.get_by_role("alert")).to_contain_text("No se ha usado ninguna llave")
    finger_fits(True)
    page.get_by_role("button", name="Usar una llave de acceso").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Ahora mismo")

    leave(page)
    log_in(page, portal, PEOPLE["keys"])  # the password alone is not enough any more
    expect(page.get_by_role("heading", level=1)).to_have_text("Segundo paso")
    page.get_by_role("button", name="Usar una llave de acceso").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Ahora mismo")

    page.goto(portal.url(f"{SECURITY}entradas/"))
    first = page.get_by_role("main").locator(".rows > li").first
    expect(first).to_contain_text("Contraseña y llave de acceso")
    page.goto(portal.url(SECURITY))
    page.get_by_role("link", name="Quitar llave Portátil").click()
    page.get_by_role("link", name="Usar una llave de acceso").click()
    page.get_by_role("button", name="Usar la llave").click()
    page.get_by_role("button", name="Quitar llave").click()
    expect(page.get_by_text("Con una llave de acceso entras sin contraseña")).to_be_visible()


def test_the_application_and_the_recovery_codes_open_the_door(portal, visit):
    page = visit()
    enter(page, portal, PEOPLE["codes"])
    page.goto(portal.url(SECURITY))
    page.get_by_role("link", name="Activar aplicación").click()
    confirm(page)
    expect(page.get_by_role("img", name="Código QR")).to_be_visible()
    secret = page.locator(".secret").inner_text()
    page.get_by_label("Código que muestra").fill("000000")
    page.get_by_role("button", name="Activar aplicación").click()
    expect(page.get_by_role("alert")).to_contain_text("Eso no vale")
    assert page.locator(".secret").inner_text() == secret
    page.get_by_label("Código que muestra").fill(code_of(secret))
    page.get_by_role("button", name="Activar aplicación").click()
    expect(page.locator(".codes li")).to_have_count(10)
    codes = page.locator(".codes li").all_inner_texts()

    for code in (code_of(secret, ahead=1), codes[3]):
        leave(page)
        log_in(page, portal, PEOPLE["codes"])
        page.get_by_label("Código").fill(code)
        page.get_by_role("button", name="Entrar", exact=True).click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Ahora mismo")
    page.goto(portal.url(SECURITY))
    expect(page.get_by_text("Te quedan 9")).to_be_visible()
    page.get_by_role("link", name="Quitar aplicación").click()
    confirm(page)
    page.get_by_role("button", name="Quitar aplicación").click()
    expect(page.get_by_text("Sin activar")).to_be_visible()


def test_a_session_elsewhere_is_closed_from_here(portal, visit, logged_in):
    logged_in.cache_clear()  # what the other tests kept may be among those that are closed
    elsewhere, page = visit(), visit()
    for each in (elsewhere, page):
        enter(each, portal, PEOPLE["looks"])
    page.goto(portal.url(SECURITY))
    page.get_by_role("button", name="Cerrar las demás").click()
    expect(page.get_by_role("status").first).to_contain_text(re.compile("sesi(ón|ones) cerrada"))
    elsewhere.goto(portal.url("ajustes/"))
    expect(elsewhere.get_by_role("heading", level=1)).to_have_text("Entrar")


def test_contact_data_is_kept_when_something_is_wrong_and_saved_when_nothing_is(portal, visit):
    page = visit("203")
    page.goto(portal.url("ajustes/"))
    page.get_by_label("Departamento").fill("Compras")
    page.get_by_label("Correo", exact=True).fill("no es un correo")
    page.get_by_role("button", name="Guardar datos").click()
    expect(page.get_by_role("alert")).to_contain_text("una sola dirección")
    assert violations(page) == []
    expect(page.get_by_label("Departamento")).to_have_value("Compras")
    page.get_by_label("Correo", exact=True).fill("carla@empresa.es")
    page.get_by_role("button", name="Guardar datos").click()
    expect(page.get_by_role("status").first).to_contain_text("Datos guardados")
    expect(page.get_by_label("Correo", exact=True)).to_have_value("carla@empresa.es")


def test_all_own_data_is_downloaded_from_ajustes_also_without_javascript(portal, visit):
    page = visit("201", javascript=False)
    page.goto(portal.url("ajustes/"))
    with page.expect_download() as arriving:
        page.get_by_role("button", name="Descargar mis datos").click()
    file = arriving.value
    assert re.fullmatch(r"webfon-201-\d{4}-\d\d-\d\d\.zip", file.suggested_filename)
    with zipfile.ZipFile(file.path()) as package:
        assert package.testzip() is None
        names = package.namelist()
        assert any(name.startswith("buzon/mensajes/") for name in names)
        assert package.read("historial/llamadas.csv").count(b"\n") > 10
        assert b"BEGIN:VCARD" in package.read("agenda/contactos.vcf")


@in_each_look
def test_no_page_of_getting_in_has_a_fault(portal, visit, width, theme):
    page, found = visit(width=width, theme=theme), {}
    add_authenticator(page)

    def look(name):
        found[name] = violations(page) + ["scrolls"] * scrolls_sideways(page)

    enter(page, portal, "301")
    page.goto(portal.url("ajustes/"))
    look("ajustes")
    page.goto(portal.url(f"{SECURITY}llaves/nueva/"))
    look("confirm")
    confirm(page)
    look("new")
    page.get_by_role("button", name="Crear llave").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Códigos de recuperación")
    look("codes")
    for path in ("", "entradas/", "aplicacion/", "codigos/nuevos/"):
        page.goto(portal.url(SECURITY + path))
        look(path)
    page.goto(portal.url("entrar/confirmar/llave/"))
    look("confirm with a key")
    for link in ("Cambiar nombre", "Quitar llave"):
        page.goto(portal.url(SECURITY))
        page.get_by_role("link", name=link).first.click()
        look(link)
    page.get_by_role("button", name="Quitar llave").click()
    expect(page.get_by_text("Con una llave de acceso entras sin contraseña")).to_be_visible()
    look("none")
    assert {name: faults for name, faults in found.items() if faults} == {}
