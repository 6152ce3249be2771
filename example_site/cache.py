"""Redis as a cache the site can live without."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Any

from django.core.cache.backends.redis import RedisCache, RedisCacheClient
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError

logger = logging.getLogger(__name__)

PAUSE_SECONDS = 1.0
"""How long nothing is asked of a server that did not answer, so that a page waits only once."""


class SurvivingRedisClient(RedisCacheClient):
    """Answers as an empty cache would while the server is away."""

    _away_until = 0.0

    def add(self, key: str, value: Any, timeout: int | None) -> bool:
        return self._ask(super().add, True, key, value, timeout)

    def get(self, key: str, default: Any) -> Any:
        return self._ask(super().get, default, key, default)

    def set(self, key: str, value: Any, timeout: int | None) -> None:
        self._ask(super().set, None, key, value, timeout)

    def touch(self, key: str, timeout: int | None) -> bool:
        return self._ask(super().touch, False, key, timeout)

    def delete(self, key: str) -> bool:
        return self._ask(super().delete, False, key)

    def get_many(self, keys: list[str]) -> dict[str, Any]:
        return self._ask(super().get_many, {}, keys)

    def has_key(self, key: str) -> bool:
        return self._ask(super().has_key, False, key)

    def incr(self, key: str, delta: int) -> int:
        return self._ask(super().incr, delta, key, delta)

    def set_many(self, data: dict[str, Any], timeout: int | None) -> None:
        self._ask(super().set_many, None, data, timeout)

    def delete_many(self, keys: list[str]) -> None:
        self._ask(super().delete_many, None, keys)

    def _ask(self, question: Callable[..., Any], otherwise: Any, *args: Any) -> Any:
        if time.monotonic() < self._away_until:
            return otherwise
        try:
            return question(*args)
        except (RedisConnectionError, RedisTimeoutError) as error:
            logger.warning("The cache does not answer, going on without it: %s", error)
            self._away_until = time.monotonic() + PAUSE_SECONDS
            return otherwise


class SurvivingRedisCache(RedisCache):
    """Django's Redis cache, except that an outage is a miss and never an error.

    Wagtail asks the cache on every page, so with the plain one no page survives an outage.
    What could not be deleted meanwhile stays until it expires.
    """

    def __init__(self, server: str | list[str], params: dict[str, Any]) -> None:
        super().__init__(server, params)
        self._class = SurvivingRedisClient
