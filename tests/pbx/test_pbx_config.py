"""``pbx_config`` writes what a real Asterisk can include, and keeps its secret to itself."""

import re
import stat

import pytest
from django.core.management import CommandError, call_command

from portal.pbx.asterisk import kit
from portal.pbx.asterisk.backend import build
from tests.asterisk.instance import Instance, tree
from tests.pbx.contract.conftest import options


@pytest.fixture
def written(tmp_path, capsys):
    """The folder and what was printed, after the command with these options."""

    def run(*arguments):
        call_command("pbx_config", "--out", str(tmp_path / "kit"), *arguments)
        return tmp_path / "kit", capsys.readouterr().out

    return run


def secret_in(folder):
    text = (folder / "manager_webfon.conf").read_text()
    return re.search(r"^secret = (.+)$", text, re.MULTILINE)[1]


def test_all_files_are_written_and_every_one_is_told_where_to_include(written):
    folder, told = written()
    dialplan = (folder / kit.DIALPLAN).read_text()  # includes the rest of the dialplan
    for name in kit.files(kit.Options()):
        assert (folder / name).exists()
        assert f"#include {name}" in told + dialplan


def test_each_user_has_a_secret_of_its_own(written):
    folder, _ = written()
    text = (folder / "manager_webfon.conf").read_text()
    found = re.findall(r"^secret = (.+)$", text, re.MULTILINE)
    kept = [(folder / f"{name}.secret").read_text() for name in kit.SECRETS]
    assert sorted(found) == sorted(kept)
    assert len(set(found)) == len(kit.SECRETS)


def test_the_options_reach_the_files(written):
    folder, told = written("--subscribers", "5XXX", "6XXX", "--outbound", "to-carrier")
    text = (folder / "extensions_webfon.conf").read_text()
    assert "_5XXX" in text
    assert "_6XXX" in text
    assert "to-carrier" in text
    assert "[to-carrier]" in told


def test_the_secret_is_long_is_not_printed_and_only_the_owner_reads_it(written):
    folder, told = written()
    secret = secret_in(folder)
    assert len(secret) >= 40
    assert secret not in told
    assert (folder / "ami.secret").read_text() == secret
    for path in folder.iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_second_run_keeps_the_secret(written):
    assert secret_in(written()[0]) == secret_in(written("--ring-seconds", "30")[0])


def test_two_installations_have_different_secrets(written, tmp_path):
    call_command("pbx_config", "--out", str(tmp_path / "other"), verbosity=0)
    assert secret_in(written()[0]) != secret_in(tmp_path / "other")


@pytest.mark.parametrize(
    "bad",
    [
        ("--subscribers", "2XX,1,System(id)"),
        ("--outbound", "a b"),
        ("--loop-limit", "0"),
        ("--voicemail-code", ""),
    ],
)
def test_what_cannot_stand_in_the_dialplan_is_refused(written, bad):
    with pytest.raises(CommandError, match="cannot stand"):
        written(*bad)


def test_a_folder_that_cannot_be_written_is_told(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(CommandError, match="not written"):
        call_command("pbx_config", "--out", str(tmp_path / "file"))


@pytest.mark.asterisk
def test_an_asterisk_that_includes_the_files_passes_pbx_check(written, tmp_path):
    folder, _ = written("--outbound", "test-outbound")
    asterisk = Instance(tmp_path / "asterisk", tree()).write()
    for path in folder.glob("*.conf"):
        (asterisk.folder / "etc" / path.name).write_text(path.read_text())
    asterisk.start()
    try:
        node = options(asterisk) | {
            "secret": (folder / "ami.secret").read_text(),
            "voicemail_secret": (folder / "voicemail.secret").read_text(),
            "calls_secret": (folder / "calls.secret").read_text(),
            "acd_secret": (folder / "acd.secret").read_text(),
        }
        results = list(build(nodes=[node]).diagnostics.check())
    finally:
        asterisk.kill()
    assert [result.message for result in results if not result.ok] == []
