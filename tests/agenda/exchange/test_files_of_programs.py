"""Files as telephones and programs write them, byte for byte, each read as what it says."""

from pathlib import Path

import pytest

from agenda.exchange import csv_read, vcard
from agenda.exchange.headings import columns, is_enough
from portal import csv_table

FILES = Path(__file__).parent / "files"
ANA = {
    "first_name": "Ana",
    "last_name": "García",
    "second_last_name": "López",
    "display_name": "Ana García López",
    "company": "Acme, S.L.",
    "address": "Calle Mayor 1",
    "postcode": "28013",
    "city": "Madrid",
    "province": "Madrid",
    "numbers": ("+34 600 11 22 33",),
    "emails": ("ana@example.com",),
}


def cards(name):
    with (FILES / name).open("rb") as file:
        return list(vcard.read(file))


def rows(name):
    found = csv_table.read((FILES / name).read_bytes())
    kinds = columns(found.headings)
    assert is_enough([each.kind for each in kinds])
    return list(csv_read.read(found, kinds))


def facts(record, **other):
    """What differs from what is expected."""
    expected = ANA | other
    return {
        name: getattr(record, name) for name in expected if getattr(record, name) != expected[name]
    }


def test_android_wraps_quoted_printable_and_pictures():
    someone, taxi = cards("android-2.1.vcf")
    assert not facts(
        someone,
        first_name="María José",
        last_name="Núñez de la Fuente",
        second_last_name="Ibáñez",
        display_name="María José Núñez de la Fuente Ibáñez",
        company="Peña & Asociados",
        address="Calle de Alcalá, 123, 4.º B, escalera derecha",
        postcode="28931",
        city="Móstoles",
        numbers=("+34600112233", "912-345-678"),
        emails=("mj@example.com",),
    )
    assert (taxi.first_name, taxi.numbers) == ("Taxi", ("913712131",))


def test_iphone_marks_numbers_with_characters_that_nobody_sees():
    ana, pharmacy = cards("iphone-3.0.vcf")
    numbers = ("+34 600 11 22 33", "912 34 56 78", "+44 20 7946 0018")
    assert not facts(ana, numbers=numbers, address="Calle Mayor 1 2.º B")
    assert (pharmacy.first_name, pharmacy.company) == ("Farmacia Sol", "Farmacia Sol")


def test_outlook_says_which_encoding_its_text_is_in():
    (ana,) = cards("outlook-2.1.vcf")
    assert not facts(
        ana,
        second_last_name="",
        display_name="Ana García",
        company="Peña y Compañía",
        city="Alcalá de Henares",
        postcode="28801",
        numbers=("912 34 56 78", "(600) 112-233"),
    )


def test_google_folds_addresses():
    (ana,) = cards("google-3.0.vcf")
    numbers = ("+34 600 11 22 33", "912 34 56 78")
    where = {"address": "Calle Mayor 1, 2.º B", "province": "Comunidad de Madrid"}
    assert not facts(ana, numbers=numbers, **where)


def test_version_4_has_numbers_as_addresses_preferences_and_a_second_surname():
    (ana,) = cards("thunderbird-4.0.vcf")
    assert not facts(
        ana,
        first_name="Ana María",
        numbers=("+34-600-11-22-33", "912 34 56 78"),
        emails=("ana@example.com", "ana@trabajo.example"),
    )


@pytest.mark.parametrize(
    ("name", "other"),
    [
        (
            "outlook-es.csv",
            {
                "first_name": "Ana María",
                "display_name": "Ana María García López",
                "company": 'Acme "Norte", S.L.',
                "address": "Calle Mayor 1, 2.º B",
                "province": "",
                "numbers": ("912 34 56 78", "+34 600 11 22 33"),
            },
        ),
        ("outlook-en.csv", {"numbers": ("912 34 56 78", "+34 600 11 22 33")}),
        ("google.csv", {"numbers": ("+34 600 11 22 33", "600 44 55 66", "912 34 56 78")}),
        ("google-2015.csv", {"province": ""}),
        (
            "excel-es.csv",
            {"address": "", "province": "", "numbers": ("912 34 56 78", "600112233")},
        ),
        (
            "excel-unicode.txt",
            {
                **dict.fromkeys(("address", "province", "postcode", "city"), ""),
                "first_name": "Ana García López",
                "last_name": "",
                "second_last_name": "",
                "numbers": ("600112233",),
                "emails": (),
            },
        ),
    ],
)
def test_tables_of_several_programs_say_the_same(name, other):
    (ana,) = rows(name)
    assert not facts(ana, **other)
