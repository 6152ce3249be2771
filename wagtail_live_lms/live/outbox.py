"""What waits to be sent to one socket: bounded, and the newest frame of a row wins."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable

from wagtail_live_lms import conf

Key = tuple[Hashable, Hashable]
"""A view and what it shows; view None for control messages."""

Send = Callable[[str], Awaitable[None]]
Snapshot = Callable[[Hashable], Awaitable[str]]


class Outbox:
    """Frames of one socket, by (view, row). A slow browser delays only itself.

    When more than `OUTBOX_FRAMES` wait, they are dropped and each view owes a snapshot: the
    window is read again when the socket can take it.
    """

    def __init__(self, send: Send, snapshot: Snapshot) -> None:
        self._send = send
        self._snapshot = snapshot
        self._frames: dict[Key, str] = {}
        self._held: set[Hashable] = set()
        self._owed: dict[Hashable, None] = {}
        self._writer: asyncio.Task[None] | None = None
        self._idle: asyncio.Future[None] | None = None
        self._limit = conf.current().OUTBOX_FRAMES
        self.is_closed = False

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
        """Wake the one task that writes: a task for each frame would cost more than the frame."""
        if self.is_closed or not self._has_work():
            return
        if self._writer is None:
            self._writer = asyncio.get_running_loop().create_task(self._write())
            self._writer.add_done_callback(self._stopped)
        elif self._idle is not None and not self._idle.done():
            self._idle.set_result(None)

    def _stopped(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled():
            task.exception()  # seen: the socket is gone
        self.close()  # its receive loop sees that too and leaves

    def _has_work(self) -> bool:
        return self._next_owed() is not None or self._next_key() is not None

    def _next_owed(self) -> Hashable | None:
        return next((view for view in self._owed if view not in self._held), None)

    def _next_key(self) -> Key | None:
        if not self._held:
            return next(iter(self._frames), None)
        return next((key for key in self._frames if key[0] not in self._held), None)

    async def _write(self) -> None:
        while True:
            if (view := self._next_owed()) is not None:
                del self._owed[view]  # first: what changes while we read is queued behind
                if text := await self._snapshot(view):
                    await self._send(text)
            elif (key := self._next_key()) is not None:
                await self._send(self._frames.pop(key))
            else:
                self._idle = asyncio.get_running_loop().create_future()
                await self._idle
