"""Reading the files of call records that the nodes write."""

import os
from datetime import UTC, datetime

import pytest
from django.db import DatabaseError

from portal.pbx import cdr_import
from portal.pbx.cdr_import import import_file, import_new
from portal.pbx.models import CallRecord

pytestmark = pytest.mark.django_db(databases=["default", "cdr"])

LINE = (
    '"1772442000.{n}",{n},"1772442000.{n}",1772442000.250000,{answer},1772442012.750000,'
    '"""Ana ""la jefa"", S.L."" <201>","201","202","202","","","PJSIP/201-0000000{n}",'
    '"PJSIP/202-0000000{n}","Dial",12.500000,{talked},"ANSWERED",""\n'
)


def line(n, answer="1772442002.500000", talked="10.250000"):
    return LINE.format(n=n, answer=answer, talked=talked)


@pytest.fixture
def file(tmp_path):
    return tmp_path / "webfon.csv"


def numbers():
    return sorted(CallRecord.objects.values_list("sequence", flat=True))


def test_a_line_becomes_a_record_with_every_column_in_its_place(file):
    file.write_text(line(7))
    assert import_file("madrid", file) == 1
    record = CallRecord.objects.get()
    assert (record.node, record.uniqueid, record.sequence) == ("madrid", "1772442000.7", 7)
    assert record.started == datetime(2026, 3, 2, 9, 0, 0, 250_000, tzinfo=UTC)
    assert record.answered == datetime(2026, 3, 2, 9, 0, 2, 500_000, tzinfo=UTC)
    assert record.ended == datetime(2026, 3, 2, 9, 0, 12, 750_000, tzinfo=UTC)
    assert record.clid == '"Ana "la jefa", S.L." <201>'
    assert (record.src, record.dst, record.dialed) == ("201", "202", "202")
    assert (record.lastapp, record.disposition) == ("Dial", "ANSWERED")
    assert (record.duration, record.billsec) == (12.5, 10.25)


def test_a_call_not_answered_has_no_moment_of_answer(file):
    file.write_text(line(1, answer="0.000000", talked="0.000000"))
    import_file("madrid", file)
    assert CallRecord.objects.get().answered is None


def test_reading_goes_on_where_it_ended(file):
    file.write_text(line(1))
    assert import_file("madrid", file) == 1
    assert import_file("madrid", file) == 0
    with file.open("a") as more:
        more.write(line(2))
    assert import_file("madrid", file) == 1
    assert numbers() == [1, 2]


def test_reading_twice_from_the_start_keeps_each_once(file):
    file.write_text(line(1) + line(2))
    import_file("madrid", file)
    cdr_import.ImportPosition.objects.all().delete()
    assert import_file("madrid", file) == 2
    assert numbers() == [1, 2]


def test_two_nodes_may_write_the_same_identities(file):
    file.write_text(line(1))
    import_file("madrid", file)
    import_file("reserva", file)
    assert set(CallRecord.objects.values_list("node", flat=True)) == {"madrid", "reserva"}


@pytest.mark.parametrize("cut", [1, 20, -1])
def test_a_torn_last_line_waits_for_its_end(file, cut):
    whole = line(2)
    file.write_text(line(1) + whole[:cut])
    assert import_file("madrid", file) == 1
    with file.open("a") as more:
        more.write(whole[cut:])
    assert import_file("madrid", file) == 1
    assert numbers() == [1, 2]


def test_a_torn_first_line_is_read_once_it_is_whole(file):
    file.write_text(line(1)[:30])
    assert import_file("madrid", file) == 0
    file.write_text(line(1))
    assert import_file("madrid", file) == 1


def test_a_rotated_file_is_read_to_its_end(file):
    file.write_text(line(1))
    import_file("madrid", file)
    with file.open("a") as more:
        more.write(line(2))
    file.rename(file.with_name("webfon.csv.1"))
    file.write_text(line(3))
    assert import_file("madrid", file) == 2
    assert numbers() == [1, 2, 3]


def test_a_rotated_file_is_read_while_there_is_no_new_one(file):
    file.with_name("webfon.csv.1").write_text(line(1))
    assert import_file("madrid", file) == 1


def test_an_old_or_compressed_rotated_file_is_left_alone(file):
    old, packed = file.with_name("webfon.csv.2"), file.with_name("webfon.csv.3.gz")
    old.write_text(line(1))
    packed.write_text(line(2))
    os.utime(old, (1, 1))
    file.write_text("")
    assert import_file("madrid", file) == 0


def test_a_file_copied_and_cut_is_read_from_the_start(file):
    file.write_text(line(1) + line(2))
    import_file("madrid", file)
    file.with_name("webfon.csv.1").write_text(line(1) + line(2))
    os.truncate(file, 0)
    with file.open("a") as more:
        more.write(line(3))
    import_file("madrid", file)
    assert numbers() == [1, 2, 3]


def test_another_file_with_the_same_inode_is_read_from_the_start(file):
    file.write_text(line(1))
    import_file("madrid", file)
    file.write_text(line(8) + line(9))
    import_file("madrid", file)
    assert numbers() == [1, 8, 9]


@pytest.mark.parametrize(
    "broken",
    [
        b"no record at all\n",
        b'"unfinished,quote\n',
        b"\xff\xfe\x00\x80\n",
        b"\n\r\n",
        line(5).replace("1772442000.250000", "yesterday").encode(),
        line(5).replace("1772442000.250000", "99999999999999999999.0").encode(),
        line(5).replace(",5,", ",99999999999999999999,", 1).encode(),
        line(5, talked="nan").encode(),
        line(5, talked="-1").encode(),
        line(5).replace('"ANSWERED",""', '"ANSWERED","",""').encode(),
    ],
)
def test_a_line_that_holds_no_record_is_passed_over(file, broken):
    file.write_bytes(line(1).encode() + broken + line(2).encode())
    assert import_file("madrid", file) == 2
    assert numbers() == [1, 2]


@pytest.mark.parametrize("odd", ["\x1c", "\u2028", "\x0b", "\x85", "\x00", "\x07"])
def test_odd_characters_in_a_name_do_not_tear_the_record(file, odd):
    file.write_bytes(line(1).replace("la jefa", f"la{odd}jefa").encode())
    assert import_file("madrid", file) == 1
    assert "jefa" in CallRecord.objects.get().clid


def test_bytes_that_are_no_utf8_are_replaced(file):
    file.write_bytes(line(1).encode().replace(b"la jefa", b"Mu\xf1oz"))
    import_file("madrid", file)
    assert "Mu\ufffdoz" in CallRecord.objects.get().clid


def test_a_name_that_is_too_long_is_cut(file):
    file.write_text(line(1).replace("la jefa", "x" * 5000))
    import_file("madrid", file)
    assert len(CallRecord.objects.get().clid) == 160


def test_a_file_larger_than_one_bite_is_read_whole(file, monkeypatch):
    monkeypatch.setattr(cdr_import, "CHUNK_BYTES", 700)
    file.write_text("".join(line(n) for n in range(50)))
    assert import_file("madrid", file) == 50
    assert numbers() == list(range(50))


def test_endless_bytes_without_a_line_do_not_stop_the_reading(file, monkeypatch):
    monkeypatch.setattr(cdr_import, "CHUNK_BYTES", 1000)
    monkeypatch.setattr(cdr_import, "LONGEST_LINE", 1000)
    file.write_text(line(1) + "x" * 2500 + "\n" + line(2))
    import_file("madrid", file)
    assert numbers() == [1, 2]


def test_records_and_position_are_kept_together_or_not_at_all(file, monkeypatch):
    file.write_text("")
    import_file("madrid", file)
    file.write_text(line(1))

    def fail(*args, **kwargs):
        raise DatabaseError("the disk is full")

    with monkeypatch.context() as patched:
        patched.setattr(cdr_import.ImportPosition, "save", fail)
        with pytest.raises(DatabaseError):
            import_file("madrid", file)
    assert numbers() == []
    assert import_file("madrid", file) == 1


def test_the_job_reads_every_node_and_outlives_a_missing_file(file, settings):
    file.write_text(line(1))
    settings.PBX = {
        "BACKEND": "",
        "OPTIONS": {
            "nodes": [
                {"name": "away", "cdr_csv": str(file.with_name("nowhere") / "webfon.csv")},
                {"name": "locked", "cdr_csv": str(file.parent)},
                {"name": "madrid", "cdr_csv": str(file)},
                {"name": "none"},
            ]
        },
    }
    assert import_new() == 1
    assert CallRecord.objects.get().node == "madrid"


def test_the_job_has_nothing_to_do_on_the_simulated_telephone_system():
    assert import_new() == 0
