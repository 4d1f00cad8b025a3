"""Voicemail where each node keeps its own, or all mount the same."""

import pytest

from portal.pbx.asterisk.backend import build
from portal.pbx.errors import PBXUnavailable

TEXT = """[message]
callerid="Ana" <201>
origtime={time}
msg_id={id}
duration=4
"""


def node(name, spool):
    login = {"host": "127.0.0.1", "port": 1, "user": "webfon-rules", "secret": "x"}
    return {"name": name, "spool": str(spool), **login}


def leave(spool, folder, number, time):
    place = spool / "default" / "202" / folder
    place.mkdir(parents=True, exist_ok=True)
    (place / f"msg{number:04}.txt").write_text(TEXT.format(time=time, id=f"{time}-id"))
    (place / f"msg{number:04}.wav").write_bytes(b"RIFF")


def times(*nodes):
    messages = build(nodes=nodes).voicemail.messages("202@default")
    return [(round(each.received_at.timestamp()), each.is_new) for each in messages]


@pytest.fixture
def spools(tmp_path):
    """Two folders, with an old message in the first and a new one in each."""
    madrid, reserva = tmp_path / "madrid", tmp_path / "reserva"
    leave(madrid, "INBOX", 0, 1000)
    leave(madrid, "Old", 0, 3000)
    leave(reserva, "INBOX", 0, 2000)
    return madrid, reserva


def test_messages_of_all_nodes_stand_together_new_first(spools):
    madrid, reserva = spools
    found = times(node("madrid", madrid), node("reserva", reserva))
    assert found == [(2000, True), (1000, True), (3000, False)]


def test_a_folder_that_all_mount_is_read_once(spools):
    madrid, _ = spools
    assert len(times(node("madrid", madrid), node("reserva", madrid))) == 2


def test_a_message_that_two_folders_hold_is_one(spools):
    madrid, reserva = spools
    leave(reserva, "INBOX", 1, 1000)
    assert len(times(node("madrid", madrid), node("reserva", reserva))) == 3


def test_a_folder_that_is_away_does_not_hide_the_other(spools, tmp_path):
    madrid, _ = spools
    assert len(times(node("madrid", madrid), node("reserva", tmp_path / "gone"))) == 2


def test_where_no_folder_can_be_read_the_page_can_say_so(tmp_path):
    with pytest.raises(PBXUnavailable, match="not readable"):
        times(node("madrid", tmp_path / "gone"))
    with pytest.raises(PBXUnavailable, match="configured"):
        times(node("madrid", ""))
