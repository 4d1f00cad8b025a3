"""Files that are too large, broken, hostile or something else: words, and nothing half imported."""

import base64
import codecs
import io
import tracemalloc

import pytest

from agenda.exchange import arriving, lines, vcard
from agenda.exchange.forms import MOST_BYTES
from agenda.models import Contact, ContactImport

pytestmark = pytest.mark.django_db(databases="__all__")

CARD = "BEGIN:VCARD\r\nVERSION:3.0\r\nN:Gil;Eva;;;\r\nFN:Eva Gil\r\nTEL:600112233\r\n"
HEAD = "Nombre;Apellido 1;Teléfono\n"
LAUGHS = """<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY lol "lol">
<!ENTITY lol2 "&lol;&lol;&lol;&lol;&lol;&lol;&lol;&lol;&lol;&lol;">]><lolz>&lol2;</lolz>"""


def text(answer):
    return " ".join(answer.content.decode().replace("\xa0", " ").split())


@pytest.mark.parametrize(
    ("content", "name", "words"),
    [
        (b"", "a.csv", "está vacío"),
        (b"\n\n \n", "a.csv", "está vacío"),
        (b"PK\x03\x04" + bytes(100), "a.csv", "no es un archivo de texto"),
        (b"\xd0\xcf\x11\xe0" + bytes(100), "a.csv", "no es un archivo de texto"),
        (b"\0" * 5000, "a.csv", "está vacío"),
        (";".join(f"c{n}" for n in range(1000)) + "\n1", "a.csv", "1000 columnas"),
        (LAUGHS, "a.xml", "Qué es cada columna"),
        ("hola", "a.vcf", "Qué es cada columna"),
        (HEAD + f'Eva;"Gil;600112233\n{"x" * 200_000}', "a.csv", "cerrar unas comillas"),
        (HEAD + 'Eva;"Gil;600112233\nPau;Mas;611111111\n', "a.csv", "cerrar unas comillas"),
        (HEAD, "a.csv", "no hay ningún contacto"),
        ("BEGIN:VCARD\n" * 50_001, "a.vcf", "más de 50000"),
    ],
)
def test_what_cannot_be_read_says_why(as_ana, upload, content, name, words):
    assert words in text(upload(as_ana, content, name))
    assert Contact.objects.count() == 0


def test_a_file_that_is_too_large_is_refused_in_words(as_ana, upload):
    answer = upload(as_ana, bytes(MOST_BYTES + 1))
    assert answer.status_code == 422
    assert "pasa de 32 MB" in text(answer)
    assert not ContactImport.objects.exists()


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (f"{'x' * 10_000};Gil;600112233", "demasiado largo"),
        ("Eva;Gil;", "No tiene número de teléfono"),
        (";;600112233", "No tiene nombre"),
        ("Eva;Gil;no es un número", "Escribe solo cifras"),
        ("Eva;Gil;12345678901234567890", "no existe"),
        ("Eva;Gil;=HYPERLINK(1)", "Escribe solo cifras"),
    ],
)
def test_a_line_that_cannot_be_taken_says_why(as_ana, upload, choose, page, line, words):
    upload(as_ana, f"{HEAD}{line}\nPau;Mas;611111111")
    batch = ContactImport.objects.get()
    html = text(as_ana.get(page(f"agenda/importar/{batch.pk}/"), {"ver": "rechazados"}))
    assert words in html
    choose(as_ana)
    assert Contact.objects.get().display_name == "Pau Mas"


def test_zeros_and_what_nobody_sees_are_left_out(as_ana, upload, choose):
    upload(as_ana, f"{HEAD}E\0va\u202e;G\x07il;600\x00112233")
    choose(as_ana)
    eva = Contact.objects.get()
    assert (eva.display_name, eva.number) == ("Eva Gil", "600112233")


def test_a_formula_is_only_text(as_ana, upload, choose):
    upload(as_ana, f"{HEAD}=1+1;@SUM(A1);600112233")
    choose(as_ana)
    assert Contact.objects.get().display_name == "=1+1 @SUM(A1)"


def test_lines_in_several_encodings_are_read_one_by_one(as_ana, upload, choose):
    content = HEAD.encode() + "Íñigo;Núñez;600112233\n".encode()
    upload(as_ana, content + "Begoña;Peña;600112244\n".encode("cp1252"))
    choose(as_ana)
    names = set(Contact.objects.values_list("display_name", flat=True))
    assert names == {"Íñigo Núñez", "Begoña Peña"}


@pytest.mark.parametrize("mark", [codecs.BOM_UTF16_LE, b""])
def test_utf_16_is_noticed_with_a_mark_and_without(as_ana, upload, choose, mark):
    upload(as_ana, mark + (HEAD + "Íñigo;Núñez;600112233").encode("utf-16-le"))
    choose(as_ana)
    assert Contact.objects.get().display_name == "Íñigo Núñez"


@pytest.mark.parametrize(
    ("content", "problem", "count"),
    [
        (CARD, "cortada", 1),
        (CARD * 2 + "END:VCARD\r\n", "", 2),
        ("BEGIN:VCARD\n" * 1000 + "N:Gil;Eva\nEND:VCARD\n", "", 1000),
        (CARD + "AGENT:\n" + "BEGIN:VCARD\nTEL:1\n" * 500 + "END:VCARD\n" * 501, "", 1),
        (CARD + "TEL:6\n" * 100_000 + "END:VCARD\n", "", 1),
        (CARD + "FN" + ";X=1" * 20_000 + ":x\nEND:VCARD\n", "", 1),
        (CARD + "END:VCARD\n" * 10, "", 1),
    ],
)
def test_cards_that_are_cut_nested_or_endless(content, problem, count):
    cards = list(vcard.read(io.BytesIO(content.encode())))
    assert len(cards) == count
    assert problem in cards[-1].problem
    assert all(len(card.numbers) <= 20 for card in cards)


@pytest.mark.parametrize("ending", ["\n", "\r", "\r\n"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_lines_end_in_any_of_the_three_ways(ending, encoding):
    content = (CARD + "END:VCARD\r\n").replace("\r\n", ending) * 2
    cards = list(vcard.read(io.BytesIO(content.encode(encoding))))
    assert [(card.first_name, card.problem) for card in cards] == [("Eva", ""), ("Eva", "")]


class Endless(io.RawIOBase):
    """A card with a picture of that many bytes, made while it is read."""

    def __init__(self, size):
        picture = base64.b64encode(bytes(54)) + b"\r\n "
        self.parts = [(CARD + "PHOTO;ENCODING=b:\r\n ").encode()]
        self.parts += [picture * 100] * (size // len(picture) // 100)
        self.parts += [b"\r\nEND:VCARD\r\n"]
        self.parts.reverse()
        self.left = b""

    def readable(self):
        return True

    def seek(self, *_where):
        return 0

    def readinto(self, buffer):
        self.left = self.left or (self.parts.pop() if self.parts else b"")
        count = min(len(buffer), len(self.left))
        buffer[:count], self.left = self.left[:count], self.left[count:]
        return count


def test_a_picture_of_20_megabytes_takes_no_memory():
    file = io.BufferedReader(Endless(20_000_000))
    file.seek = lambda *_where: 0  # as it stands at its beginning
    tracemalloc.start()
    kept = list(lines._unfolded(lines._physical(file)))
    _now, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(kept) == 6
    assert most < 2_000_000


def test_a_picture_in_one_line_is_skipped_too(ana):
    content = (CARD + "PHOTO;ENCODING=b:" + "A" * 20_000_000 + "\r\nEND:VCARD\r\n").encode()
    _kind, kept, count = arriving._worth_keeping(io.BytesIO(content))
    assert (len(kept) < 1000, count) == (True, 1)


def test_a_file_that_stops_being_readable_is_not_half_imported(as_ana, upload, page):
    rows = "".join(f"P{n};x;6001{n:05}\n" for n in range(450))
    html = text(upload(as_ana, f'{HEAD}{rows}Z;"x;600\n\n'))
    assert "No se ha importado nada" in html
    batch = ContactImport.objects.get()
    assert (batch.state, batch.rows.count()) == ("failed", 0)
    as_ana.post(page(f"agenda/importar/{batch.pk}/elegir/"), {"hacer": "importar"})
    assert Contact.objects.count() == 0


@pytest.mark.parametrize("query", ["ver=x", "pagina=0", "pagina=-1", "pagina=9999999999999999999"])
def test_nonsense_in_the_address_shows_something_sensible(as_ana, upload, page, query):
    upload(as_ana, f"{HEAD}Eva;Gil;600112233")
    batch = ContactImport.objects.get()
    assert as_ana.get(page(f"agenda/importar/{batch.pk}/?{query}")).status_code == 200
