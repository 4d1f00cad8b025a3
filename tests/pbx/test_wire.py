"""AMI as bytes: nothing unsafe goes out, and whatever comes in, in any pieces, is understood."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.pbx.asterisk.wire import MAX_LINE_BYTES, Parser, action, encode, pieces
from portal.pbx.errors import PBXRejected, PBXUnavailable

REPLY = b"Response: Success\r\nActionID: 1\r\nMessage: Fine\r\n\r\n"
EVENT = "Event: DBGetResponse\r\nKey: name/201\r\nVal: Añó: 😀\r\n\r\n".encode()


def parsed(*data):
    parser = Parser()
    return [message for each in data for message in parser.feed(each)]


@pytest.mark.parametrize("char", ["\r", "\n", "\r\n", "\0", "\t", "\x1b", "\x7f"])
def test_a_control_character_in_a_value_is_refused(char):
    with pytest.raises(PBXRejected, match="Val"):
        encode(action("DBPut", Val=f"x{char}Action: Originate"), "1")


def test_a_refusal_does_not_repeat_the_value():
    with pytest.raises(PBXRejected) as refusal:
        encode(action("Login", Secret="hush\n"), "1")
    assert "hush" not in repr(refusal.value)
    assert "hush" not in repr(action("Login", Secret="hush"))


def test_half_a_surrogate_pair_is_refused():
    with pytest.raises(PBXRejected):
        encode(action("DBPut", Val="\ud83d"), "1")


def test_the_longest_value_asterisk_reads_is_sent_and_one_byte_more_is_refused():
    assert encode(action("DBPut", Val="x" * 1017), "1").count(b"x") == 1017
    with pytest.raises(PBXRejected, match="longer"):
        encode(action("DBPut", Val="x" * 1018), "1")


def test_length_is_counted_in_bytes():
    with pytest.raises(PBXRejected, match="longer"):
        encode(action("DBPut", Val="ñ" * 509), "1")


@given(st.lists(st.integers(0, 1017), max_size=40))
def test_pieces_are_whole_lines_that_fit_asterisks_buffer(lengths):
    data = b"".join(encode(action("DBPut", Val="x" * length), "1") for length in lengths)
    cut = list(pieces(data))
    assert b"".join(cut) == data
    assert all(len(piece) <= MAX_LINE_BYTES + 2 and piece.endswith(b"\r\n") for piece in cut)


@given(st.lists(st.integers(1, 9), min_size=1))
def test_messages_are_the_same_in_whatever_pieces_they_come(sizes):
    data, cut = REPLY + b"\r\n" + EVENT + REPLY, []
    while data:
        size = sizes[len(cut) % len(sizes)]
        cut.append(data[:size])
        data = data[size:]
    assert parsed(*cut) == parsed(REPLY, EVENT, REPLY)


def test_a_value_keeps_colons_and_trailing_spaces():
    (message,) = parsed(b"Event: X\r\nVal: a: b  \r\n\r\n")
    assert message["Val"] == "a: b  "


def test_of_a_repeated_header_the_first_counts():
    (message,) = parsed(b"Event: X\r\nKey: mine\r\nKey: injected\r\n\r\n")
    assert message["Key"] == "mine"


def test_bytes_that_are_no_text_do_not_stop_the_reader():
    (message,) = parsed(b"Event: X\r\nVal: \xff\xfe\r\n\r\n")
    assert message["Val"] == "\ufffd\ufffd"


@pytest.mark.parametrize(
    "garbage", [b"HTTP/1.1 400 Bad Request\r\n\r\n", b"\x00\x01\r\n\r\n", b"x" * 300_000]
)
def test_garbage_is_told_from_messages(garbage):
    with pytest.raises(PBXUnavailable, match="unintelligible"):
        parsed(garbage)


@pytest.mark.parametrize("banner", [b"SSH-2.0-OpenSSH_9.2\r\n", b"220 smtp", b"\x15\x03", b"\r\n"])
def test_another_servers_greeting_is_recognised(banner):
    with pytest.raises(PBXUnavailable, match="no Asterisk manager port"):
        Parser().banner(banner)


def test_the_greeting_may_come_in_pieces_and_with_more_behind_it():
    parser = Parser()
    assert not parser.banner(b"Asterisk Call")
    assert not parser.banner(b" Manager/11.0.0\r")
    assert parser.banner(b"\n" + REPLY)
    assert len(list(parser.feed(b""))) == 1
