"""``pbx_config --dry-run`` lists what would change at an Asterisk, and changes nothing."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from portal.pbx.asterisk import kit
from tests.asterisk.instance import tree

MODULES = """\
autoload=yes
noload = func_env.so
noload => func_shell.so ; safer
noload=app_voicemail_odbc.so
noload = app_voicemail_imap.so
"""


@pytest.fixture
def etc(tmp_path):
    """The folder of an Asterisk with a dialplan of its own."""
    folder = tmp_path / "etc"
    folder.mkdir()
    (folder / "extensions.conf").write_text("[general]\n[to-carrier]\nexten => _X.,1,Hangup()\n")
    (folder / "manager.conf").write_text("[general]\nenabled = no ; yes\n[other]\nenabled = yes\n")
    (folder / "cdr.conf").write_text("[general]\nenable=yes\nunanswered => yes\n")
    (folder / "pjsip.conf").write_text("")
    return folder


@pytest.fixture
def told(etc, tmp_path, capsys):
    """What a dry run says, line by line."""

    def run(*more):
        out = ("--out", str(tmp_path / "kit"), "--outbound", "to-carrier")
        call_command("pbx_config", *out, "--dry-run", "--etc", str(etc), *more)
        return capsys.readouterr().out.splitlines()

    return run


def write(etc, tmp_path):
    out = ("--out", str(tmp_path / "kit"), "--outbound", "to-carrier")
    call_command("pbx_config", *out, stdout=StringIO())
    for path in (tmp_path / "kit").glob("*.conf"):
        (etc / path.name).write_text(path.read_text())


def contents(folder):
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_everything_that_is_to_be_added_or_edited_is_listed_and_nothing_is_done(
    told, etc, tmp_path
):
    before = contents(tmp_path)
    lines = told()
    assert contents(tmp_path) == before
    added = [line for line in lines if line.startswith("add ") and "_webfon.conf, " in line]
    assert len(added) == len(kit.files(kit.Options()))
    first, missing = f"{etc}/extensions.conf: add the line", f"{etc}/cdr_custom.conf with the line"
    assert f"edit     {first}, at its end: #include extensions_webfon.conf" in lines
    assert f"add      {missing}, under [mappings]: #include cdr_webfon.conf" in lines
    assert f"edit     {etc}/manager.conf, [general]: enabled = yes (now: no)" in lines
    assert f"edit     {etc}/cdr.conf, [general]: endbeforehexten = yes (now: unset)" in lines
    assert not [line for line in lines if "unanswered" in line or "[to-carrier]" in line]


def test_what_is_done_already_is_not_listed_and_what_an_upgrade_changes_is(told, etc, tmp_path):
    write(etc, tmp_path)
    (etc / "manager.conf").write_text("[general]\nenabled = yes\n#include manager_webfon.conf\n")
    (etc / "cdr.conf").write_text("[general]\nenable=yes\nunanswered=yes\nendbeforehexten=yes\n")
    for name in ("extensions", "pjsip", "voicemail"):
        with (etc / f"{name}.conf").open("a") as file:
            file.write(f'#include "/etc/asterisk/{name}_webfon.conf"\n')
    (etc / "cdr_custom.conf").write_text("[mappings]\n#include cdr_webfon.conf\n")
    (etc / "modules.conf").write_text(MODULES)
    assert told()[1:] == ["Nothing is to be done."]
    changed = told("--ring-seconds", "35")
    assert len(changed) == 2
    assert changed[1].startswith(f"replace  {etc}/extensions_")


def test_names_that_somebody_else_took_and_a_missing_way_out_are_told(told, etc):
    (etc / "extensions.conf").write_text("[webfon-users]\n")
    lines = told()
    assert f"look at  {etc}/extensions.conf: [webfon-users] has a name of ours" in lines
    assert "add      a context [to-carrier] that takes permitted calls to the trunk" in lines


def test_a_folder_that_is_not_there_or_cannot_be_read_is_told(told, etc, tmp_path):
    with pytest.raises(CommandError, match="not there"):
        told("--etc", str(tmp_path / "none"))
    (etc / "cdr.conf").unlink()
    (etc / "cdr.conf").mkdir()  # as unreadable to root as to anybody
    with pytest.raises(CommandError, match=r"not read: .*cdr.conf.*Asterisk's group"):
        told()


def test_what_would_be_loaded_and_should_not_is_told(told, etc):
    (etc / "modules.conf").write_text("autoload = no\nload = app_voicemail.so\nload=func_env.so\n")
    lines = [line for line in told() if "modules.conf" in line]
    assert lines == [f"edit     {etc}/modules.conf, [modules]: noload = func_env.so (now: loaded)"]


@pytest.mark.asterisk
def test_debians_own_configuration_is_read_and_only_added_to(told):
    etc = tree() / "etc/asterisk"
    lines = told("--etc", str(etc))
    kinds = {line.split()[0] for line in lines[1:]}
    assert kinds == {"add", "edit"}
    assert [line for line in lines if "extensions.conf: add the line" in line]
    assert f"edit     {etc}/modules.conf, [modules]: noload = func_shell.so (now: loaded)" in lines
