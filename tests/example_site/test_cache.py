"""Production's cache may go away and come back; the site goes on."""

from __future__ import annotations

import pytest
from django.core.cache import caches
from django.core.cache.backends.base import BaseCache
from pytest_django import Settings

from tests.services import RedisServer


@pytest.fixture
def cache(redis_server: RedisServer, settings: Settings) -> BaseCache:
    settings.CACHES = {
        "default": {
            "BACKEND": "django_redis.cache.RedisCache",
            "LOCATION": redis_server.url,
            "OPTIONS": {"IGNORE_EXCEPTIONS": True, "SOCKET_CONNECT_TIMEOUT": 1},
        }
    }
    return caches["default"]


def test_without_a_server_everything_is_a_miss_until_it_is_back(
    cache: BaseCache, redis_server: RedisServer
) -> None:
    cache.set("a", 1)
    assert cache.get("a") == 1
    redis_server.kill()
    try:
        cache.set("a", 2)
        assert cache.get("a") is None
        assert cache.get_many(["a"]) == {}
    finally:
        redis_server.start()
    cache.set("a", 3)
    assert cache.get("a") == 3
