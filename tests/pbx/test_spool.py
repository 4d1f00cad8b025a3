"""Reading a voicemail spool that Asterisk is working in."""

import errno
import os
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.pbx.caller import parse_caller
from portal.pbx.errors import Ambiguous, NotFound, PBXUnavailable
from portal.pbx.spool import Spool
from portal.pbx.spool.text import parse_message
from tests.pbx.conftest import TEXT


def messages(root, mailbox="201@default"):
    return Spool(root).messages(mailbox)


def test_a_message_says_who_when_and_how_long(root, put):
    put(0)
    (message,) = messages(root)
    assert message.msg_id == "1772442000-00000000"
    assert (message.caller, message.caller_name) == ("202", "Bruno")
    assert message.received_at == datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
    assert (message.seconds, message.folder, message.is_new) == (12, "INBOX", True)


def test_new_messages_come_first_and_then_the_newest(root, put):
    put(5, "Old")
    put(1)
    put(3)
    put(2, "Urgent")
    put(9, "Work")
    found = [int(message.msg_id[-2:], 16) for message in messages(root)]
    assert found == [3, 2, 1, 9, 5]
    assert [message.is_new for message in messages(root)] == [True, True, True, False, False]


def test_gaps_in_the_numbers_do_not_matter(root, put):
    put(0)
    put(7)
    put(10_000)
    assert len(messages(root)) == 3


@pytest.mark.parametrize("folder", ["Deleted", "tmp", "Invented"])
def test_other_folders_hold_no_messages(root, put, folder):
    put(0, folder)
    assert messages(root) == ()


def test_boxes_and_contexts_stay_apart(root, put):
    put(0)
    put(0, box="202")
    put(0, context="other")
    assert len(messages(root)) == 1
    assert len(messages(root, "202@default")) == 1
    assert messages(root, "203@default") == ()


def test_a_message_without_its_sound_is_not_there_yet(root, put):
    put(0, sound="")
    assert messages(root) == ()


def test_sound_without_its_text_is_not_there_yet(root, put):
    put(0).unlink()
    assert messages(root) == ()


@pytest.mark.parametrize("kept", range(0, 300, 17))
def test_a_half_written_text_never_raises_nor_lies(root, put, kept):
    path = put(0)
    path.write_text(path.read_text()[:kept])
    for message in messages(root):
        assert message.msg_id


@pytest.mark.parametrize(
    "fields",
    [{"msg_id": ""}, {"epoch": ""}, {"epoch": "soon"}, {"epoch": "9" * 30}],
)
def test_a_message_without_identity_or_moment_is_left_out(root, put, fields):
    put(0, **fields)
    put(1)
    assert len(messages(root)) == 1


def test_a_message_that_vanishes_meanwhile_is_left_out(root, put, monkeypatch):
    put(0)
    gone = put(1)
    open_file = os.open

    def vanish(path, *args, **kwargs):
        gone.unlink(missing_ok=True)
        return open_file(path, *args, **kwargs)

    monkeypatch.setattr("portal.pbx.spool.places.os.open", vanish)
    assert len(messages(root)) == 1


def test_unknown_keys_sections_and_locks_do_not_matter(root, put):
    path = put(0)
    path.write_text("msg_id=wrong\n" + path.read_text() + "new=1\n=\nx\n[other]\nmsg_id=wrong\n")
    (path.parent / ".lock").write_text("")
    (path.parent / ".lock-12ab").write_text("")
    (path.parent / "msg0001.txt").mkdir()
    (path.parent / "msg0001.wav").write_bytes(b"")
    assert [message.msg_id for message in messages(root)] == ["1772442000-00000000"]


@pytest.mark.parametrize("encoding", ["utf-8", "latin-1"])
def test_a_name_in_either_encoding_is_read(root, put, encoding):
    path = put(0, caller='"Iñaki Muñoz" <202>')
    path.write_bytes(path.read_text().encode(encoding))
    assert messages(root)[0].caller_name == "Iñaki Muñoz"


def test_windows_line_ends_do_not_matter(root, put):
    path = put(0)
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert messages(root)[0].msg_id == "1772442000-00000000"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('"Ana" <201>', ("201", "Ana")),
        ("Ana <201>", ("201", "Ana")),
        ("<201>", ("201", "")),
        ("201", ("201", "")),
        ("+34600123123", ("34600123123", "")),
        ('"+34 600" <+34600123123>', ("34600123123", "+34 600")),
        ("Unknown", ("", "")),
        ('"Anonymous" <anonymous>', ("", "")),
        ('"Puerta" <anonymous>', ("", "Puerta")),
        ('"Private" <201>', ("201", "Private")),
        ("", ("", "")),
        ('"a <b> c" <201>', ("201", "a <b> c")),
        ('"٢٠١" <٢٠١>', ("", "٢٠١")),
    ],
)
def test_the_caller_is_told_from_the_name(text, expected):
    assert parse_caller(text) == expected


@given(st.text(alphabet='"<>+0123a \t', max_size=20))
def test_no_caller_makes_it_fail(text):
    number, _name = parse_caller(text)
    assert number == "" or number.isdigit()


@pytest.mark.parametrize(
    "mailbox",
    [
        "",
        "201",
        "@default",
        "201@",
        "../other@default",
        "201@..",
        "..@default",
        ".@.",
        "/etc@default",
        "201@default/../../secret",
        "201\0@default",
        "201@default\n",
        "201@" + "x" * 5000,
    ],
)
def test_no_mailbox_leads_out_of_the_spool(root, put, mailbox):
    put(0)
    outside = root.parent / "secret" / "201" / "INBOX"
    outside.mkdir(parents=True)
    (outside / "msg0000.txt").write_text(TEXT.format(caller="", epoch=1, msg_id="x", seconds=1))
    (outside / "msg0000.wav").write_bytes(b"")
    assert messages(root, mailbox) == ()


@pytest.mark.parametrize("level", ["context", "box", "folder", "file"])
def test_a_link_that_leads_outside_is_not_followed(root, put, level):
    path = put(0)
    outside = root.parent / "outside"
    levels = {
        "context": root / "default",
        "box": root / "default" / "201",
        "folder": root / "default" / "201" / "INBOX",
        "file": path,
    }
    levels[level].rename(outside)
    levels[level].symlink_to(outside)
    assert messages(root) == ()


def test_a_pipe_in_place_of_a_text_does_not_hang(root, put):
    path = put(0)
    path.unlink()
    os.mkfifo(path)
    assert messages(root) == ()


def test_a_spool_that_is_a_link_itself_is_read(root, put):
    put(0)
    (root.parent / "link").symlink_to(root)
    assert len(messages(root.parent / "link")) == 1


def test_a_spool_that_is_not_there_is_told(root):
    with pytest.raises(PBXUnavailable):
        messages(root / "nowhere")


def test_only_new_messages_are_counted(root, put):
    put(0)
    put(1, "Urgent")
    put(2, "Old")
    assert Spool(root).count_new("201@default") == 2
    assert Spool(root).count_new("299@default") == 0
    assert Spool(root).count_new("../x") == 0


@pytest.mark.parametrize("msg_id", ["a/b", "..\\x y", "é", "x" * 101])
def test_an_id_that_no_asterisk_gives_is_none(root, put, msg_id):
    put(0, msg_id=msg_id)
    assert messages(root) == ()


def test_numbers_that_are_none_do_not_matter(root, put):
    put(0, seconds="9" * 5000)
    put(1, seconds="soon")
    put(2, epoch="9" * 5000)
    assert [message.seconds for message in messages(root)] == [0, 0]


def test_several_formats_side_by_side_are_one_message(root, put):
    path = put(0)
    for suffix in (".WAV", ".gsm"):
        path.with_suffix(suffix).write_bytes(b"")
    assert len(messages(root)) == 1


def test_a_message_is_found_by_its_id_wherever_it_stands(root, put):
    put(3, "Work")
    place = Spool(root).find("201@default", "1772442000-00000003")
    assert (place.folder, place.stem.name) == ("Work", "msg0003")
    with pytest.raises(NotFound):
        Spool(root).find("201@default", "1772442000-00000004")


@pytest.mark.parametrize("folders", [("INBOX", "INBOX"), ("INBOX", "Old")])
def test_of_an_id_that_occurs_twice_nobody_can_say_which_is_meant(root, put, folders):
    put(0, folders[0], msg_id="twice")
    put(1, folders[1], msg_id="twice")
    assert len(messages(root)) == 2
    with pytest.raises(Ambiguous):
        Spool(root).find("201@default", "twice")


def test_a_folder_that_cannot_be_read_is_told_and_not_taken_for_empty(root, put, monkeypatch):
    put(0)

    def fail(*_args, **_kwargs):
        raise OSError(errno.EIO, "I/O error")

    monkeypatch.setattr("portal.pbx.spool.folder.os.open", fail)
    with pytest.raises(PBXUnavailable):
        messages(root)


@given(st.binary(max_size=300))
def test_no_text_makes_it_fail(data):
    for text in (data, b"[message]\n" + data, data.replace(b"\xff", b"\nmsg_id=")):
        message = parse_message(text, "INBOX")
        assert message is None or message.msg_id


LINES = TEXT.format(caller="<1>", epoch=1, msg_id="1-a", seconds=1).encode().splitlines()


@given(st.permutations([*LINES, b"[message]", b"[x]", b"a=b=c"]))
def test_lines_in_any_order_make_sense_or_none(lines):
    message = parse_message(b"\n".join(lines), "Old")
    assert message is None or not message.is_new
