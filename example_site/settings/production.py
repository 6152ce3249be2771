"""Production: PostgreSQL, Redis and any number of ASGI workers, told by the environment.

Required: SECRET_KEY, ALLOWED_HOSTS, DATABASE_URL, REDIS_URL, CSRF_TRUSTED_ORIGINS.
Optional: DATABASE_CONNECTIONS (of each process, 20), LIVE_LMS_BASE_URL, LIVE_LMS_VAR, LOG_LEVEL,
HSTS_SECONDS, HTTPS_ONLY (default 1).
"""

import os

import dj_database_url
from django.core.exceptions import ImproperlyConfigured

from .base import *  # noqa: F403

REQUIRED = ("SECRET_KEY", "ALLOWED_HOSTS", "DATABASE_URL", "REDIS_URL", "CSRF_TRUSTED_ORIGINS")
missing = [name for name in REQUIRED if not os.environ.get(name, "").strip()]
if missing:
    raise ImproperlyConfigured(
        f"Set {', '.join(missing)} in the environment before starting the site in production. "
        "deploy/live-lms.env.example lists every variable with an example."
    )


def _list(name: str) -> list[str]:
    return [part.strip() for part in os.environ[name].split(",") if part.strip()]


DEBUG = False
SECRET_KEY = os.environ["SECRET_KEY"]
ALLOWED_HOSTS = _list("ALLOWED_HOSTS")
CSRF_TRUSTED_ORIGINS = _list("CSRF_TRUSTED_ORIGINS")
WAGTAILADMIN_BASE_URL = os.environ.get("LIVE_LMS_BASE_URL", CSRF_TRUSTED_ORIGINS[0])
WAGTAIL_LIVE_LMS = {
    "BASE_URL": WAGTAILADMIN_BASE_URL,
    "WEB_PUSH_PRIVATE_KEY": os.environ.get("WEB_PUSH_PRIVATE_KEY", ""),
    "WEB_PUSH_CONTACT": os.environ.get("WEB_PUSH_CONTACT", f"{WAGTAILADMIN_BASE_URL}/"),
}

# Under ASGI each request runs in a thread of its own. A pool keeps hundreds of them at once from
# asking PostgreSQL for more connections than it has: they wait for one that is free.
DATABASES = {
    "default": dj_database_url.parse(
        os.environ["DATABASE_URL"], conn_max_age=0, conn_health_checks=True
    )
}
if DATABASES["default"]["ENGINE"] == "django.db.backends.postgresql":
    DATABASES["default"].setdefault("OPTIONS", {})["pool"] = {
        "min_size": 2,
        "max_size": int(os.environ.get("DATABASE_CONNECTIONS", "20")),
        "timeout": 60,
    }

REDIS_URL = os.environ["REDIS_URL"]
CACHES = {
    "default": {
        "BACKEND": "django_redis.cache.RedisCache",
        "LOCATION": REDIS_URL,
        # A cache is worth waiting for only briefly, and a site without one still answers.
        "OPTIONS": {
            "IGNORE_EXCEPTIONS": True,
            "SOCKET_CONNECT_TIMEOUT": 1,
            "SOCKET_TIMEOUT": 1,
        },
    }
}
DJANGO_REDIS_LOG_IGNORED_EXCEPTIONS = True
CHANNEL_LAYERS = {
    "default": {
        "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
        "CONFIG": {"hosts": [REDIS_URL]},
    }
}

STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.ManifestStaticFilesStorage",
    },
}

# HTTPS_ONLY=0 is for a trial on a closed network without TLS: cookies then travel in the clear.
HTTPS_ONLY = os.environ.get("HTTPS_ONLY", "1") != "0"
SESSION_COOKIE_SECURE = HTTPS_ONLY
CSRF_COOKIE_SECURE = HTTPS_ONLY
SESSION_COOKIE_HTTPONLY = True
SECURE_HSTS_SECONDS = int(os.environ.get("HSTS_SECONDS", "3600")) if HTTPS_ONLY else 0
# The reverse proxy ends TLS and sets this header itself, dropping what the client sent.
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"console": {"class": "logging.StreamHandler"}},
    "root": {"handlers": ["console"], "level": os.environ.get("LOG_LEVEL", "INFO")},
    # Two lines for every index update of every saved page help nobody.
    "loggers": {"django_tasks": {"level": "WARNING"}},
}
