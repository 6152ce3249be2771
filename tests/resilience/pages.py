"""Open pages over real sockets, which come back as the script of a page does."""

from __future__ import annotations

import asyncio
import contextlib
import json
import random
import re
from collections.abc import Callable
from urllib.parse import urlencode

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidMessage

from wagtail_live_lms.testing.dom import Dom

from .servers import COURSE, Person, Worker, component_of, rows_of

ROW = re.compile(r'<tr id="(student-\d+)" data-pct="(\d+)" data-v="(\d+)"')
GONE = (OSError, ConnectionClosed, InvalidHandshake, InvalidMessage, TimeoutError)


class OpenPage:
    """One page's socket: connects, listens and connects again until closed."""

    def __init__(self, person: Person, worker: Worker, token: str, since: str) -> None:
        self.person, self.worker = person, worker
        self.token, self.since = token, since
        self.is_live = False
        self.connections = 0
        self._moved = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._task = asyncio.ensure_future(self._run())

    async def until(self, is_so: Callable[[], object], seconds: float) -> None:
        """Wait for messages until something is so. Raises TimeoutError."""
        async with asyncio.timeout(seconds):
            while not is_so():
                self._moved.clear()
                await self._moved.wait()

    async def close(self) -> None:
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    def show(self, html: str) -> None:
        raise NotImplementedError

    async def _run(self) -> None:
        while True:
            with contextlib.suppress(*GONE):
                async with self._connection() as connection:
                    self.connections += 1
                    await self._listen(connection)
            self.is_live = False
            self._moved.set()
            await asyncio.sleep(random.random())  # the script's first delay

    def _connection(self) -> connect:
        query = urlencode({"views": self.token, "since": self.since})
        return connect(
            f"ws://127.0.0.1:{self.worker.port}/ws/live/?{query}",
            origin=self.worker.url,
            additional_headers={"Cookie": self.person.cookie},
            compression=None, proxy=None, open_timeout=60, ping_interval=5, ping_timeout=15,
            close_timeout=1,
        )  # fmt: skip

    async def _listen(self, connection: ClientConnection) -> None:
        async for text in connection:
            if not str(text).startswith("{"):
                self.show(str(text))
            elif json.loads(text)["type"] == "ready":
                self.is_live = True
            self._moved.set()


class Dashboard(OpenPage):
    """An instructor's page with everything on it."""

    def __init__(self, person: Person, worker: Worker, page: Dom) -> None:
        root = component_of(page, "instructor_dashboard")
        super().__init__(person, worker, root.get("data-live-params"), root.get("data-live-since"))
        self.page = page

    @classmethod
    async def open(cls, person: Person, worker: Worker) -> Dashboard:
        """Load the page and connect its socket."""
        dashboard = cls(person, worker, await person.open(worker, "/python-bootcamp/dashboard/"))
        dashboard.start()
        return dashboard

    @property
    def rows(self) -> dict[str, tuple[str, str]]:
        return rows_of(self.page)

    def show(self, html: str) -> None:
        self.page.apply(html)


class Inbox(OpenPage):
    """A student's page, as far as the notices on it."""

    def __init__(self, person: Person, worker: Worker, page: Dom) -> None:
        root = component_of(page, "grade_notification")
        super().__init__(person, worker, root.get("data-live-params"), root.get("data-live-since"))
        self.page = page

    @classmethod
    async def open(cls, person: Person, worker: Worker) -> Inbox:
        """Load the course's page and connect its socket."""
        inbox = cls(person, worker, await person.open(worker, COURSE))
        inbox.start()
        return inbox

    def about(self, title: str) -> int:
        """How many notices tell of it."""
        told = self.page.select("[data-notice-sentence]")
        return sum(title in sentence.text_content() for sentence in told)

    def show(self, html: str) -> None:
        self.page.apply(html)


class LightDashboard(OpenPage):
    """One of a thousand: it keeps the newest version of each row and nothing else."""

    def __init__(self, person: Person, worker: Worker, token: str, since: str) -> None:
        super().__init__(person, worker, token, since)
        self.versions: dict[str, int] = {}

    def show(self, html: str) -> None:
        for row, _, version in ROW.findall(html):
            self.versions[row] = max(int(version), self.versions.get(row, 0))
