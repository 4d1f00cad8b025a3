"""An address book comes in, in three clicks, and goes out again, with and without JavaScript."""

from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.browser.looks import in_each_look

pytestmark = pytest.mark.browser

FILES = Path(__file__).parent.parent / "agenda/exchange/files"
WHO = "204"
RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],
}


def faults(page):
    found = Axe().run(page, options=RULES).response["violations"]
    sideways = page.evaluate("document.documentElement.scrollWidth > innerWidth")
    return [(each["id"], [node["html"] for node in each["nodes"]]) for each in found], sideways


FINE = ([], False)


def table(tmp_path, *lines):
    """A file as a spreadsheet writes it."""
    file = tmp_path / "agenda.csv"
    head = "Nombre;Apellido 1;Empresa;Teléfono;Correo"
    file.write_bytes("\r\n".join([head, *lines]).encode("cp1252"))
    return file


def take_back(page):
    page.get_by_role("button", name="Deshacer la importación").click()
    expect(page.get_by_text("todo está como antes")).to_be_visible()
    page.get_by_role("button", name="Descartar el archivo").click()


def test_an_address_book_takes_three_clicks(visit, portal):
    page = visit(WHO)
    page.goto(portal.url())
    page.get_by_role("link", name="Agenda", exact=True).click()
    page.get_by_role("link", name="Importar", exact=True).click()
    page.get_by_label("Archivo de contactos").set_input_files(FILES / "android-2.1.vcf")
    expect(page.get_by_text("María José Núñez de la Fuente")).to_be_visible()
    page.get_by_role("button", name="Importar lo elegido").click()
    expect(page.get_by_text("2 contactos nuevos")).to_be_visible()
    page.get_by_role("link", name="Ver la agenda").click()
    page.get_by_label("Buscar por nombre").fill("ibañez maria")
    expect(page.get_by_role("row").filter(has_text="Ibáñez")).to_have_count(1)
    page.go_back()
    take_back(page)


def test_without_javascript_it_takes_a_button_more(visit, portal, tmp_path):
    page = visit(WHO, javascript=False, width=390)
    page.goto(portal.url("agenda/importar/"))
    file = table(tmp_path, "Eva;Gil;Acme;600112299;", "Pau;Mas;;no hay;")
    page.get_by_label("Archivo de contactos").set_input_files(file)
    page.get_by_role("button", name="Ver lo que trae").click()
    page.get_by_role("button", name="Rechazados 1").click()
    expect(page.get_by_text("«no hay»")).to_be_visible()
    page.get_by_role("button", name="Nuevos 1").click()
    page.get_by_label("Eva Gil").uncheck()
    page.get_by_role("button", name="Importar lo elegido").click()
    expect(page.get_by_text("No hay nada elegido")).to_be_visible()
    page.get_by_role("button", name="Marcar todos").click()
    page.get_by_role("button", name="Importar lo elegido").click()
    expect(page.get_by_text("1 contacto nuevo")).to_be_visible()
    take_back(page)


def test_the_columns_of_an_unknown_table_are_named(visit, portal, tmp_path):
    file = tmp_path / "raro.csv"
    file.write_text("quien,llamar\nEva Gil,600112298\n")
    page = visit(WHO)
    page.goto(portal.url("agenda/importar/"))
    page.get_by_label("Archivo de contactos").set_input_files(file)
    page.get_by_label("quien").select_option("Nombre en pantalla")
    page.get_by_label("llamar").select_option("Número de teléfono")
    assert faults(page) == FINE
    page.get_by_role("button", name="Ver lo que trae").click()
    expect(page.get_by_text("600 11 22 98")).to_be_visible()
    page.get_by_role("button", name="Descartar el archivo").click()


def test_thousands_show_how_far_they_are(visit, portal, tmp_path):
    lines = [f"P{n};Gil;Acme {n};68{n:07};p{n}@example.com" for n in range(6000)]
    page = visit(WHO)
    page.goto(portal.url("agenda/importar/"))
    page.get_by_label("Archivo de contactos").set_input_files(table(tmp_path, *lines))
    expect(page.get_by_role("progressbar")).to_be_visible()
    assert faults(page) == FINE
    choose = page.get_by_role("button", name="Importar lo elegido")
    expect(choose).to_be_visible(timeout=60_000)
    expect(page.get_by_text("Del 1 al 50 de 6000")).to_be_visible()
    choose.click()
    expect(page.get_by_text("6000 contactos nuevos")).to_be_visible(timeout=60_000)
    page.get_by_role("button", name="Deshacer la importación").click()
    expect(page.get_by_text("todo está como antes")).to_be_visible(timeout=60_000)
    page.get_by_role("button", name="Descartar el archivo").click()


@in_each_look
def test_no_step_has_a_fault(visit, portal, tmp_path, width, theme):
    file = table(
        tmp_path,
        "Eva;Gil;Acme;600112297;",
        "Pau;Mas;;no hay;",
        "Isa;Rey;Otra empresa con un nombre largo, S.L.;600112297;",
    )
    page = visit(WHO, width=width, theme=theme)
    page.goto(portal.url("agenda/importar/"))
    assert faults(page) == FINE
    page.get_by_label("Archivo de contactos").set_input_files(file)
    for kind in ("Rechazados", "Nuevos"):
        page.get_by_role("button", name=kind).click()
        expect(page.get_by_role("button", name=kind)).to_have_attribute("aria-current", "true")
        assert faults(page) == FINE
    page.get_by_role("button", name="Importar lo elegido").click()
    expect(page.get_by_text("1 contacto nuevo")).to_be_visible()
    assert faults(page) == FINE
    page.goto(portal.url("agenda/importar/"))
    better = table(tmp_path, "Eva;Gil;Acme Norte;600112297;eva@example.com")
    page.get_by_label("Archivo de contactos").set_input_files(better)
    expect(page.get_by_text("Acme → Acme Norte")).to_be_visible()
    assert faults(page) == FINE
    page.get_by_role("button", name="Descartar el archivo").click()
    page.get_by_role("link", name="agenda.csv").first.click()
    take_back(page)


@pytest.mark.parametrize(("theme", "name"), [("light", "Eva;Gil"), ("dark", "Iria;Seoane")])
def test_duplicates_and_exports_have_no_fault(visit, portal, tmp_path, theme, name):
    # Whoever was merged has been changed, and stays when the import is taken back.
    short, surname = name.replace(";", " "), name.split(";")[1]
    number = "60011229" if theme == "light" else "60011228"
    page = visit(WHO, width=390, theme=theme)
    page.goto(portal.url("agenda/importar/"))
    file = table(tmp_path, f"{name};Sol;{number}6;", f"{name} Roca;Sol;{number}5;")
    page.get_by_label("Archivo de contactos").set_input_files(file)
    page.get_by_role("button", name="Importar lo elegido").click()
    expect(page.get_by_text("2 contactos nuevos")).to_be_visible()
    page.goto(portal.url("agenda/duplicados/"))
    assert faults(page) == FINE
    page.get_by_role("button", name="Unir los marcados").first.click()
    expect(page.get_by_text("Unidos en uno")).to_be_visible()
    page.get_by_role("button", name="Deshacer").click()
    expect(page.get_by_role("heading", name=short)).to_be_visible()
    page.goto(portal.url(f"agenda/exportar/?buscar={surname}"))
    assert faults(page) == FINE
    with page.expect_download() as download:
        page.get_by_role("link", name="Hoja CSV").first.click()
    assert short in Path(download.value.path()).read_text()
    page.goto(portal.url("agenda/importar/"))
    page.get_by_role("link", name="agenda.csv").first.click()
    page.get_by_role("button", name="Deshacer la importación").click()
    expect(page.get_by_text("La importación está deshecha")).to_be_visible()
