"""The settings of the tests: the demo's, in a data folder of their own, with quick passwords."""

import os
from pathlib import Path

os.environ.setdefault("WEBFON_DEMO", "1")
_WORKER = os.environ.get("PYTEST_XDIST_WORKER", "alone")
os.environ.setdefault("WEBFON_DATA", str(Path(__file__).parent.parent / ".cache/tests" / _WORKER))
os.environ.setdefault("SECRET_KEY", "only for tests")
os.environ.setdefault("LOG_LEVEL", "WARNING")

from portal.settings import *  # noqa: E402, F403

# Files, so that processes which a test starts see the same databases; each run has its own.
for _name, _database in DATABASES.items():  # noqa: F405
    if "sqlite" in str(_database["ENGINE"]):
        _database["TEST"] = {"NAME": str(DATA_DIR / f"test-{_name}-{os.getpid()}.sqlite3")}  # noqa: F405

STATIC_ROOT.mkdir(parents=True, exist_ok=True)  # noqa: F405
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
