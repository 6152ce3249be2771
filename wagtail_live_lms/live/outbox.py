"""What waits to be sent to one socket: bounded, and the newest frame of a row wins."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Hashable
from typing import cast

from wagtail_live_lms import conf

Key = tuple[Hashable, Hashable]
"""A view and what it shows; view None for control messages."""

Send = Callable[[dict[str, str]], Awaitable[None]]
Snapshot = Callable[[Hashable], Awaitable[str]]


class Writers:
    """Tasks that write for all outboxes of an event loop.

    One does, as long as no send has to wait: waking a task for each socket costs more than the
    frame. The one that has to wait stays with its socket, and another takes the rest over.
    """

    def __init__(self) -> None:
        self._waiting: deque[Outbox] = deque()
        self._turn: asyncio.Task[None] | None = None

    def wake(self, outbox: Outbox) -> None:
        """Write what this outbox has, behind those that were woken before."""
        self._waiting.append(outbox)
        if self._turn is None:
            self._take_turns()

    async def settled(self) -> None:
        """Wait until all has been written that could be without waiting."""
        while self._turn is not None:
            await asyncio.sleep(0)

    def _take_turns(self) -> None:
        """Let a task write until it waits: then, or at its end, it is the next one's turn."""
        self._turn = None
        if self._waiting:
            loop = asyncio.get_running_loop()
            self._turn = loop.create_task(self._write())
            loop.call_soon(self._take_turns)  # comes right behind the task's first step

    async def _write(self) -> None:
        task = cast("asyncio.Task[None]", asyncio.current_task())
        while self._waiting and self._turn is task:
            await self._waiting.popleft().write(task)


class Outbox:
    """Frames of one socket, by (view, row). A slow browser delays only itself.

    When more than `OUTBOX_FRAMES` wait, they are dropped and each view owes a snapshot: the
    window is read again when the socket can take it.
    """

    def __init__(self, send: Send, snapshot: Snapshot, writers: Writers) -> None:
        self._send = send
        self._snapshot = snapshot
        self._writers = writers
        self._frames: dict[Key, str] = {}
        self._held: set[Hashable] = set()
        self._owed: dict[Hashable, None] = {}
        self._writer: asyncio.Task[None] | None = None
        self._is_awake = False
        self._limit = conf.current().OUTBOX_FRAMES
        self.is_closed = False

    async def write(self, writer: asyncio.Task[None]) -> None:
        """Send what may be sent, until nothing is left."""
        self._writer = writer
        try:
            while True:
                if (view := self._next_owed()) is not None:
                    del self._owed[view]  # first: what changes while we read is queued behind
                    text = await self._snapshot(view)
                elif (key := self._next_key()) is not None:
                    text = self._frames.pop(key)
                else:
                    break
                if text:
                    await self._send({"type": "websocket.send", "text": text})
        except Exception:  # noqa: BLE001 - the socket is gone; its receive loop sees that too
            self._writer = None  # closing would end it, and others wait for it
            self.close()
        finally:
            self._writer, self._is_awake = None, False

    def hold(self, view: Hashable) -> None:
        """Keep the frames of a view back until its first snapshot is queued."""
        self._held.add(view)

    def is_holding(self, view: Hashable) -> bool:
        """Whether a view's first snapshot is still to come."""
        return view in self._held

    def release(self, view: Hashable, snapshot: str = "") -> None:
        """Queue the snapshot before the frames that were held back.

        One that is owed meanwhile is read after this one, so this one is not sent.
        """
        self._held.discard(view)
        if snapshot and view not in self._owed:
            self._frames = {(view, None): snapshot, **self._frames}
        self._start_writing()

    def put(self, view: Hashable, key: Hashable, text: str) -> None:
        """Queue a frame; never waits."""
        if view in self._owed:
            return
        self._frames.pop((view, key), None)
        self._frames[(view, key)] = text
        if len(self._frames) > self._limit:
            self._overflow()
        self._start_writing()

    def owe(self, view: Hashable) -> None:
        """Send this view's window anew; what waits for it is dropped."""
        self._frames = {k: f for k, f in self._frames.items() if k[0] != view}
        self._owed[view] = None
        self._start_writing()

    def close(self) -> None:
        """Send nothing more."""
        self.is_closed = True
        self._frames.clear()
        self._owed.clear()
        if self._writer is not None:
            self._writer.cancel()

    def _overflow(self) -> None:
        self._owed.update(dict.fromkeys(view for view, _ in self._frames if view is not None))
        self._frames = {key: text for key, text in self._frames.items() if key[0] is None}

    def _start_writing(self) -> None:
        if not self._is_awake and not self.is_closed:
            self._is_awake = True
            self._writers.wake(self)

    def _next_owed(self) -> Hashable | None:
        if not self._owed:
            return None
        return next((view for view in self._owed if view not in self._held), None)

    def _next_key(self) -> Key | None:
        if not self._held:
            return next(iter(self._frames), None)
        return next((key for key in self._frames if key[0] not in self._held), None)
