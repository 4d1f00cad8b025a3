"""Calls as a CSV file."""

import csv
import io
import tracemalloc
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from historial.export import lines
from portal.pbx.models import CallEntry
from portal.pbx.types import Call, CallResult
from tests.historial.conftest import NO_ANSWER, OFFLINE, put

pytestmark = pytest.mark.django_db(databases="__all__")

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest.fixture
def export(as_ana, page):
    """The lines of the file, each by the words of its heading."""

    def get(query=""):
        answer = as_ana.get(page(f"historial/exportar/{query}"))
        return read(b"".join(answer))

    return get


def read(file):
    """What a program that knows CSV reads in the file."""
    return list(csv.DictReader(io.StringIO(file.decode("utf-8-sig"), newline=""), delimiter=";"))


def test_a_call_is_a_line(export, place, contact, ana):
    contact("María Ibáñez", "600123123", ana)
    put(ana, no_answer="202")
    place("600123123", "201", NO_ANSWER, at=NOON)
    (line,) = export()
    talked = line.pop("Duración (s)")
    assert line == {
        "Fecha": "2026-11-20",
        "Hora": "13:00:00",
        "Tipo": "Desviada",
        "Nombre": "María Ibáñez",
        "Número": "600 12 31 23",
        "Desviada a": "202",
        "Motivo": "por no contestar",
    }
    assert int(talked) > 0


def test_the_file_says_what_it_is_and_is_read_by_spanish_spreadsheets(as_ana, page, place):
    place("", "201")
    answer = as_ana.get(page("historial/exportar/"))
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    today = timezone.localdate().isoformat()
    assert answer.headers["Content-Disposition"] == f'attachment; filename="llamadas {today}.csv"'
    assert "no-store" in answer.headers["Cache-Control"]
    body = b"".join(answer)
    assert body.startswith(b"\xef\xbb\xbfFecha;Hora;Tipo;Nombre;")
    assert body.endswith(b"\r\n")


def test_a_call_to_the_mailbox_says_so_and_a_withheld_number_is_empty(export, place, ana):
    put(ana, not_connected="vm")
    place("", "201", OFFLINE, message=5)
    (line,) = export()
    assert (line["Tipo"], line["Desviada a"], line["Número"]) == ("Al buzón", "Buzón de voz", "")


@pytest.mark.parametrize(
    ("name", "cell"),
    [
        ("=1+1", "'=1+1"),
        ("+34 llamar", "'+34 llamar"),
        ("-2", "'-2"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t=1"),
        ("a;b\"c'd", "a;b\"c'd"),
        ("dos\nlíneas", "dos\nlíneas"),
    ],
)
def test_no_name_becomes_a_formula_or_breaks_the_file(export, place, contact, ana, name, cell):
    contact(name, "600123123", ana)
    place("600123123", "201")
    assert [line["Nombre"] for line in export()] == [cell]


def test_a_number_of_another_country_stays_a_text(export, place):
    place("00442079460018", "201")
    assert export()[0]["Número"] == "00 44 20 7946 0018"


def test_the_filters_of_the_page_hold(export, place):
    place("600000001", "201", NO_ANSWER)
    place("600000002", "201")
    place("600000003", "201", at=timezone.now() - timedelta(days=200))
    for query, wanted in {
        "": "2 1",
        "?ver=perdidas": "1",
        "?periodo=todo": "2 1 3",
        "?buscar=600000002": "2",
        "?buscar=nadie": "",
        "?ver=zzz&antes=zzz": "2 1",
    }.items():
        numbers = [line["Número"][-1] for line in export(query)]
        assert sorted(numbers) == sorted(wanted.split()), query


def fill(number, count):
    """So many calls of a number, straight into the store."""
    CallEntry.objects.bulk_create(
        CallEntry(
            node="x",
            linkedid=f"{n}",
            subscriber=number,
            started=NOON - timedelta(minutes=n),
            kind=CallEntry.Kind.RECEIVED,
            other=f"6{n % 5000:08d}",
            result=CallResult.ANSWERED,
            seconds=n % 600,
        )
        for n in range(count)
    )


def test_a_long_export_is_whole_and_asks_for_names_in_batches(
    as_ana, page, company, django_assert_max_num_queries
):
    fill("201", 2_345)
    with django_assert_max_num_queries(16):
        file = b"".join(as_ana.get(page("historial/exportar/?periodo=todo")))
    found = read(file)
    assert len(found) == 2_345
    moments = [(line["Fecha"], line["Hora"]) for line in found]
    assert moments == sorted(moments, reverse=True)


def test_memory_does_not_grow_with_the_file(ana):
    def calls(count):
        for n in range(count):
            yield Call(
                key=f"{n}-{n}",
                linkedid=f"{n}",
                started_at=NOON,
                caller=f"6{n % 5000:08d}",
                caller_name="",
                called="201",
                outgoing=False,
                result=CallResult.ANSWERED,
                seconds=5,
            )

    def most(count):
        tracemalloc.start()
        total = sum(len(part) for part in lines(ana, calls(count)))
        _now, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert total > 40 * count
        return peak

    most(6_000)  # numbers that were written once are remembered, up to a bound
    assert most(6_000) < 1.5 * most(1_500)


def test_without_call_records_the_page_says_so_instead_of_sending_half_a_file(as_ana, page, away):
    answer = as_ana.get(page("historial/exportar/?ver=perdidas"), follow=True)
    assert answer.redirect_chain == [(page("historial/?ver=perdidas"), 302)]
    assert "Ahora no se puede leer" in answer.content.decode()
