"""Django settings. Everything that differs between machines comes from the environment.

DATABASE_URL  PostgreSQL server; when absent the embedded one under DATA_DIR is used.
DATA_DIR      state of this installation (database, files, secret key); default `.data`.
DEMO          `0` starts without synthetic data and without one-click sign-in.
HOST, PORT    where `jingkai run` listens; default 127.0.0.1:8000.
ALLOWED_HOSTS comma-separated host names beside HOST and loopback.
HTTPS         `1` when a proxy in front ends TLS: cookies become Secure.
"""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from urllib.parse import unquote, urlsplit

import django_stubs_ext
from csp.constants import NONE, SELF

django_stubs_ext.monkeypatch()  # lets `ModelForm[Body]` be written at run time too

BASE_DIR = Path(__file__).resolve().parents[2]
PACKAGE_DIR = Path(__file__).resolve().parent
DATA_DIR = Path(os.environ.get("DATA_DIR", BASE_DIR / ".data")).resolve()
PACKS_DIR = BASE_DIR / "packs"
DEMO = os.environ.get("DEMO", "1") != "0"
DEBUG = os.environ.get("DJANGO_DEBUG") == "1"
HOST = os.environ.get("HOST", "127.0.0.1")
PORT = int(os.environ.get("PORT", "8000"))
HTTPS = os.environ.get("HTTPS") == "1"


def _secret_key() -> str:
    """Return this installation's own key, made on first use and readable by its owner only."""
    if key := os.environ.get("SECRET_KEY"):
        return key
    path = DATA_DIR / "secret_key"
    if not path.exists():
        DATA_DIR.mkdir(parents=True, exist_ok=True)
        try:
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            return path.read_text().strip()
        with os.fdopen(handle, "w") as file:
            file.write(secrets.token_urlsafe(64))
    return path.read_text().strip()


def _database(url: str) -> dict[str, object]:
    """Turn `postgresql://user:pass@host:port/name?host=/socket` into Django's form."""
    parts = urlsplit(url)
    query = dict(item.split("=", 1) for item in parts.query.split("&") if "=" in item)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")) or "postgres",
        "USER": unquote(parts.username or "postgres"),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": unquote(query.get("host", parts.hostname or "")),
        "PORT": parts.port or query.get("port", ""),
        "CONN_MAX_AGE": 0 if os.environ.get("JINGKAI_NO_POOL") else None,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {"application_name": "jingkai", "connect_timeout": 5},
        "ATOMIC_REQUESTS": False,
        "TEST": {"NAME": os.environ.get("TEST_DATABASE_NAME", "test_jingkai")},
    }


SECRET_KEY = _secret_key()
DATABASES = {"default": _database(os.environ.get("DATABASE_URL", "postgresql:///jingkai"))}
ALLOWED_HOSTS = ["127.0.0.1", "localhost", "[::1]", "testserver", HOST] + [
    name for name in os.environ.get("ALLOWED_HOSTS", "").split(",") if name
]

INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_htmx",
    "django_filters",
    "procrastinate.contrib.django",
    "jingkai.core.audit",
    "jingkai.core.accounts",
    "jingkai.core.workflow",
    "jingkai.core.files",
    "jingkai.core.notices",
    "jingkai.core.jobs",
    "jingkai.core.register",
    "jingkai.core.ui",
    "jingkai.masterdata.organisations",
    "jingkai.masterdata.reference",
    "jingkai.delivery.policy",
    "jingkai.delivery.indicators",
    "jingkai.delivery.reporting",
    "jingkai.delivery.supervision",
    "jingkai.delivery.evaluation",
    "jingkai.delivery.intake",
    "jingkai.delivery.consultation",
    "jingkai.cockpit",
    "jingkai.packs",
]

# core.accounts says that a user acts for a body without knowing what a body is.
BODY_MODEL = "organisations.Body"
NAVIGATION = "jingkai.navigation.WINGS"
AUTH_USER_MODEL = "accounts.User"

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "jingkai.core.accounts.middleware.SignedInMiddleware",
    "jingkai.core.ui.middleware.DomainErrorMiddleware",
]
ROOT_URLCONF = "jingkai.urls"
WSGI_APPLICATION = "jingkai.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "django.template.context_processors.i18n",
                "jingkai.core.ui.context.shell",
            ],
            "builtins": ["jingkai.core.ui.templatetags.jingkai"],
        },
    }
]

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "accounts:sign-in"
# What anybody may open without signing in, beside the doors of core.accounts itself.
OPEN_PREFIXES = ("/delivery/consultation/open/", "/api/v1/consultation/open/")
LOGIN_REDIRECT_URL = "/"
SESSION_COOKIE_AGE = 8 * 3600
SESSION_SAVE_EVERY_REQUEST = False
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_IDLE_SECONDS = 3600
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
if HTTPS:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "style-src-attr": ["'unsafe-inline'"],  # ECharts positions its tooltip by style attribute
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [SELF],
        "manifest-src": [SELF],
    }
}

LOCALE_PATHS = [PACKAGE_DIR / "locale"]
LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "简体中文"), ("en", "English")]
USE_I18N = True
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True
USE_THOUSAND_SEPARATOR = False

STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = DEBUG
FILES_DIR = DATA_DIR / "files"
DATA_UPLOAD_MAX_MEMORY_SIZE = 20 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 20_000
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
SILENCED_SYSTEM_CHECKS: list[str] = []
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"console": {"class": "logging.StreamHandler"}},
    "root": {"handlers": ["console"], "level": os.environ.get("LOG_LEVEL", "WARNING")},
}
