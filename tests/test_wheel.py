"""The wheel: everything that an installation without a checkout needs, and nothing else."""

import os
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ROOMS = ["portal", "agenda", "historial", "buzon", "desvios", "ajustes", "chat"]
FILES = ["templates", "static"]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """Built once from the checkout, as ``pip wheel .`` builds it."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "-w", str(folder), "."]
    subprocess.run(command, cwd=ROOT, check=True)
    [built] = folder.iterdir()
    return built


def names_below(folder, pattern="*"):
    found = (ROOT / folder).rglob(pattern)
    return {str(each.relative_to(ROOT)) for each in found if each.is_file()}


@pytest.mark.timeout(400)
def test_the_wheel_holds_all_code_migrations_pages_catalogues_and_the_kit(wheel):
    names = set(zipfile.ZipFile(wheel).namelist())
    code = {name for room in ROOMS for name in names_below(room, "*.py")}
    kit = names_below("portal/pbx/asterisk/kit", "*.conf")
    files = {f"portal/files/{name}" for folder in FILES for name in names_below(folder)}
    catalogues = {
        f"portal/files/{name.removesuffix('po')}mo" for name in names_below("locale", "django.po")
    }
    assert len(kit) > 5
    assert len(catalogues) == 4
    ours = {name for name in names if ".dist-info/" not in name}
    assert ours == code | kit | files | catalogues


TRIED = [
    ["migrate", "-v0"],
    ["migrate", "-v0", "--database=cdr"],
    ["createcachetable"],
    ["collectstatic", "-v0", "--no-input"],
    ["check", "--deploy", "--fail-level", "WARNING"],
    ["pbx_config"],
]


@pytest.mark.drill
@pytest.mark.timeout(1800)
def test_the_wheel_alone_is_installed_and_prepares_a_portal(wheel, tmp_path):
    venv.create(tmp_path / "env", with_pip=True)
    programs = tmp_path / "env" / "bin"
    needs = ["--require-hashes", "-r", str(ROOT / "requirements/postgres.txt")]
    for what in (needs, ["--no-deps", str(wheel)]):
        subprocess.run([programs / "pip", "install", "-q", *what], cwd=tmp_path, check=True)
    ours = ("WEBFON_", "DATABASE_URL", "CDR_DATABASE_URL", "DJANGO_", "PYTHONPATH")
    env = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    env |= {"SECRET_KEY": "k" * 25 + "0123456789" * 4, "WEBFON_DATA": str(tmp_path / "data")}
    told = subprocess.check_output([programs / "webfon", "--version"], cwd=tmp_path, text=True)
    assert wheel.name.startswith(f"webfon-{told.strip()}-")
    for command in TRIED:
        subprocess.run([programs / "webfon", *command], cwd=tmp_path, env=env, check=True)
    assert (tmp_path / "data/static/css").is_dir()
    assert (tmp_path / "data/asterisk/extensions_webfon.conf").exists()
    pages = "from django.template.loader import get_template; get_template('inicio.html')"
    shell = [programs / "webfon", "shell", "-v0", "-c", pages]
    subprocess.run(shell, cwd=tmp_path, env=env, check=True)
