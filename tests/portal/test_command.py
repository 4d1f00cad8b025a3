"""The commands that an operator types."""

import subprocess
import sys

import pytest

from tests.server import ROOT, environment


@pytest.mark.parametrize("command", ["migrate", "check", "pbx_check"])
def test_a_setting_that_is_wrong_is_said_in_a_sentence(command, tmp_path):
    env = environment(tmp_path) | {
        "WEBFON_NODES": "madrid",
        "WEBFON_MADRID_HOST": "127.0.0.1",
        "WEBFON_MADRID_SECRET_FILE": "/nowhere/ami.secret",
    }
    words = [sys.executable, "manage.py", command]
    done = subprocess.run(words, cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    said = "WEBFON_MADRID_SECRET_FILE: /nowhere/ami.secret: No such file or directory"
    assert (done.returncode, done.stdout, done.stderr) == (1, "", f"webfon: {said}\n")
