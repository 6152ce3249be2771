"""Production's cache may go away and come back; the site goes on."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from redis.backoff import NoBackoff
from redis.retry import Retry

from example_site.cache import PAUSE_SECONDS, SurvivingRedisCache
from tests.services import RedisServer

OPTIONS = {"retry": Retry(NoBackoff(), 0), "socket_connect_timeout": 0.5}


@pytest.fixture
def cache(redis_server: RedisServer) -> SurvivingRedisCache:
    return SurvivingRedisCache(redis_server.url, {"OPTIONS": OPTIONS})


@pytest.fixture
def absent() -> SurvivingRedisCache:
    # Port 1 is reserved: nothing listens there.
    return SurvivingRedisCache("redis://127.0.0.1:1/0", {"OPTIONS": OPTIONS})


def wait_until(condition: Callable[[], bool], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"


def test_what_is_stored_is_found(cache: SurvivingRedisCache) -> None:
    cache.clear()
    assert cache.add("a", 1)
    assert not cache.add("a", 2)
    assert cache.incr("a") == 2
    cache.set_many({"b": "two", "c": [3]})
    assert cache.get_many(["a", "b", "c"]) == {"a": 2, "b": "two", "c": [3]}
    assert cache.has_key("b")
    assert cache.touch("b", 60)
    assert cache.delete("b")
    cache.delete_many(["a", "c"])
    assert cache.get("a", "gone") == "gone"


def test_without_a_server_everything_is_a_miss(absent: SurvivingRedisCache) -> None:
    absent.set("a", 1)
    absent.set_many({"b": 2})
    absent.delete_many(["a"])
    assert absent.add("a", 1)
    assert absent.incr("a") == 1
    assert absent.get("a", "default") == "default"
    assert absent.get_many(["a"]) == {}
    assert not absent.has_key("a")
    assert not absent.touch("a")
    assert not absent.delete("a")


def test_an_absent_server_is_asked_only_now_and_then(
    absent: SurvivingRedisCache, caplog: pytest.LogCaptureFixture
) -> None:
    for _ in range(20):
        absent.get("a")
    assert len(caplog.records) == 1


def test_it_is_used_again_once_it_is_back(
    cache: SurvivingRedisCache, redis_server: RedisServer
) -> None:
    cache.set("a", 1)
    redis_server.kill()
    try:
        assert cache.get("a") is None
    finally:
        redis_server.start()

    def is_back() -> bool:
        cache.set("a", 2)
        return cache.get("a") == 2

    wait_until(is_back, PAUSE_SECONDS + 5)
