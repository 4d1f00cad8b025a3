"""One file of settings; everything that differs between installations comes from the environment.

Any variable may be given as NAME_FILE, the path of a file that holds it.
"""

import tomllib
from importlib import metadata
from pathlib import Path
from typing import Any

from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.core.management.utils import get_random_secret_key
from django.utils.translation import gettext_noop as _

from portal import jobs
from portal.databases import database
from portal.entering import *  # noqa: F403 - who is let in is the same everywhere
from portal.environment import Environment
from portal.logs import logging_settings
from portal.nodes import asterisk_nodes
from portal.program import INSTALLED_APPS, MIDDLEWARE  # noqa: F401

BASE_DIR = Path(__file__).resolve().parent.parent
# A wheel holds templates, static files and catalogues inside the package.
IS_CHECKOUT = (BASE_DIR / "manage.py").exists()
FILES_DIR = BASE_DIR if IS_CHECKOUT else BASE_DIR / "portal" / "files"
VERSION: str = (
    tomllib.loads((BASE_DIR / "pyproject.toml").read_text())["project"]["version"]
    if IS_CHECKOUT
    else metadata.version("webfon")
)

env = Environment()

# --- What this installation is -------------------------------------------------------------

DEMO = env.bool("WEBFON_DEMO", default=False)
DEBUG = env.bool("DEBUG", default=False)
DATA_HERE = str(BASE_DIR / "data" if IS_CHECKOUT else "/var/lib/webfon")
DATA_DIR = Path(env("WEBFON_DATA", default=DATA_HERE)).resolve()
PREFIX = env("WEBFON_PREFIX", default="webs/webfon3/")
HTTPS = env.bool("WEBFON_HTTPS", default=not DEMO)
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
ADMINISTRATOR_CONTACT = env("WEBFON_ADMINISTRATOR_CONTACT", default="")


def _secret_key() -> str:
    """The key from the environment; in demo mode one that is made once for the data folder."""
    key: str = env("SECRET_KEY", default="")
    if key:
        return key
    if not DEMO:
        raise ImproperlyConfigured(
            "SECRET_KEY is not set. Put a long random value into SECRET_KEY, or its file's path "
            "into SECRET_KEY_FILE; python -c 'import secrets; print(secrets.token_urlsafe(50))' "
            "makes one."
        )
    DATA_DIR.mkdir(parents=True, exist_ok=True)
    path = DATA_DIR / "secret_key"
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(get_random_secret_key())
    return path.read_text()


SECRET_KEY = _secret_key()
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])

# --- The program -----------------------------------------------------------------------------

ROOT_URLCONF = "portal.urls"
WSGI_APPLICATION = "portal.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [FILES_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "portal.context.frame",
                "desvios.context.strip",
                "historial.context.waiting",
                "chat.context.chat",
            ],
        },
    }
]
FORM_RENDERER = "django.forms.renderers.DjangoTemplates"

# --- Stores ------------------------------------------------------------------------------------

DATABASES = {
    "default": database(env, "DATABASE_URL", DATA_DIR / "webfon.sqlite3"),
    "cdr": database(env, "CDR_DATABASE_URL", DATA_DIR / "calls.sqlite3"),
}
DATABASE_ROUTERS = ["portal.pbx.router.CallRecordRouter"]

# Login limits are counted here, so that all processes share them.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "shared_cache",
    }
}

# --- The telephone system ----------------------------------------------------------------------

PHONE_REGION = env("WEBFON_PHONE_REGION", default="ES")
SUBSCRIBER_PATTERN = env("WEBFON_SUBSCRIBER_PATTERN", default="[23]XX")
# Languages whose sounds are installed on the telephone system.
VOICEMAIL_LANGUAGES = env.list("WEBFON_VOICEMAIL_LANGUAGES", default=["es", "en"])
# What telephones dial, for the dialplan kit and the page Información.
FEATURE_CODES = {
    "voicemail": env("WEBFON_VOICEMAIL_CODE", default="*97"),
    "login": env("WEBFON_LOGIN_CODE", default="*11"),
    "logout": env("WEBFON_LOGOUT_CODE", default="*12"),
    # The number in *21#, #21# and so on; the names are those of portal.pbx.phone_rules.
    "unconditional": env("WEBFON_UNCONDITIONAL_CODE", default="21"),
    "not_connected": env("WEBFON_NOT_CONNECTED_CODE", default="62"),
    "busy": env("WEBFON_BUSY_CODE", default="67"),
    "no_answer": env("WEBFON_NO_ANSWER_CODE", default="61"),
    "do_not_disturb": env("WEBFON_DO_NOT_DISTURB_CODE", default="26"),
}
# Wrong logins in a row that lock a PIN, or a telephone, for logins; and for how many seconds.
TELEPHONE_LOGIN_TRIES = env.int("WEBFON_TELEPHONE_LOGIN_TRIES", default=5)
TELEPHONE_LOCK_SECONDS = env.int("WEBFON_TELEPHONE_LOCK_SECONDS", default=300)
# Why members of queues may pause; another reason can be written.
PAUSE_REASONS = env.list(
    "WEBFON_PAUSE_REASONS",
    default=[_("Descanso"), _("Comida"), _("Reunión"), _("Formación"), _("Gestiones")],
)
# How agents may close a conversation, and days that it is kept afterwards (0: for ever).
CHAT_REASONS = env.list(
    "WEBFON_CHAT_REASONS",
    default=[_("Resuelta"), _("Sin respuesta del usuario"), _("Derivada"), _("Otra")],
)
CHAT_DAYS = env.int("WEBFON_CHAT_DAYS", default=365)
# Days that a message can be taken out of the bin again.
BIN_DAYS = env.int("WEBFON_BIN_DAYS", default=30)

# Days that calls are kept (0: for ever), and seconds that records are left to cdr_pgsql.
CALLS_DAYS = env.int("WEBFON_CALLS_DAYS", default=0)
CALLS_IMPORT_AFTER = env.int("WEBFON_CALLS_IMPORT_AFTER", default=0)
PBX: dict[str, Any]
if DEMO:
    INSTALLED_APPS.append("portal.pbx.simulated")
    PBX = {
        "BACKEND": "portal.pbx.simulated.backend.build",
        "OPTIONS": {"path": DATA_DIR / "pbx"},
    }
else:
    PBX = {
        "BACKEND": "portal.pbx.asterisk.backend.build",
        "OPTIONS": {
            "nodes": asterisk_nodes(env),
            "timeout": env.float("WEBFON_PBX_TIMEOUT", default=1.0),
        },
    }

# What the link does, and what is done when new calls were written down.
LINK_JOBS: dict[str, int] = jobs.LINK_JOBS
LINK_NODE_UP: list[str] = jobs.LINK_NODE_UP
LINK_NEWS: dict[str, list[str]] = jobs.LINK_NEWS
LINK_WATCH: str = jobs.LINK_WATCH
LINK_FIGURES: dict[str, str] = jobs.LINK_FIGURES
CALL_NEWS: list[str] = jobs.CALL_NEWS

# Who adds what to the file with everything that a person has here, and how large it may be.
OWN_DATA = {
    "ajustes": "ajustes.own_data.export",
    "agenda": "agenda.own_data.export",
    "historial": "historial.own_data.export",
    "desvios": "desvios.own_data.export",
    "buzon": "buzon.own_data.export",
    "chat": "chat.own_data.export",
}
OWN_DATA_BYTES = env.int("WEBFON_OWN_DATA_MB", default=500) * 1024 * 1024

# Hosts of the company's own network from which users may subscribe to calendars.
CALENDAR_INTRANET_HOSTS = env.list("WEBFON_CALENDAR_HOSTS", default=[])

# --- Watching the portal --------------------------------------------------------------------------

# Opens the figures and the details of the health address; without it both are shut.
OPERATOR_TOKEN = env("WEBFON_OPERATOR_TOKEN", default="")
# Where on the loopback the link tells its figures; 0: nowhere.
LINK_METRICS_PORT = env.int("WEBFON_LINK_METRICS_PORT", default=0)

# --- E-mail --------------------------------------------------------------------------------------

ADDRESS = env("WEBFON_ADDRESS", default="http://localhost:8000").rstrip("/")
DEFAULT_FROM_EMAIL = env("WEBFON_EMAIL_FROM", default="webfon@localhost")
if DEMO and not env("EMAIL_URL", default=""):
    EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    EMAIL_FILE_PATH = DATA_DIR / "mail"
else:
    vars().update(env.email_url("EMAIL_URL", default="smtp://localhost:25"))
EMAIL_TIMEOUT = 10

# --- Getting in ----------------------------------------------------------------------------------

# Fields of the contact data that users may see and not change.
LOCKED_FIELDS = env.list("WEBFON_LOCKED_FIELDS", default=[])
# How long a login lasts: in all, and while nobody uses it (over a weekend).
SESSION_COOKIE_AGE = env.int("WEBFON_SESSION_DAYS", default=14) * 24 * 3600
SESSION_UNUSED_HOURS = env.int("WEBFON_SESSION_UNUSED_HOURS", default=72)
ALLAUTH_TRUSTED_PROXY_COUNT = env.int("WEBFON_TRUSTED_PROXIES", default=0)

# --- The browser ---------------------------------------------------------------------------------

STATIC_URL = f"/{PREFIX}static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_DIRS = [FILES_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "portal.static_files.NamedByContent"},
}
WHITENOISE_USE_FINDERS = DEBUG
WHITENOISE_ALLOW_ALL_ORIGINS = False

COOKIE_PATH = f"/{PREFIX}"
# Browsers believe these names only of https; __Host- only of a portal that has its host to itself.
COOKIE_PREFIX = ("__Secure-" if PREFIX else "__Host-") if HTTPS else ""
SESSION_COOKIE_NAME = f"{COOKIE_PREFIX}sessionid"
CSRF_COOKIE_NAME = f"{COOKIE_PREFIX}csrftoken"
LANGUAGE_COOKIE_NAME = f"{COOKIE_PREFIX}django_language"
THEME_COOKIE_NAME = f"{COOKIE_PREFIX}tema"
# What a page says once may name people and numbers, which belong in no cookie.
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
SESSION_COOKIE_PATH = CSRF_COOKIE_PATH = LANGUAGE_COOKIE_PATH = COOKIE_PATH
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
CSRF_FAILURE_VIEW = "portal.views.csrf_failure"
SECURE_SSL_REDIRECT = HTTPS
SECURE_REDIRECT_EXEMPT = [
    f"^{PREFIX}(salud|metricas)/$",  # machines ask without https
    # A program that reads a secret address in the clear is refused: it must not go unnoticed.
    rf"^{PREFIX}desvios/calendario/[^/]+\.ics$",
]
SECURE_HSTS_SECONDS = 31536000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = env.bool("WEBFON_HSTS_SUBDOMAINS", default=False)
# What holds for hosts below the portal's is not for the portal to promise unasked.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
if env.bool("WEBFON_BEHIND_PROXY", default=False):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    USE_X_FORWARDED_HOST = True

OWN = ("script-src", "style-src", "img-src", "connect-src", "media-src", "form-action")
NOWHERE = ("default-src", "object-src", "frame-ancestors", "base-uri")
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {name: [SELF] for name in OWN} | {name: [NONE] for name in NOWHERE}
}

FILE_UPLOAD_HANDLERS = [
    "portal.uploads.Cut",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2500  # an import chooses among 2000 events

# --- Words and time ------------------------------------------------------------------------------

LANGUAGE_CODE = "es"
LANGUAGES = [
    ("es", "Español"),
    ("en", "English"),
    ("ca", "Català"),
    ("gl", "Galego"),
    ("eu", "Euskara"),
]
FORMAT_MODULE_PATH = ["portal.formats"]
LOCALE_PATHS = [FILES_DIR / "locale"]
USE_I18N = True
TIME_ZONE = env("WEBFON_TIME_ZONE", default="Europe/Madrid")
USE_TZ = True

LOGGING = logging_settings(env("LOG_FORMAT", default="text"), env("LOG_LEVEL", default="INFO"))
