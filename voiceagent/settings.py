"""Every setting, read once from the environment. A `.env` file beside manage.py is read too.

Nonsense is refused here, at start, with django.core.exceptions.ImproperlyConfigured.
docs/settings.md lists each variable; a test compares the two.
"""

import re
import sys
from pathlib import Path
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

from voiceagent import env
from voiceagent.admin_theme import UNFOLD as UNFOLD
from voiceagent.browser_policy import CONTENT_SECURITY_POLICY as CONTENT_SECURITY_POLICY
from voiceagent.browser_policy import PERMISSIONS_POLICY as PERMISSIONS_POLICY
from voiceagent.channel_layer import channel_layer
from voiceagent.env import (
    beginning_with,
    certificates,
    choice,
    database,
    flag,
    number,
    text,
    url,
    words,
)
from voiceagent.fallback_providers import Usual, fallbacks
from voiceagent.log_config import logging_config
from voiceagent.log_in_settings import *  # noqa: F403
from voiceagent.prices import prices
from voiceagent.storages import storages
from voiceagent.task_queue import task_queue
from voiceagent.tuned import tuned
from voiceagent.watching import traces

BASE_DIR = Path(__file__).resolve().parent.parent
env.read_file(BASE_DIR / ".env")
env.forget_empty("OTEL_", "PROMETHEUS_")


def newest_version() -> str:
    """The version is the newest heading of CHANGELOG.md, so the two cannot disagree."""
    found = re.search(r"^## (\d+\.\d+\.\d+)", (BASE_DIR / "CHANGELOG.md").read_text(), re.MULTILINE)
    if not found:
        raise ImproperlyConfigured("CHANGELOG.md has no heading such as '## 1.2.3'.")
    return found[1]


VERSION = newest_version()

# Django ----------------------------------------------------------------------

DEBUG = flag("DEBUG", default=True)
SECRET_KEY = text("SECRET_KEY")
if not SECRET_KEY:
    if not DEBUG:
        raise ImproperlyConfigured("SECRET_KEY is empty: with DEBUG=false it must be set.")
    SECRET_KEY = "insecure-for-development-only-" + "x" * 32

PUBLIC_BASE_URL = url("PUBLIC_BASE_URL", default="http://127.0.0.1:8000", schemes=("https", "http"))
ALLOWED_HOSTS = words("ALLOWED_HOSTS") or [
    urlsplit(PUBLIC_BASE_URL).hostname or "localhost",
    "localhost",
    "127.0.0.1",
]
CSRF_TRUSTED_ORIGINS = [PUBLIC_BASE_URL]

INSTALLED_APPS = [
    "daphne",
    "staff",  # Before unfold: its page of a thing's history takes the place of unfold's.
    "unfold.apps.BasicAppConfig",
    "unfold.contrib.filters",
    "staff.apps.StaffAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "channels",
    "auditlog",
    "axes",
    "django_otp",
    "django_otp.plugins.otp_totp",
    "django_otp.plugins.otp_static",
    "csp",
    "django_tasks_db",
    "customers",
    "catalog",
    "calls",
    "rehearsal",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "csp.middleware.CSPMiddleware",
    "django_permissions_policy.PermissionsPolicyMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "staff.idle_sessions.IdleSessionMiddleware",
    "staff.second_factor.middleware.SecondFactorMiddleware",
    "catalog.authorship.AuthorshipMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
]

ROOT_URLCONF = "voiceagent.urls"
ASGI_APPLICATION = "voiceagent.asgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "voiceagent" / "templates"],  # Before the theme's: ours override them.
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.debug",
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

# The audit log's rows are our own, with names that outlive accounts: the library's table is unused.
AUDITLOG_LOGENTRY_MODEL = "staff.AuditEntry"
MIGRATION_MODULES = {"auditlog": None}

DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
LOGIN_REDIRECT_URL, LOGIN_URL = "/admin/", "/admin/login/"
LANGUAGE_CODE = "en"
# The browser's, until somebody chooses one in the admin: that is kept for a year.
LANGUAGES = [("en", "English"), ("pt", "Português (Portugal)"), ("pt-br", "Português (Brasil)")]
LANGUAGE_COOKIE_AGE = 31_536_000
FORMAT_MODULE_PATH = ["voiceagent.formats"]
LOCALE_PATHS = [BASE_DIR / "voiceagent" / "locale"]
TIME_ZONE = text("TIME_ZONE", default="UTC")  # of the admin; agents have their own
USE_TZ = True

STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "voiceagent" / "static"]
MEDIA_URL = "/media/"
MEDIA_ROOT = BASE_DIR / "media"
WHITENOISE_USE_FINDERS = DEBUG

SERVED_OVER_TLS = PUBLIC_BASE_URL.startswith("https://")
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if SERVED_OVER_TLS else None
SECURE_SSL_REDIRECT = SERVED_OVER_TLS and not DEBUG
SECURE_HSTS_SECONDS = 31_536_000 if SERVED_OVER_TLS and not DEBUG else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_HSTS_PRELOAD = True
SESSION_COOKIE_SECURE = SERVED_OVER_TLS
CSRF_COOKIE_SECURE = SERVED_OVER_TLS
LANGUAGE_COOKIE_SECURE = SERVED_OVER_TLS

# Storage ---------------------------------------------------------------------

_sqlite_file = BASE_DIR / "voiceagent.sqlite3"
DATABASES = {"default": tuned(database("DATABASE_URL", default=f"sqlite:///{_sqlite_file}"))}

# What happens in calls lies here until it is rows: on a disk that outlives the process.
CALL_LOG_DIR = Path(text("CALL_LOG_DIR") or BASE_DIR / "call-log")

# Recordings of calls that run lie here, and finished ones too unless there is a bucket.
RECORDING_DIR = Path(text("RECORDING_DIR") or BASE_DIR / "recordings")
STORAGES = storages(bucket=text("RECORDINGS_S3_BUCKET"))

REDIS_URL = text("REDIS_URL")
CHANNEL_LAYERS = {"default": channel_layer(REDIS_URL)}

TASK_WORKER = choice("TASK_WORKER", default="inside", of=("inside", "separate"))
TASK_BACKEND = choice("TASK_BACKEND", default="database", of=("database", "redis"))
TASKS, RQ_QUEUES = task_queue(in_redis=TASK_BACKEND == "redis", redis_url=REDIS_URL)
RQ, RQ_SHOW_ADMIN_LINK = {"JOB_CLASS": "django_tasks_rq.Job"}, False
if RQ_QUEUES:
    INSTALLED_APPS.append("django_rq")
    if TASK_WORKER == "inside":
        raise ImproperlyConfigured("TASK_BACKEND=redis needs TASK_WORKER=separate.")

# Twilio ----------------------------------------------------------------------

TWILIO_ACCOUNT_SID = text("TWILIO_ACCOUNT_SID")
TWILIO_AUTH_TOKEN = text("TWILIO_AUTH_TOKEN")
TWILIO_AUTH_TOKEN_SECONDARY = text("TWILIO_AUTH_TOKEN_SECONDARY")
TWILIO_API_BASE_URL = url(
    "TWILIO_API_BASE_URL", default="https://api.twilio.com", schemes=("https", "http")
)
TWILIO_VALIDATE_SIGNATURES = flag("TWILIO_VALIDATE_SIGNATURES", default=True)
TWILIO_WS_PATH = text("TWILIO_WS_PATH", default="/media-stream")
if not re.fullmatch(r"(/[A-Za-z0-9._~-]+)+", TWILIO_WS_PATH):
    raise ImproperlyConfigured(
        f"TWILIO_WS_PATH={TWILIO_WS_PATH!r}: use a path such as /media-stream."
    )
TWILIO_WHATSAPP_FROM = text("TWILIO_WHATSAPP_FROM")
TWILIO_WHATSAPP_CONTENT_SID = text("TWILIO_WHATSAPP_CONTENT_SID")
if not re.fullmatch(r"(HX[0-9a-f]{32})?", TWILIO_WHATSAPP_CONTENT_SID):
    raise ImproperlyConfigured("TWILIO_WHATSAPP_CONTENT_SID is HX and 32 digits, from Twilio.")

# AI providers ----------------------------------------------------------------
# Without a key, a provider is looked for at OFFLINE_PROVIDERS_URL (`manage.py providers`).

OFFLINE_PROVIDERS_URL = url(
    "OFFLINE_PROVIDERS_URL", default="http://127.0.0.1:8090", schemes=("http", "https")
)
_offline_socket_url = "ws" + OFFLINE_PROVIDERS_URL.removeprefix("http")

OPENAI_API_KEY = text("OPENAI_API_KEY")
OPENAI_BASE_URL = url(
    "OPENAI_BASE_URL",
    default="https://api.openai.com/v1" if OPENAI_API_KEY else f"{OFFLINE_PROVIDERS_URL}/v1",
    schemes=("https", "http"),
)
OPENAI_MODEL = text("OPENAI_MODEL", default="gpt-4.1-mini")
CARTESIA_API_KEY = text("CARTESIA_API_KEY")
CARTESIA_BASE_URL = url(
    "CARTESIA_BASE_URL",
    default="wss://api.cartesia.ai" if CARTESIA_API_KEY else _offline_socket_url,
    schemes=("wss", "ws"),
)
CARTESIA_STT_MODEL = text("CARTESIA_STT_MODEL", default="ink-whisper")
CARTESIA_TTS_MODEL = text("CARTESIA_TTS_MODEL", default="sonic-3")
CARTESIA_VOICE_ID = text("CARTESIA_VOICE_ID", default="a0e99841-438c-4a64-b679-ae501e7d6091")

_speech = (CARTESIA_STT_MODEL, CARTESIA_TTS_MODEL, CARTESIA_BASE_URL, CARTESIA_API_KEY)
FALLBACKS = fallbacks(Usual(OPENAI_MODEL, OPENAI_BASE_URL, OPENAI_API_KEY, *_speech))
PRICES = prices()

# Customers -------------------------------------------------------------------

SUPABASE_URL = text("SUPABASE_URL")
SUPABASE_KEY = text("SUPABASE_KEY")
PREFETCH_TIMEOUT = number("PREFETCH_TIMEOUT", default=2.0, least=0.0, most=30.0)  # seconds

# What a call does ------------------------------------------------------------

GREETING_AUDIO_ENABLED = flag("GREETING_AUDIO_ENABLED", default=True)
EAGER_TOOL_LOADING = flag("EAGER_TOOL_LOADING", default=True)
DIRECT_GREETING_INJECTION = flag("DIRECT_GREETING_INJECTION", default=True)
PARALLEL_CONTEXT_PREFETCH = flag("PARALLEL_CONTEXT_PREFETCH", default=True)
ANSWER_WHEN_WARM = flag("ANSWER_WHEN_WARM", default=True)
GREETING_PACING = choice("GREETING_PACING", default="burst", of=("burst", "realtime"))
CLIP_LOUDNESS_LUFS = number("CLIP_LOUDNESS_LUFS", default=-19.0, least=-35.0, most=-10.0)
TURN_DETECTION = choice("TURN_DETECTION", default="smart", of=("smart", "silence"))
CUSTOM_TOOLS_DIR = text("CUSTOM_TOOLS_DIR")
TOOL_PRIVATE_HOSTS = frozenset(word.lower() for word in words("TOOL_PRIVATE_HOSTS"))
TOOL_CA_FILE = certificates("TOOL_CA_FILE")
MCP_SERVER_TOKEN = text("MCP_SERVER_TOKEN")
TOOL_SECRETS = beginning_with("TOOL_SECRET_")  # By their names; tools may send no other variable.
PROVIDER_CALLS = int(number("PROVIDER_CALLS", default=0, least=0, most=10_000))  # 0: no limit
MAX_CONCURRENT_CALLS = int(number("MAX_CONCURRENT_CALLS", default=20, least=1, most=10_000))
MAX_PENDING_STREAMS = int(number("MAX_PENDING_STREAMS", default=256, least=1, most=10_000))
DRAIN_TIMEOUT = number("DRAIN_TIMEOUT", default=900.0, least=0.0, most=86_400.0)  # seconds

# Which process this is -------------------------------------------------------
# True in a process that answers calls: it warms up when the apps are loaded. Servers that import
# voiceagent/asgi.py (Daphne, uvicorn) are told by that file; `serve` and `runserver` are known by
# their names. The parent of runserver's reloader answers nothing and must load no models.


def _serve_role() -> str | None:
    """The role of `manage.py serve`: all, voice or web; None in any other process."""
    if sys.argv[1:2] != ["serve"]:
        return None
    options = " ".join(sys.argv[2:]).replace("=", " ").split()
    return options[options.index("--role") + 1] if "--role" in options[:-1] else "all"


def _serves_calls() -> bool:
    if _serve_role() is not None:
        return _serve_role() != "web"
    if sys.argv[1:2] == ["runserver"]:
        return "--noreload" in sys.argv or text("RUN_MAIN") == "true"
    return False


SERVES_CALLS = flag("SERVES_CALLS", default=_serves_calls())
SERVES_ADMIN = _serve_role() != "voice"
DOES_CHORES = SERVES_CALLS or _serve_role() == "web"

# Watching --------------------------------------------------------------------

METRICS_TOKEN = text("METRICS_TOKEN")
PROMETHEUS_MULTIPROC_DIR = text("PROMETHEUS_MULTIPROC_DIR")
TRACES = traces()

# Logging ---------------------------------------------------------------------

LOG_LEVEL = choice("LOG_LEVEL", default="INFO", of=("DEBUG", "INFO", "WARNING", "ERROR"))
LOGGING = logging_config(LOG_LEVEL)
