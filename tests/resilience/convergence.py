"""One seeded fault run: pages open on a course while everything between them goes wrong."""

from __future__ import annotations

import asyncio
import contextlib
import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.test import override_settings

from wagtail_live_lms.live import hub as hub_module
from wagtail_live_lms.live.threads import DatabaseThreads
from wagtail_live_lms.testing import FlakyLayer
from wagtail_live_lms.testing.dom import Dom

from .browser import Browser
from .classroom import Classroom

STEPS, STEP_SECONDS = 20, 0.002
TABS = 2
SETTLE_SECONDS = 60.0
DASHBOARDS = [{}, {}, {"sort": "-progress"}, {"view": "matrix"}, {"q": "a"}, {"page": 2}]
FAULTS = {"drop": 0.15, "duplicate": 0.15, "delay": 0.2, "reorder": 0.15, "delay_seconds": 0.02}
SETTINGS = {"POLL_SECONDS": 0.02, "OUTBOX_FRAMES": 5, "HEARTBEAT_SECONDS": 0.3}


class WatchedHub(hub_module.Hub):
    """The hub, telling when it has looked and what is still on its way out."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(loop)
        self.polls = 0
        self._looked = asyncio.Event()

    async def _pass(self) -> None:
        before = self._last_poll
        await super()._pass()
        if self._last_poll != before:
            self.polls += 1
        self._looked.set()

    async def look(self) -> None:
        """Wait for the next pass to end."""
        self._looked.clear()
        await self._looked.wait()

    @property
    def is_quiet(self) -> bool:
        boxes = [socket.outbox for socket in self.sockets]
        is_due = any(window.is_due for window in self.windows.values())
        return not is_due and not any(box._is_awake for box in boxes)


@dataclass
class Page:
    """A browser, who sits there and what it shows."""

    browser: Browser
    user: Any
    component: str
    params: dict[str, Any]


@dataclass
class Run:
    """A fault run. `differences` says how pages differ from the database once all is quiet."""

    classroom: Classroom
    seed: int
    writers: DatabaseThreads
    settings: dict[str, Any] = field(default_factory=dict)
    settle_seconds: float = SETTLE_SECONDS
    hub_class: type[WatchedHub] = WatchedHub
    decide: Callable[[Classroom, random.Random], Callable[[], Any]] = Classroom.happening

    async def differences(self) -> list[str]:
        self.rng = random.Random(self.seed)
        self.unsettled: list[str] = []
        self.hub = self.hub_class(asyncio.get_running_loop())
        self.written: list[asyncio.Task[Any]] = []
        self.late: list[tuple[int, Page, asyncio.Task[str]]] = []
        size = self.rng.choice([8, 50])
        chosen = {**SETTINGS, "WINDOW_SIZE": size, **self.settings}
        with override_settings(WAGTAIL_LIVE_LMS=chosen):
            hub_module._hubs[asyncio.get_running_loop()] = self.hub
            pages = await self._open()
            try:
                with FlakyLayer(self.hub, seed=self.seed, **FAULTS):
                    for step in range(STEPS):
                        await self._step(step, pages)
                    await self._settle(pages)
                found = [t for page in pages for t in await self._compare(page, size == 50)]
                return found + (self.unsettled if found else [])
            finally:
                for page in pages:
                    await page.browser.leave()

    async def _open(self) -> list[Page]:
        room = self.classroom
        wanted = [(room.teacher, "instructor_dashboard", p) for p in self.rng.sample(DASHBOARDS, 3)]
        wanted += [(room.students[0], "course_progress", {})] * TABS
        pages = [await self._open_page(*want) for want in wanted]
        pages[0].browser.connect()
        while not self.hub.sockets:
            await asyncio.sleep(0)
        return pages

    async def _open_page(self, user: Any, component: str, params: dict[str, Any]) -> Page:
        html = await self.writers.run(lambda: self.classroom.page(user, component, **params))
        session = self.classroom.session(user)
        return Page(Browser(html, session), user, component, params)

    # What goes wrong

    async def _step(self, step: int, pages: list[Page]) -> None:
        rng = self.rng
        if rng.random() < 0.45:
            self._write(self.decide(self.classroom, rng))
        if rng.random() < 0.15:
            rng.choice(pages).browser.disconnect()
        for page in pages:
            if not page.browser.is_connected and rng.random() < 0.3:
                page.browser.connect()
            elif rng.random() < 0.5:
                page.browser.read(4)
        if rng.random() < 0.12:
            self._click(step, rng.choice(pages[-TABS:]))
        await self._answer(step)
        await asyncio.sleep(STEP_SECONDS * rng.random())

    def _write(self, work: Callable[[], Any]) -> None:
        self.written.append(asyncio.ensure_future(self.writers.run(work)))

    def _click(self, step: int, page: Page) -> None:
        token = page.browser.dom.roots()[0].get("data-live-params")
        module = self.rng.choice(self.classroom.modules).pk
        click = self.writers.run(lambda: self.classroom.click(page.user, token, module))
        self.late.append((step + self.rng.randint(0, 11), page, asyncio.ensure_future(click)))

    async def _answer(self, step: int) -> None:
        due = [late for late in self.late if late[0] <= step and late[2].done()]
        self.late = [late for late in self.late if late not in due]
        for _, page, reply in due:
            if html := await reply:
                page.browser.dom.apply(html)

    # What must be true afterwards

    async def _settle(self, pages: list[Page]) -> None:
        """No more faults: everybody is connected and reads, and the last answers come in late."""
        await asyncio.gather(*self.written)
        for page in pages:
            page.browser.disconnect() if self.rng.random() < 0.2 else None
            if not page.browser.is_connected:
                page.browser.connect()
        deadline = time.monotonic() + self.settle_seconds
        await self._until_quiet(pages, deadline)
        await asyncio.gather(*(late[2] for late in self.late))
        await self._answer(STEPS + 12)
        await self._until_quiet(pages, deadline)

    async def _until_quiet(self, pages: list[Page], deadline: float) -> None:
        start = self.hub.polls
        while time.monotonic() < deadline:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.hub.look(), max(0.01, deadline - time.monotonic()))
            was_quiet = self.hub.is_quiet and all(page.browser.is_ready for page in pages)
            read = sum(page.browser.read() for page in pages)
            if not was_quiet:
                start = self.hub.polls
            elif not read and self.hub.polls >= start + 2:
                return
        self.unsettled = [f"seed {self.seed}: not quiet after {self.settle_seconds} s"]

    async def _compare(self, page: Page, is_whole: bool) -> list[str]:
        shown = page.browser.dom
        fresh = Dom(await self.writers.run(lambda: self._fresh(page)))
        rows, wanted = rows_of(shown), rows_of(fresh)
        if not is_whole or page.params.get("q"):
            wanted = {key: wanted.get(key, "nothing") for key in rows}
        found = {"summary": summary_of(shown), **rows}
        wanted["summary"] = summary_of(fresh)
        return [
            f"seed {self.seed}: {page.component} {page.params} {key}: "
            f"shows {found.get(key)!r}, the database says {wanted.get(key)!r}"
            for key in sorted(found.keys() | wanted.keys())
            if found.get(key) != wanted.get(key)
        ]

    def _fresh(self, page: Page) -> str:
        params = {k: v for k, v in page.params.items() if k != "page"}
        with override_settings(WAGTAIL_LIVE_LMS={"WINDOW_SIZE": 100}):
            return self.classroom.page(page.user, page.component, **params)


def rows_of(dom: Dom) -> dict[str, str]:
    """Each row's text by id, without times that pass by themselves."""
    rows = dom.document.xpath(".//tbody/tr | .//li[@data-module]")
    place = {row.get("id"): n for n, row in enumerate(rows) if row.tag == "li"}
    return {row.get("id"): _text(row, place.get(row.get("id"))) for row in rows}


def _text(row: Any, place: int | None) -> str:
    words = " ".join("".join(row.xpath(".//text()[not(ancestor::time)]")).split())
    state = [row.get(name) for name in ("data-pct", "data-done") if row.get(name)]
    return f"{state} {words} {'' if place is None else place}"


def summary_of(dom: Dom) -> str:
    """The line above the rows."""
    return str(dom.document.xpath("string(.//*[@data-live-summary]/@data-live-summary)"))
