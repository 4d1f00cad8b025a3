"""What the suite itself promises where something that it needs is missing."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


def run_without_asterisk(tmp_path, *, ci):
    """The tests of records, in a run that finds no Asterisk."""
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider"]
    return subprocess.run(
        [*command, "tests/asterisk/test_records.py"],
        cwd=ROOT,
        env={**os.environ, "WEBFON_CACHE": str(tmp_path), "CI": "true" if ci else ""},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_what_cannot_run_is_skipped_with_its_reason_and_counted(tmp_path):
    run = run_without_asterisk(tmp_path, ci=False)
    assert run.returncode == pytest.ExitCode.OK, run.stdout
    assert "Asterisk 22 is not here; as root, scripts/install-test-needs fetches it" in run.stdout
    assert "tests did NOT run: see the reasons above." in run.stdout


def test_a_skipped_test_is_a_failure_where_all_must_run(tmp_path):
    run = run_without_asterisk(tmp_path, ci=True)
    assert run.returncode == pytest.ExitCode.TESTS_FAILED, run.stdout
    assert "tests did NOT run: with CI=true that is a failure." in run.stdout
