"""What goes into the wheel besides what pyproject.toml says: pages, static files, catalogues."""

import shutil
import sys
from pathlib import Path

from setuptools import find_packages, setup

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE / "scripts"))

from compile_translations import compile_changed  # noqa: E402

ROOMS = ["portal", "agenda", "historial", "buzon", "desvios", "ajustes", "chat"]

FILES = {
    "portal.files.static": "static",
    "portal.files.templates": "templates",
    **{
        f"portal.files.locale.{path.parent.name}.{path.name}": str(path.relative_to(HERE))
        for path in HERE.glob("locale/*/LC_MESSAGES")
    },
}
"""Folders of the checkout and where in the package they stand; see ``FILES_DIR`` in settings."""

WORK = HERE / ".cache" / "wheel"
"""What setuptools leaves behind; a file that is gone from the checkout must not come from there."""

shutil.rmtree(WORK, ignore_errors=True)
WORK.mkdir(parents=True)
compile_changed()
setup(
    packages=[
        *find_packages(include=[pattern for room in ROOMS for pattern in (room, f"{room}.*")]),
        *FILES,
    ],
    package_dir=FILES,
    package_data={
        "": ["*.mo"],
        "portal.files.static": ["**/*"],
        "portal.files.templates": ["**/*"],
        "portal.pbx.asterisk": ["kit/*.conf"],
    },
    include_package_data=False,
    options={"build": {"build_base": str(WORK)}, "egg_info": {"egg_base": str(WORK)}},
)
