"""The settings of the tests: the demo's, in a data folder of their own, with quick passwords."""

import os
from pathlib import Path

os.environ.setdefault("WEBFON_DEMO", "1")
os.environ.setdefault("WEBFON_DATA", str(Path(__file__).parent.parent / ".cache/tests"))
os.environ.setdefault("SECRET_KEY", "only for tests")
os.environ.setdefault("LOG_LEVEL", "WARNING")

from portal.settings import *  # noqa: F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
