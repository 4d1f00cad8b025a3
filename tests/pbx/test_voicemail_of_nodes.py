"""Voicemail where each node keeps its own, or all mount the same."""

from pathlib import Path

import pytest
from environ import FileAwareEnv

from portal.nodes import asterisk_nodes
from portal.pbx.asterisk.ami import Account
from portal.pbx.asterisk.backend import build
from portal.pbx.asterisk.guard import is_open
from portal.pbx.asterisk.pool import Node
from portal.pbx.asterisk.site import Site, by_spool
from portal.pbx.errors import PBXUnavailable
from tests.pbx.fake_ami import fake_ami

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


def channel(application, data="", context="operator", exten="s"):
    return {"Application": application, "ApplicationData": data, "Context": context, "Exten": exten}


@pytest.mark.parametrize(
    "shown",
    [
        channel("VoiceMailMain", "202@default"),
        channel("VoiceMailMain", "202@default,s"),
        channel("VoiceMailMain", "202"),
        channel("voicemailmain", "202@"),
        channel("VoiceMailMain"),
        channel("VoiceMailMain", "@default"),
        channel("VoiceMailMain", "2,p"),
        channel("VoiceMailPlayMsg", "202@default,1763870000-00000000"),
        channel("Wait", "0.1", "webfon-mailbox", "202@default"),
        channel("VoiceMailMain", "202@default", "webfon-mailbox", "202@default"),
    ],
)
def test_a_channel_that_has_the_mailbox_open_or_might(shown):
    assert is_open(shown, "202@default")


@pytest.mark.parametrize(
    "shown",
    [
        channel("VoiceMailMain", "203@default"),
        channel("VoiceMailMain", "202@other"),
        channel("VoiceMailMain", "203@default", "webfon-mailbox", "203@default"),
        channel("Wait", "0.1", "webfon-mailbox", "203@default"),
        channel("VoiceMail", "202@default,u"),
        channel("Dial", "PJSIP/202"),
        {},
    ],
)
def test_a_channel_that_does_something_else(shown):
    assert not is_open(shown, "202@default")


def test_nodes_that_share_a_folder_are_asked_together(tmp_path):
    nodes = [node("madrid", tmp_path), node("reserva", tmp_path / "own"), node("sur", tmp_path)]
    sites = [site(each) for each in nodes]
    names = {path: [each.node.name for each in near] for path, near in by_spool(sites).items()}
    assert names == {tmp_path: ["madrid", "sur"], tmp_path / "own": ["reserva"]}


def site(options):
    account = Account(options["host"], options["port"], options["user"], options["secret"])
    return Site(Node(options["name"], account, 1.0), Path(options["spool"]))


def test_a_node_where_nobody_listens_is_stopped_and_one_that_says_nothing_is_not(tmp_path):
    assert site(node("madrid", tmp_path)).node.is_stopped()
    with fake_ami(lambda session: session.receive()) as silent:
        assert not site(node("madrid", tmp_path) | {"port": silent.port}).node.is_stopped()


def test_a_mailbox_of_which_every_message_is_gone_needs_no_node(tmp_path):
    (tmp_path / "default").mkdir()
    voicemail = build(nodes=[node("madrid", tmp_path)]).voicemail
    assert voicemail.remove("202@default", ["1-1"]) == {"1-1"}
    assert voicemail.move("202@default", ["1-1"], "Old") == frozenset()


@pytest.mark.parametrize("name", ["madrid", "sur"])
def test_secrets_come_from_the_environment_or_from_files(tmp_path, monkeypatch, name):
    (tmp_path / "calls").write_text("of calls\n")
    upper = name.upper()
    monkeypatch.setenv("WEBFON_NODES", name)
    monkeypatch.setenv(f"WEBFON_{upper}_SECRET", "of rules")
    monkeypatch.setenv(f"WEBFON_{upper}_CALLS_SECRET_FILE", str(tmp_path / "calls"))
    (options,) = asterisk_nodes(FileAwareEnv())
    assert options["voicemail_secret"] == ""
    assert options["calls_secret"].strip() == "of calls"
