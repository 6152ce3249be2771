"""Production starts only when it has been told everything it needs."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

COMPLETE = {
    "SECRET_KEY": "x" * 60 + "0123456789",
    "ALLOWED_HOSTS": "learn.example.org",
    "CSRF_TRUSTED_ORIGINS": "https://learn.example.org",
    "DATABASE_URL": "postgres://live_lms:secret@127.0.0.1:1/live_lms",
    "REDIS_URL": "redis://127.0.0.1:1/0",
}


def start(environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    script = (
        "import django; django.setup(); from django.conf import settings as s; "
        "print(s.DEBUG, s.SESSION_COOKIE_SECURE, s.CSRF_COOKIE_SECURE, s.ALLOWED_HOSTS, "
        "s.CHANNEL_LAYERS['default']['BACKEND'], s.DATABASES['default']['ENGINE'])"
    )
    return subprocess.run(
        [sys.executable, "-c", script],
        env={**kept, "DJANGO_SETTINGS_MODULE": "example_site.settings.production", **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize("missing", sorted(COMPLETE))
def test_a_missing_variable_is_named(missing: str) -> None:
    result = start({name: value for name, value in COMPLETE.items() if name != missing})
    assert result.returncode != 0
    assert f"Set {missing} in the environment" in result.stderr


def test_a_complete_environment_starts_with_safe_settings() -> None:
    result = start(COMPLETE)
    assert result.returncode == 0, result.stderr
    assert result.stdout.strip() == (
        "False True True ['learn.example.org'] "
        "channels_redis.pubsub.RedisPubSubChannelLayer django.db.backends.postgresql"
    )
