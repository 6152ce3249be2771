"""Real servers on random loopback ports: one process each, started and stopped by its id."""

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

APPLICATION = "benchmarks.site.asgi:application"
START_SECONDS = 60.0
STOP_SECONDS = 10.0

COMMANDS = {
    "daphne": ["-m", "daphne", "-v", "0", "-b", "127.0.0.1", "-p", "{port}", APPLICATION],
    "uvicorn": [
        *("-m", "uvicorn", "--host", "127.0.0.1", "--port", "{port}", "--lifespan", "off"),
        *("--log-level", "warning", "--no-access-log", "--ws-per-message-deflate", "false"),
        APPLICATION,
    ],
}
SERVERS = tuple(COMMANDS)

PUBSUB = "channels_redis.pubsub.RedisPubSubChannelLayer"
"""The Redis layer that the product recommends."""
CORE = "channels_redis.core.RedisChannelLayer"
"""The Redis layer that Channels' documentation sets up."""


@dataclass(frozen=True, slots=True)
class Server:
    """A running server process."""

    port: int
    process: subprocess.Popen[bytes]
    environment: dict[str, str]

    def resident_bytes(self) -> int:
        """Resident memory of the process now."""
        return int(psutil.Process(self.process.pid).memory_info().rss)


@contextmanager
def running(
    name: str, seed: Path, redis_url: str = "", *, layer: str = PUBSUB, keeps_file: bool = False
) -> Iterator[Server]:
    """A fresh server on a copy of the seeded database, or with `keeps_file` on itself.

    An empty `redis_url` is the in-memory layer.
    """
    database = seed if keeps_file else seed.with_name(f"{name}-{os.getpid()}.sqlite3")
    if not keeps_file:
        shutil.copyfile(seed, database)
    environment = os.environ | {
        "BENCHMARK_SERVER": name,
        "BENCHMARK_DATABASE": str(database),
        "BENCHMARK_REDIS_URL": redis_url,
        "BENCHMARK_REDIS_LAYER": layer,
    }
    port = free_port()
    arguments = [part.format(port=port) for part in COMMANDS[name]]
    process = subprocess.Popen([sys.executable, *arguments], env=environment)
    try:
        _wait_for(port, process)
        yield Server(port, process, environment)
    finally:
        _stop(process)
        for suffix in () if keeps_file else ("", "-wal", "-shm"):
            Path(f"{database}{suffix}").unlink(missing_ok=True)


@contextmanager
def running_redis() -> Iterator[str]:
    """The URL of a Redis of our own that keeps nothing; empty where it is not installed."""
    program = shutil.which("redis-server")
    if program is None:
        yield ""
        return
    port = free_port()
    options = ["--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--loglevel", "warning"]
    process = subprocess.Popen([program, "--port", str(port), *options], stdout=subprocess.DEVNULL)
    try:
        _wait_for(port, process)
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        _stop(process)


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    give_up = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < give_up:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError(f"{process.args!r} does not answer on port {port}")


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
