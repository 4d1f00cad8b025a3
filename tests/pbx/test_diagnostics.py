"""``pbx_check`` on a real Asterisk: each trouble an operator can have is named."""

import time
from collections.abc import Iterator

import pytest
from django.core.management import CommandError, call_command

from portal.pbx import get_pbx
from portal.pbx.asterisk import kit
from portal.pbx.asterisk.backend import build
from tests.asterisk.instance import Instance, tree
from tests.pbx.contract.conftest import options

RECORD = (
    '"1763861000.1",1,"1763861000.1",{start}.000001,0,{end}.000001,"Ana","201","202","202","","",'
    '"PJSIP/201-1","","Dial",1.0,0.0,"NO ANSWER",""\n'
)


@pytest.fixture(scope="module")
def asterisk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Instance]:
    """An Asterisk whose configuration the tests spoil."""
    instance = Instance(tmp_path_factory.mktemp("check"), tree()).write().start()
    yield instance
    instance.kill()


@pytest.fixture
def own_asterisk(tmp_path):
    """One that a test has for itself."""
    instance = Instance(tmp_path / "asterisk", tree()).write().start()
    yield instance
    instance.kill()


@pytest.fixture
def site(asterisk):
    """The node's settings, and afterwards everything as it was."""
    asterisk.write()
    asterisk.cdr.unlink(missing_ok=True)
    yield options(asterisk)
    asterisk.write()
    asterisk.cdr.unlink(missing_ok=True)
    reload(asterisk, "manager")
    reload(asterisk, "dialplan")


pytestmark = pytest.mark.asterisk


def reload(asterisk, module):
    reply = asterisk.admin()
    name = {"manager": "manager", "dialplan": "pbx_config"}[module]
    reply.act("Reload", Module=name)
    reply.close()


def edit(asterisk, name, old, new):
    path = asterisk.folder / "etc" / name
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def check(*nodes):
    """The results by part, without the node's name."""
    results = list(build(nodes=nodes, timeout=1.0).diagnostics.check())
    assert all(bool(result.remedy) != result.ok for result in results)
    return {result.part.partition(": ")[2] or result.part: result for result in results}


def problems(*nodes):
    return {part: result.message for part, result in check(*nodes).items() if not result.ok}


def test_everything_works(site):
    found = check(site)
    assert [part for part, result in found.items() if not result.ok] == []
    assert {"login", "FullyBooted", "AstDB", "no Originate", "dialplan", "outbound"} <= set(found)


def test_the_check_leaves_nothing_behind(site, asterisk):
    check(site)
    admin = asterisk.admin()
    shown = admin.act("Command", Command="database show webfon/check")["Output"]
    admin.close()
    assert "0 results found" in shown


def test_without_nodes_it_says_where_to_name_them():
    assert "nodes" in problems()


def test_nobody_listens(site):
    assert "refused" in problems(site | {"port": 1})["connection"]


def test_a_wrong_secret(site):
    found = problems(site | {"secret": "not the secret"})
    assert list(found) == ["login"]
    assert "not the secret" not in str(found)


def test_another_machine_without_tls(site):
    (result,) = [
        r for p, r in check(site | {"host": "127.0.0.1.nip.invalid"}).items() if p == "way"
    ]
    assert not result.ok
    assert "tlsenable" in result.remedy


def test_one_node_down_does_not_hide_the_other(site):
    other = site | {"name": "reserva", "port": 1}
    results = list(build(nodes=[other, site], timeout=1.0).diagnostics.check())
    assert [result.part for result in results if not result.ok] == ["reserva: connection"]
    assert "madrid: dialplan" in [result.part for result in results if result.ok]


@pytest.mark.parametrize(
    ("name", "old", "new", "part"),
    [
        ("logger.conf", "messages => notice", "full => notice,DTMF", "logs"),
        ("logger.conf", "messages => notice", "full => [json]notice,verbose", "logs"),
        ("logger.conf", "messages => notice", "full => verbose(3)", "logs"),
        ("logger.conf", "messages => notice,warning,error", "console => *", "logs"),
        ("logger.conf", "messages => notice", "full => debug", "logs"),
        ("manager.conf", "eventfilter", ";eventfilter", "other users"),
    ],
)
def test_whoever_would_see_the_clave_of_a_login_is_named(site, asterisk, name, old, new, part):
    edit(asterisk, name, old, new)
    named = {"logs": new.partition(" ")[0], "other users": "admin"}
    assert problems(site)[part].endswith(f"would be seen by {named[part]}")


@pytest.mark.parametrize(
    ("text", "is_seen"),
    [
        ("enable=yes\nevents=ALL", True),
        ("enable=yes\nevents=CHAN_START, dtmf", True),
        ("enable=no\nevents=ALL", False),
        ("enable=yes\nevents=CHAN_START,CHAN_END", False),
    ],
)
def test_cel_that_keeps_keys_is_named(site, asterisk, text, is_seen):
    path = asterisk.folder / "etc" / "cel.conf"
    path.write_text(f"[general]\n{text}\n")
    assert ("CEL" in problems(site)) == is_seen
    path.unlink()


def test_a_log_that_is_quiet_enough_is_fine(site, asterisk):
    edit(asterisk, "logger.conf", "messages => notice", "full => verbose(2),notice")
    assert problems(site) == {}


@pytest.mark.parametrize(
    ("old", "new", "part"),
    [
        ("read = system,call,user,", "read = call,user,", "FullyBooted"),
        ("read = system\nwrite = user", "read =\nwrite = user", "webfon-voicemail"),
        ("write = user,reporting", "write = user", "webfon-voicemail"),
        ("write = user,reporting", "write = user,reporting,system", "webfon-voicemail"),
        ("write = originate", "write =", "webfon-calls"),
        ("write = originate", "write = originate,command", "webfon-calls"),
        ("write = reporting,agent", "write = reporting", "webfon-acd"),
        ("write = reporting,agent", "write = reporting,agent,call", "webfon-acd"),
        ("write = system,reporting", "write = system", "dialplan"),
        ("write = system,reporting", "write = system,reporting,originate", "no Originate"),
        ("write = system,reporting", "write = system,reporting,command", "no Command"),
    ],
)
def test_a_privilege_too_few_or_too_many(site, asterisk, old, new, part):
    edit(asterisk, "manager_webfon.conf", old, new)
    reload(asterisk, "manager")
    assert list(problems(site)) == [part]


def test_without_system_nothing_can_be_written(site, asterisk):
    edit(asterisk, "manager_webfon.conf", "write = system,reporting", "write = reporting")
    reload(asterisk, "manager")
    assert "Permission denied" in problems(site)["AstDB"]


def test_an_event_filter_may_not_hide_that_the_node_is_up(site, asterisk):
    edit(asterisk, "manager_webfon.conf", "name(FullyBooted)", "name(Reload)")
    reload(asterisk, "manager")
    # Right after the login Asterisk says it without asking the filter.
    assert problems(site) == {}


def test_a_module_that_the_kit_uses_is_missing(site, asterisk):
    admin = asterisk.admin()
    admin.act("ModuleLoad", Module="func_json.so", LoadType="unload")
    found = problems(site)
    admin.act("ModuleLoad", Module="func_json.so", LoadType="load")
    admin.close()
    assert found == {"modules": "not loaded: func_json"}


def test_a_module_that_gives_a_shell_is_loaded(site, asterisk):
    admin = asterisk.admin()
    admin.act("ModuleLoad", Module="func_env.so", LoadType="load")
    found = problems(site)
    admin.act("ModuleLoad", Module="func_env.so", LoadType="unload")
    admin.close()
    assert list(found) == ["no shell"]


@pytest.mark.parametrize(
    ("secret", "user"),
    [
        ("voicemail_secret", "webfon-voicemail"),
        ("calls_secret", "webfon-calls"),
        ("acd_secret", "webfon-acd"),
    ],
)
def test_a_user_without_its_secret_or_with_a_wrong_one(site, secret, user):
    assert "no secret" in problems(site | {secret: ""})[user]
    assert "refused the login" in problems(site | {secret: "wrong"})[user]


@pytest.mark.parametrize("line", ["format = wav", "passwordlocation = spooldir"])
def test_voicemail_that_does_not_keep_what_the_portal_reads(site, asterisk, line):
    edit(asterisk, "voicemail_webfon.conf", line, "")
    assert list(problems(site)) == ["voicemail.conf"]


def test_no_kit(site, asterisk):
    (asterisk.folder / "etc" / "extensions_webfon.conf").write_text("")
    reload(asterisk, "dialplan")
    assert problems(site) == {"dialplan": "the kit is not loaded"}


def test_a_kit_of_another_version(site, asterisk):
    edit(asterisk, "extensions_webfon.conf", kit.VERSION_VALUE, "Custom:0")
    reload(asterisk, "dialplan")
    assert "another version" in problems(site)["dialplan"]


def test_no_outbound_context(site, asterisk):
    edit(asterisk, "extensions.conf", "[test-outbound]", "[elsewhere]")
    reload(asterisk, "dialplan")
    assert "test-outbound" in problems(site)["outbound"]


def test_a_good_record_is_enough(site, asterisk):
    asterisk.cdr.write_text(RECORD.format(start=1763861000, end=1763861001))
    assert problems(site) == {}


def test_records_with_other_fields(site, asterisk):
    asterisk.cdr.write_text('"a","b"\n')
    assert "19 fields" in problems(site)["call records"]


def test_a_torn_last_line_is_not_looked_at(site, asterisk):
    asterisk.cdr.write_text(RECORD.format(start=1763861000, end=1763861001) + '"17638')
    assert problems(site) == {}


def test_calls_without_records(own_asterisk):
    asterisk, site = own_asterisk, options(own_asterisk)
    place_a_call(asterisk)
    assert problems(site) == {}
    asterisk.cdr.unlink()
    assert "no record" in problems(site)["call records"]
    asterisk.cdr.write_text(RECORD.format(start=1763861000, end=1763861001))
    assert "no call since" in problems(site)["call records"]


def place_a_call(asterisk):
    edit(
        asterisk, "extensions.conf", "[test-users]", "[short]\nexten => s,1,Answer()\n[test-users]"
    )
    reload(asterisk, "dialplan")
    admin = asterisk.admin()
    admin.act("Originate", Channel="Local/s@short", Application="NoOp")
    deadline = time.monotonic() + 5
    while not asterisk.cdr.exists() or int(admin.act("CoreStatus")["CoreCurrentCalls"]):
        assert time.monotonic() < deadline
        time.sleep(0.01)
    admin.close()


def test_folders_that_are_not_there(site, tmp_path):
    gone = site | {"spool": tmp_path / "gone", "cdr_csv": tmp_path / "gone" / "webfon.csv"}
    assert set(problems(gone)) == {"call records", "voicemail"}


def test_files_not_configured_are_not_a_problem(site):
    found = check(site | {"spool": "", "cdr_csv": ""})
    assert "not read" in found["voicemail"].message
    assert "not read" in found["call records"].message


def test_files_that_cannot_be_read(site, tmp_path):
    folder, file = tmp_path / "folder", tmp_path / "file"
    folder.mkdir()
    file.touch()
    found = problems(site | {"spool": file, "cdr_csv": folder})
    assert set(found) == {"call records", "voicemail"}


def test_the_command_ends_with_1_and_says_what_to_do(site, settings, capsys):
    settings.PBX = {
        "BACKEND": "portal.pbx.asterisk.backend.build",
        "OPTIONS": {"nodes": [site | {"port": 1}], "timeout": 1.0},
    }
    get_pbx.cache_clear()
    with pytest.raises(CommandError, match="1 of the parts"):
        call_command("pbx_check")
    told = capsys.readouterr().out
    assert "PROBLEM  madrid: connection" in told
    assert "See that Asterisk runs" in told


def test_the_command_ends_well_where_everything_works(site, settings, capsys):
    settings.PBX = {
        "BACKEND": "portal.pbx.asterisk.backend.build",
        "OPTIONS": {"nodes": [site], "timeout": 1.0},
    }
    get_pbx.cache_clear()
    call_command("pbx_check")
    assert "Everything works." in capsys.readouterr().out


def test_a_code_that_the_operator_has_already(site, asterisk):
    assert "reach the kit" in check(site)["codes"].message
    edit(asterisk, "extensions.conf", "[test-users]", "[test-users]\nexten => _*6X.,1,Answer()\n")
    reload(asterisk, "dialplan")
    assert "_*6X. in [test-users] comes first" in problems(site)["codes"]
