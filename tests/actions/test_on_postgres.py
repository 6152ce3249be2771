"""The same promises on PostgreSQL, where writers really do run side by side."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.services import PostgresServer, RedisServer

ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.mark.postgres
@pytest.mark.redis
@pytest.mark.slow
@pytest.mark.timeout(420)
def test_the_actions_keep_their_promises_on_postgres(
    postgres_server: PostgresServer, redis_server: RedisServer
) -> None:
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("COVERAGE")  # measured already, and slower by half
    }
    result = subprocess.run(
        [
            sys.executable, "-m", "pytest", "tests/actions", "-m", "not postgres", "-q",
            "--ds=tests.settings.postgres", "--nomigrations", "-p", "no:cacheprovider",
            "-p", "no:xdist",
        ],
        cwd=ROOT,
        env={**environment, "DATABASE_URL": postgres_server.url, "REDIS_URL": redis_server.url},
        check=False, capture_output=True, text=True, timeout=400,
    )  # fmt: skip
    assert result.returncode == 0, result.stdout[-4000:] + result.stderr[-1000:]
