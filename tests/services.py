"""Real Redis and PostgreSQL servers on random loopback ports, to be killed and restarted."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path

from scripts.parts import find_postgres, find_redis

START_SECONDS = 30.0


def free_port() -> int:
    """A loopback port nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Server:
    """One server process in a folder of its own; the data outlives stop, kill and restart."""

    folder_prefix = "live-lms-server-"
    start_seconds = START_SECONDS
    stop_signal = signal.SIGTERM
    kill_signal = signal.SIGKILL

    def __init__(self) -> None:
        self.port = free_port()
        self.folder = Path(tempfile.mkdtemp(prefix=self.folder_prefix))
        self.process: subprocess.Popen[bytes] | None = None

    def command(self) -> list[str]:
        raise NotImplementedError

    def is_ready(self) -> bool:
        raise NotImplementedError

    def popen_options(self) -> dict[str, object]:
        return {}

    @property
    def log(self) -> Path:
        return self.folder / "server.log"

    def start(self) -> None:
        """Start on the same port and data as before; returns once the server answers."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.command(), stdout=log, stderr=log, stdin=subprocess.DEVNULL,
                **self.popen_options(),
            )  # fmt: skip
        deadline = time.monotonic() + self.start_seconds
        while not self.is_ready():
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"{type(self).__name__} did not start:\n{self.log.read_text()}")
            time.sleep(0.02)

    def stop(self) -> None:
        """Ask the server to end, as an administrator would, and wait until it has."""
        self._end(self.stop_signal)

    def kill(self) -> None:
        """End the server at once, as a crash would."""
        self._end(self.kill_signal)

    def restart(self) -> None:
        """Stop if running, then start again."""
        self.stop()
        self.start()

    def close(self) -> None:
        """End the server and remove its data."""
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _end(self, how: signal.Signals) -> None:
        if self.process is None or self.process.poll() is not None:
            return
        self.process.send_signal(how)
        try:
            self.process.wait(timeout=START_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


class RedisServer(Server):
    """A redis-server that keeps nothing: what was in it is gone after a restart."""

    folder_prefix = "live-lms-redis-"

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def command(self) -> list[str]:
        program = find_redis()
        assert program is not None
        return [
            str(program), "--port", str(self.port), "--bind", "127.0.0.1", "--save", "",
            "--appendonly", "no", "--dir", str(self.folder), "--daemonize", "no",
        ]  # fmt: skip

    def is_ready(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=1) as connection:
                connection.sendall(b"PING\r\n")
                return connection.recv(16).startswith(b"+PONG")
        except OSError:
            return False


class PostgresServer(Server):
    """A PostgreSQL that skips fsync: what it committed survives `kill`, though not a power cut."""

    folder_prefix = "live-lms-postgres-"
    stop_signal = signal.SIGINT  # "fast": open connections are closed
    # "immediate": no checkpoint, recovery from the log at the next start. SIGKILL would orphan the
    # server's children, which then keep the data folder locked.
    kill_signal = signal.SIGQUIT

    def __init__(self) -> None:
        super().__init__()
        programs = find_postgres()
        assert programs is not None
        self.programs = programs
        self._give_to_owner(self.folder)
        self._initialise()

    @property
    def url(self) -> str:
        return f"postgres://postgres@127.0.0.1:{self.port}/postgres"

    def command(self) -> list[str]:
        settings = {
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": str(self.folder),
            "fsync": "off",
            "full_page_writes": "off",
            "max_connections": "200",
        }
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        return [
            str(self.programs / "postgres"), "-D", str(self.folder / "data"),
            "-p", str(self.port), *options,
        ]  # fmt: skip

    def is_ready(self) -> bool:
        answer = subprocess.run(
            [self.programs / "pg_isready", "-q", "-h", "127.0.0.1", "-p", str(self.port)],
            check=False, timeout=10,
        )  # fmt: skip
        return answer.returncode == 0

    def popen_options(self) -> dict[str, object]:
        # PostgreSQL refuses to run as root; the package made it a user of its own.
        if os.geteuid() != 0:
            return {"cwd": self.folder}
        return {"user": "postgres", "group": "postgres", "extra_groups": [], "cwd": self.folder}

    def _give_to_owner(self, folder: Path) -> None:
        if os.geteuid() == 0:
            owner = pwd.getpwnam("postgres")
            os.chown(folder, owner.pw_uid, owner.pw_gid)

    def _initialise(self) -> None:
        subprocess.run(
            [
                str(self.programs / "initdb"), "-D", str(self.folder / "data"), "-U", "postgres",
                "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync",
            ],
            check=True, stdout=subprocess.DEVNULL, timeout=120, **self.popen_options(),
        )  # fmt: skip
