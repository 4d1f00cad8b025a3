"""Files in parts, held against RFC 9110, sections 13 and 14."""

import re
from io import BytesIO

import pytest
from django.core.signals import request_finished
from django.db import close_old_connections
from django.test import RequestFactory
from hypothesis import given
from hypothesis import strategies as st

from portal.ranges import Part, Unsatisfiable, answer, parse_range

SIZES = st.integers(0, 60)
POSITIONS = st.integers(0, 80)
SPACES = st.text(" \t", max_size=2)
SOUND = bytes(range(256)) * 600


@st.composite
def specs(draw):
    """One range as text, and which positions of an endless file it names (14.1.2)."""
    first, last = sorted((draw(POSITIONS), draw(POSITIONS)))
    kind = draw(st.sampled_from(["both", "open", "suffix"]))
    zeros = "0" * draw(st.integers(0, 3))
    if kind == "both":
        return f"{zeros}{first}-{zeros}{last}", lambda size: range(first, min(last + 1, size))
    if kind == "open":
        return f"{zeros}{first}-", lambda size: range(first, size)
    return f"-{zeros}{last}", lambda size: range(max(0, size - last), size)


@st.composite
def lists_of(draw, parts):
    """The parts as a list may be written: with empty elements, spaces and tabs (5.6.1)."""
    texts = [text for text, _positions in parts]
    written = []
    for text in texts:
        written += [""] * draw(st.integers(0, 2))
        written.append(draw(SPACES) + text + draw(SPACES))
    return ",".join(written + [""] * draw(st.integers(0, 2)))


@given(st.lists(specs(), min_size=1, max_size=4), SIZES, st.data())
def test_what_is_asked_for_is_what_comes(parts, size, data):
    header = data.draw(st.sampled_from(["bytes=", "Bytes=", "BYTES="]))
    header += data.draw(lists_of(parts))
    wanted = [positions(size) for _text, positions in parts]
    if not any(wanted) and size:
        with pytest.raises(Unsatisfiable):
            parse_range(header, size)
    elif len(parts) == 1 and size:
        found = parse_range(header, size)
        assert range(found.start, found.start + found.length) == wanted[0]
    elif size:
        assert parse_range(header, size) is None


@given(st.one_of(st.text(), st.from_regex(r"bytes=[0-9 ,\t-]{0,30}", fullmatch=True)), SIZES)
def test_whatever_is_sent_there_is_all_or_a_part_or_nothing_to_give(header, size):
    try:
        part = parse_range(header, size)
    except Unsatisfiable:
        return
    assert part is None or (part.start >= 0 and 0 < part.length <= size - part.start)


@pytest.mark.parametrize(
    "header",
    ["", "bytes", "bytes=", "bytes=-", "bytes=,", "bytes=a-b", "bytes=5-2", "bytes=0-1,x",
     "bytes=1", "bytes=--5", "bytes=-5-", "bytes=0-1;2-3", "items=0-1", "bytes =0-1",
     "bytes=٠-٣", "bytes=+1-2", "bytes=1 - 2", "bytes=9-3,0-1"],
)  # fmt: skip
def test_what_makes_no_sense_gets_the_whole_file(header):
    assert parse_range(header, 100) is None


@pytest.mark.parametrize(
    "header", ["bytes=100-", "bytes=-0", f"bytes={'9' * 5000}-", "bytes=100-,-0"]
)
def test_what_lies_beyond_the_end_cannot_be_given(header):
    with pytest.raises(Unsatisfiable):
        parse_range(header, 100)


def test_an_absurdly_long_number_is_only_large():
    assert parse_range(f"bytes=10-{'9' * 5000}", 100) == Part(10, 90)
    assert parse_range(f"bytes=-{'9' * 5000}", 100) == Part(0, 100)


def ask(method="GET", file=None, attached=False, **headers):
    """The answer, with its bytes in ``body``."""
    headers = {f"HTTP_{name.upper()}": value for name, value in headers.items()}
    request = RequestFactory().generic(method, "/", **headers)
    file = file or BytesIO(SOUND)
    response = answer(
        request, file, content_type="audio/wav", filename="mensaje.wav", attached=attached
    )
    response.body = b"".join(response) if response.streaming else response.content
    request_finished.disconnect(close_old_connections)  # there is no database here
    response.close()
    request_finished.connect(close_old_connections)
    assert file.closed
    return response


def test_without_a_range_comes_the_whole_file():
    response = ask()
    assert (response.status_code, response.body) == (200, SOUND)
    assert response["Content-Length"] == str(len(SOUND))
    assert response["Accept-Ranges"] == "bytes"
    assert response["Content-Type"] == "audio/wav"
    assert response["Cache-Control"].startswith("private")


@pytest.mark.parametrize(
    ("wanted", "first", "last"),
    [
        ("bytes=0-", 0, len(SOUND) - 1),
        ("bytes=0-0", 0, 0),
        ("bytes=70000-140000", 70000, 140000),
        ("bytes=-44", len(SOUND) - 44, len(SOUND) - 1),
        (f"bytes=100-{len(SOUND) * 2}", 100, len(SOUND) - 1),
    ],
)
def test_a_range_comes_as_206_and_says_which(wanted, first, last):
    response = ask(range=wanted)
    assert (response.status_code, response.body) == (206, SOUND[first : last + 1])
    assert response["Content-Range"] == f"bytes {first}-{last}/{len(SOUND)}"
    assert response["Content-Length"] == str(last - first + 1)


def test_beyond_the_end_is_416_and_says_how_long_the_file_is():
    response = ask(range=f"bytes={len(SOUND)}-")
    assert (response.status_code, response.body) == (416, b"")
    assert response["Content-Range"] == f"bytes */{len(SOUND)}"


def test_several_ranges_get_the_whole_file():
    assert ask(range="bytes=0-1,5-6").status_code == 200


@pytest.mark.parametrize("headers", [{}, {"range": "bytes=5-9"}, {"range": "bytes=999999-"}])
def test_head_says_all_and_sends_nothing_whatever_range_it_names(headers):
    response = ask("HEAD", **headers)
    assert (response.status_code, response.body) == (200, b"")
    assert response["Content-Length"] == str(len(SOUND))


def test_a_part_is_sent_only_of_the_version_that_the_browser_knows():
    etag = ask()["ETag"]
    assert re.fullmatch(r'"[0-9a-f-]+"', etag)
    assert ask(range="bytes=0-4", if_range=etag).status_code == 206
    for other in ('"another"', f"W/{etag}", "Mon, 23 Nov 2026 10:42:00 GMT"):
        response = ask(range="bytes=0-4", if_range=other)
        assert (response.status_code, len(response.body)) == (200, len(SOUND))


def test_a_version_that_the_browser_has_is_not_sent_again():
    etag = ask()["ETag"]
    response = ask(if_none_match=etag, range="bytes=0-4")
    assert (response.status_code, response.body) == (304, b"")
    assert ask(if_none_match='"another"').status_code == 200
    assert ask(if_match='"another"').status_code == 412


def test_another_version_has_another_tag(tmp_path):
    path = tmp_path / "sound.wav"
    path.write_bytes(SOUND)
    tags = {ask(file=path.open("rb"))["ETag"] for _twice in range(2)}
    path.write_bytes(SOUND[:-1])
    tags.add(ask(file=path.open("rb"))["ETag"])
    assert len(tags) == 2
    assert ask(file=BytesIO(SOUND[::-1]))["ETag"] != ask()["ETag"]


def test_a_file_that_is_removed_while_it_is_sent_is_sent_whole(tmp_path):
    path = tmp_path / "sound.wav"
    path.write_bytes(SOUND)
    file = path.open("rb")
    path.unlink()
    assert ask(file=file, range="bytes=10-").body == SOUND[10:]


def test_nothing_at_all_is_sent_as_nothing():
    assert ask(file=BytesIO(), range="bytes=-5").status_code == 200
    assert ask(file=BytesIO(), range="bytes=0-").status_code == 416


def test_what_is_kept_has_a_name_that_any_letters_may_stand_in():
    assert ask(attached=True)["Content-Disposition"] == 'attachment; filename="mensaje.wav"'
    assert ask()["Content-Disposition"].startswith("inline")
