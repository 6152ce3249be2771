"""A tab in the memory of a test, with the socket of its page."""

from __future__ import annotations

import json
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from typing import Any

from wagtail_live_lms.routing import websocket_application

from .connection import Connection
from .dom import Element
from .page import Page

FINAL_CODES = {4400, 4401, 4403, 4409}
"""Close codes after which the page's script does not connect again."""


class FakeBrowser(Page):
    """One tab: `FakeBrowser(user)`, then `open`, `click`, `submit`, `poll`, and look at `dom`.

    It acts as htmx and `live-lms.js` do; with `scripts=False` as a browser without JavaScript,
    by plain posts and redirects. The page's CSRF token is sent along, and checked. In async
    tests `async with browser.connected():` opens the page's socket to the real application.
    """

    def __init__(self, user: Any = None, **options: Any) -> None:
        super().__init__(user, **options)
        self.received: list[str] = []
        self.close_code: int | None = None
        self._connection: Connection | None = None
        self._application: Any = websocket_application
        self._buffer = 0
        self._views = ""

    @property
    def is_connected(self) -> bool:
        return self._connection is not None

    @asynccontextmanager
    async def connected(
        self, application: Any = websocket_application, *, buffer: int = 0
    ) -> AsyncIterator[FakeBrowser]:
        """With the page's socket open. `buffer` messages may wait to be read: 1 is a slow reader.

        Nothing is read by itself: `receive` reads one message, `until` as many as it needs.
        """
        self._application, self._buffer = application, buffer
        await self.connect()
        try:
            yield self
        finally:
            await self.disconnect()

    async def connect(self) -> None:
        """Open a socket for what the page shows, in place of the one there was."""
        await self.disconnect()
        self._views = self._keys()
        roots = self.dom.roots()
        assert roots, f"The page has nothing that is kept up to date:\n{self.html}"
        query = {"views": ",".join(root.get("data-live-params") for root in roots)}
        query["since"] = self.since
        cookies = "; ".join(f"{key}={m.value}" for key, m in self.client.cookies.items())
        headers = {"Host": "testserver", "Origin": "http://testserver", "Cookie": cookies}
        self._connection = Connection(
            self._application, "/ws/live/", query, headers, buffer=self._buffer
        )
        self.close_code = None
        await self._connection.open()

    async def disconnect(self) -> None:
        """Close the socket, as a lost connection does; the page stays as it is."""
        connection, self._connection = self._connection, None
        if connection is not None:
            await connection.close()

    async def receive(self, timeout: float = 5) -> str:
        """Take in one message, and return it; "" for one without text.

        Raises TimeoutError. After a close, `close_code` says why; nothing connects by itself.
        """
        assert self._connection is not None, f"No socket is open (close code {self.close_code})."
        if self._keys() != self._views:
            await self.connect()
        message = await self._connection.receive(timeout)
        if message["type"] == "websocket.close":
            await self._closed(message["code"])
        text: str = message.get("text", "")
        if text:
            self.received.append(text)
            await self._take_in(text)
        return text

    async def until(self, is_so: Callable[[FakeBrowser], object], timeout: float = 10) -> None:
        """Take messages in until something is so, connecting again where the script would."""
        deadline = time.monotonic() + timeout
        while not is_so(self):
            left = deadline - time.monotonic()
            assert left > 0, f"It did not come about in {timeout} seconds:\n{self.html}"
            if self._connection is None:
                assert self.close_code not in FINAL_CODES, f"Closed for good: {self.close_code}."
                await self.connect()
            try:
                await self.receive(left)
            except TimeoutError:
                continue

    async def closed(self, timeout: float = 10) -> int:
        """Take messages in until the server closes the socket, and return its code."""
        deadline = time.monotonic() + timeout
        while self.close_code is None:
            await self.receive(max(0.0, deadline - time.monotonic()))
        return self.close_code

    # What the script does

    def poll(self) -> None:
        """Ask for each component by HTTP, as a page does every few seconds without a socket."""
        if self._connection is None:
            super().poll()

    def load(self, response: Any, url: str) -> None:
        super().load(response, url)
        self._views = ""  # another page has another socket

    def settle(self) -> None:
        if self._connection is not None:
            self.set_state("live")

    async def _take_in(self, text: str) -> None:
        if not text.startswith("{"):
            self.dom.apply(text)
            return
        message = json.loads(text)
        match message["type"]:
            case "ready":
                self.set_state("live")
            case "beat":
                self.dom.remember(message["since"])
            case "refused":
                self.end("4403", list(self._elements(message["elements"])))
                await (self.connect() if self.dom.roots() else self.disconnect())

    async def _closed(self, code: int) -> None:
        self.close_code, connection = code, self._connection
        self._connection = None
        if connection is not None:
            await connection.close()
        if code in FINAL_CODES:
            self.end(str(code), self.dom.roots())
        else:
            self.set_state("stale")

    def _elements(self, idents: list[str]) -> Iterator[Element]:
        for ident in idents:
            element = self.dom.get(ident)
            if element is not None:
                yield element

    def _keys(self) -> str:
        return ",".join(root.get("data-live-key", "") for root in self.dom.roots())
