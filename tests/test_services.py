"""The servers that the reliability tests rely on do what they promise."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest
import redis

from scripts.parts import POSTGRES, REDIS
from tests.conftest import require
from tests.services import PostgresServer, RedisServer


@pytest.fixture
def own_redis() -> Iterator[RedisServer]:
    require(REDIS)
    server = RedisServer()
    server.start()
    yield server
    server.close()


@pytest.fixture
def own_postgres() -> Iterator[PostgresServer]:
    require(POSTGRES)
    server = PostgresServer()
    server.start()
    yield server
    server.close()


def redis_answers(server: RedisServer) -> bool:
    with redis.Redis.from_url(server.url) as client:
        try:
            return bool(client.ping())
        except redis.ConnectionError:
            return False


@pytest.mark.redis
def test_redis_goes_away_and_comes_back_at_the_same_address(own_redis: RedisServer) -> None:
    address = own_redis.url
    assert redis_answers(own_redis)
    own_redis.kill()
    assert not redis_answers(own_redis)
    own_redis.start()
    own_redis.restart()
    assert redis_answers(own_redis)
    assert own_redis.url == address


@pytest.mark.postgres
def test_postgres_keeps_committed_rows_over_a_crash(own_postgres: PostgresServer) -> None:
    with psycopg.connect(own_postgres.url) as connection:
        connection.execute("CREATE TABLE kept (n int)")
        connection.execute("INSERT INTO kept VALUES (7)")
    own_postgres.kill()
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(own_postgres.url)
    own_postgres.start()
    own_postgres.restart()
    with psycopg.connect(own_postgres.url) as connection:
        assert connection.execute("SELECT n FROM kept").fetchall() == [(7,)]


@pytest.mark.redis
def test_closing_leaves_neither_process_nor_folder() -> None:
    require(REDIS)
    server = RedisServer()
    server.start()
    process = server.process
    server.close()
    assert process is not None
    assert process.poll() is not None
    assert not server.folder.exists()
