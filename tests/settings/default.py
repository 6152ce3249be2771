"""The unit suite: a site as in the example, on SQLite and parts inside the process."""

import os
import tempfile

from example_site.settings.base import *

INSTALLED_APPS = [*INSTALLED_APPS, "tests.toy"]
DEBUG = False
SECRET_KEY = "tests-only"
ALLOWED_HOSTS = ["localhost", "127.0.0.1", "testserver"]

# A file, not memory: the hub reads from threads of its own. One name for each test process.
_DATABASE = os.path.join(tempfile.gettempdir(), f"live-lms-test-{os.getpid()}.sqlite3")
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": _DATABASE,
        "OPTIONS": {
            "timeout": 20,
            "transaction_mode": "IMMEDIATE",
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF;",
        },
        "TEST": {"NAME": _DATABASE},
    }
}
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
CHANNEL_LAYERS = {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
