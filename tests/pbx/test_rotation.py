"""New secrets for the manager's users, as docs/operating.md describes it, on a real Asterisk."""

from contextlib import closing

import pytest
from django.core.management import call_command

from portal.pbx.asterisk import kit
from portal.pbx.asterisk.ami import LoginRefused
from portal.pbx.asterisk.backend import build
from tests.asterisk.instance import Instance, tree
from tests.pbx.contract.conftest import options

pytestmark = pytest.mark.asterisk


def write_kit(folder, asterisk):
    call_command("pbx_config", "--out", str(folder), "--outbound", "test-outbound", verbosity=0)
    for path in folder.glob("*.conf"):
        (asterisk.folder / "etc" / path.name).write_text(path.read_text())


def portal_with(folder, asterisk):
    names = {"ami": "secret"} | {name: f"{name}_secret" for name in ("voicemail", "calls", "acd")}
    secrets = {option: (folder / f"{name}.secret").read_text() for name, option in names.items()}
    return build(nodes=[options(asterisk) | secrets], timeout=5)


def test_all_secrets_change_on_a_running_node_and_what_was_written_stays(tmp_path):
    folder = tmp_path / "kit"
    asterisk = Instance(tmp_path / "asterisk", tree()).write()
    write_kit(folder, asterisk)
    asterisk.start()
    try:
        before = portal_with(folder, asterisk)
        before.forwarding.write_classes("madrid", {"national": "^2..$"})
        kept = {name: (folder / f"{name}.secret").read_text() for name in kit.SECRETS}
        call_command("pbx_config", "--out", str(folder), "--new-secrets", verbosity=0)
        write_kit(folder, asterisk)
        with closing(asterisk.admin()) as admin:
            admin.act("Command", Command="manager reload")
        assert all((folder / f"{name}.secret").read_text() != kept[name] for name in kept)
        # An open connection lives on, so pages go on until the portal is started anew.
        assert before.forwarding.read_classes("madrid", ["national"])["national"] == "^2..$"
        after = portal_with(folder, asterisk)
        assert after.forwarding.read_classes("madrid", ["national"])["national"] == "^2..$"
        assert [each.message for each in after.diagnostics.check() if not each.ok] == []
        (folder / "ami.secret").write_text(kept["ami"])
        with pytest.raises(LoginRefused):
            portal_with(folder, asterisk).forwarding.read_classes("madrid", ["national"])
    finally:
        asterisk.kill()
