"""A page whose socket is read only when a test says so, and that may leave at any moment."""

from __future__ import annotations

import asyncio
import json
from collections import deque
from typing import Any
from urllib.parse import urlencode

from wagtail_live_lms.routing import websocket_application
from wagtail_live_lms.testing.dom import Dom

PIPE = 2
"""Frames the network holds for a reader that does not read."""


class Browser:
    """One open page. It reads frames when told to, so it can be as slow as a test wants."""

    def __init__(self, html: str, session: str) -> None:
        self.dom = Dom(html)
        self.session = session
        self.closed_with: int | None = None
        self.is_ready = False
        self._inbox: deque[str] = deque()
        self._room = asyncio.Semaphore(PIPE)
        self._events: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._socket: asyncio.Task[None] | None = None
        self._left: list[asyncio.Task[None]] = []

    @property
    def is_connected(self) -> bool:
        return self._socket is not None

    def connect(self) -> None:
        """Open the socket, saying what the page shows already."""
        self.is_ready = False
        self._inbox, self._room = deque(), asyncio.Semaphore(PIPE)
        self._events = asyncio.Queue()
        self._events.put_nowait({"type": "websocket.connect"})
        send = _Wire(self, self._inbox, self._room).send
        self._socket = asyncio.ensure_future(
            websocket_application(self._scope(), self._events.get, send)
        )

    def disconnect(self) -> None:
        """Drop the connection; what is under way on it is lost."""
        if self._socket is None:
            return
        self._events.put_nowait({"type": "websocket.disconnect", "code": 1006})
        self._room.release()  # as servers do, a send to somebody who left returns
        self._inbox.clear()
        self._left.append(self._socket)
        self._socket = None

    def read(self, limit: int = 1_000_000) -> int:
        """Apply up to `limit` messages that have arrived; returns how many changed the page."""
        changed = 0
        for _ in range(min(limit, len(self._inbox))):
            changed += self._apply(self._inbox.popleft())
            self._room.release()
        return changed

    async def leave(self) -> None:
        """Close the page."""
        self.disconnect()
        await asyncio.gather(*self._left)

    def _apply(self, text: str) -> bool:
        if not text.startswith("{"):
            self.dom.apply(text)
            return True
        message = json.loads(text)
        if message["type"] == "ready":
            self.is_ready = True
        elif message["type"] == "beat":
            self.dom.remember(message["since"])
        return False

    def server_closed(self, code: int) -> None:
        self.closed_with = code
        self.disconnect()

    def _scope(self) -> dict[str, Any]:
        root = self.dom.roots()[0]
        query = {"views": root.get("data-live-params"), "since": root.get("data-live-since")}
        return {
            "type": "websocket",
            "path": "/ws/live/",
            "query_string": urlencode(query).encode(),
            "headers": [
                (b"host", b"testserver"),
                (b"origin", b"http://testserver"),
                (b"cookie", f"sessionid={self.session}".encode()),
            ],
        }


class _Wire:
    """The server's end of one connection: sending waits while the pipe is full."""

    def __init__(self, browser: Browser, inbox: deque[str], room: asyncio.Semaphore) -> None:
        self._browser, self._inbox, self._room = browser, inbox, room

    async def send(self, message: dict[str, Any]) -> None:
        if message["type"] == "websocket.send":
            await self._room.acquire()
            self._inbox.append(message["text"])
        elif message["type"] == "websocket.close" and self._browser._inbox is self._inbox:
            self._browser.server_closed(message["code"])
