"""The example site in processes of its own: workers on real ports, and people who log in."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import httpx
import psycopg

from tests.browser.office import Office
from tests.services import PostgresServer, RedisServer, Server
from wagtail_live_lms.testing.dom import Dom

ROOT = Path(__file__).resolve().parent.parent.parent
PASSWORD = "live-lms-demo"
COURSE, DASHBOARD, LOGIN = "/python-bootcamp/", "/python-bootcamp/dashboard/", "/accounts/login/"
EVENTS = "/live-lms/components/course_progress/"


class Site:
    """The example site's database and environment, shared by its workers."""

    def __init__(self, postgres: PostgresServer, redis: RedisServer) -> None:
        self.database_url = postgres.url
        self.folder = tempfile.TemporaryDirectory(prefix="live-lms-site-")
        self.environment = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "tests.settings.production_like",
            "SECRET_KEY": "tests-only-" + "x" * 50,
            "ALLOWED_HOSTS": "127.0.0.1",
            "CSRF_TRUSTED_ORIGINS": "http://127.0.0.1",
            "DATABASE_URL": postgres.url,
            "REDIS_URL": redis.url,
            "HTTPS_ONLY": "0",
            "LIVE_LMS_VAR": self.folder.name,
        }
        self._office: Office | None = None
        for command in (["migrate"], ["load_demo_course"], ["collectstatic", "--noinput"]):
            self.manage(*command)

    def manage(self, *command: str) -> None:
        """Run a management command."""
        subprocess.run(
            [sys.executable, "manage.py", *command], cwd=ROOT, env=self.environment,
            check=True, capture_output=True, timeout=300,
        )  # fmt: skip

    def run(self, function: str, **arguments: Any) -> Any:
        """Call `module:function` in another process, see `tests/browser/office.py`."""
        if self._office is None:
            self._office = Office(self.environment)
        return self._office.run(function, arguments)

    def roster(self) -> dict[str, tuple[str, str]]:
        """What the database says of each student: row id, percentage and version."""
        query = "SELECT user_id, percent, version FROM wagtail_live_lms_enrolment"
        with psycopg.connect(self.database_url) as connection:
            rows = connection.execute(query).fetchall()
        return {f"student-{user}": (str(percent), str(version)) for user, percent, version in rows}

    def completions(self) -> set[tuple[str, int]]:
        """Who has completed what: user name and module."""
        query = (
            "SELECT u.username, p.module_id FROM wagtail_live_lms_progress p "
            "JOIN wagtail_live_lms_enrolment e ON e.id = p.enrolment_id "
            "JOIN auth_user u ON u.id = e.user_id"
        )
        with psycopg.connect(self.database_url) as connection:
            return {(name, module) for name, module in connection.execute(query).fetchall()}

    def close(self) -> None:
        if self._office is not None:
            self._office.close()
        self.folder.cleanup()


class Worker(Server):
    """One Daphne process of the site; a restart keeps its port."""

    folder_prefix = "live-lms-worker-"

    def __init__(self, site: Site, **environment: str) -> None:
        super().__init__()
        self.environment = {**site.environment, **environment}

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def command(self) -> list[str]:
        return [
            sys.executable, "-m", "daphne", "--bind", "127.0.0.1", "--port", str(self.port),
            "--websocket_timeout", "-1", "--no-server-name", "--verbosity", "0",
            "example_site.asgi:application",
        ]  # fmt: skip

    def is_ready(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=1):
                return True
        except OSError:
            return False

    def popen_options(self) -> dict[str, object]:
        return {"cwd": ROOT, "env": self.environment}

    def pause(self) -> None:
        """Stop it in mid-air: its port accepts connections and nobody answers."""
        assert self.process is not None
        self.process.send_signal(signal.SIGSTOP)


class Person:
    """Somebody logged in by the site's own form."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.http = httpx.AsyncClient(timeout=5, follow_redirects=False, trust_env=False)
        self.token = ""

    async def log_in(self, worker: Worker) -> Person:
        await self.http.get(worker.url + LOGIN)
        form = {"username": self.name, "password": PASSWORD, **self._csrf}
        answer = await self.http.post(worker.url + LOGIN, data=form)
        assert answer.status_code == 302, answer.text[:500]
        return self

    @property
    def _csrf(self) -> dict[str, str]:
        return {"csrfmiddlewaretoken": self.http.cookies["csrftoken"]}

    @property
    def cookie(self) -> str:
        return f"sessionid={self.http.cookies['sessionid']}"

    async def open(self, worker: Worker, path: str) -> Dom:
        """A page of the site."""
        answer = await self.http.get(worker.url + path)
        assert answer.status_code == 200, answer.text[:500]
        return Dom(answer.text)

    async def open_modules(self, worker: Worker) -> list[int]:
        """Modules this student has yet to complete."""
        page = await self.open(worker, COURSE)
        (root,) = page.select('[data-live-component="course_progress"]')
        self.token = root.get("data-live-params")
        return [int(row.get("data-module")) for row in page.select('[data-done="false"]')]

    async def complete(self, worker: Worker, module: int) -> httpx.Response:
        """Click "Mark complete"."""
        form = {"params": self.token, "event": "complete_module", "module_id": str(module)}
        return await self.http.post(
            worker.url + EVENTS, data={**form, **self._csrf}, headers={"HX-Request": "true"}
        )

    async def close(self) -> None:
        await self.http.aclose()


def rows_of(page: Dom) -> dict[str, tuple[str, str]]:
    """The roster that a dashboard shows: row id, percentage and version."""
    return {
        row.get("id"): (row.get("data-pct"), row.get("data-v"))
        for row in page.select("tr[data-pct]")
    }


def component_of(page: Dom, name: str) -> Any:
    """The root of one component of a page."""
    (root,) = page.select(f'[data-live-component="{name}"]')
    return root
