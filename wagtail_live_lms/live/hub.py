"""The hub: one per process. It reads what changed, once, and hands it to the sockets that show it.

A hint only makes it look sooner. The poll is the guarantee: whatever is lost on the way, an open
window equals the database within POLL_SECONDS.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import threading
import time
import weakref
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from functools import cache, partial
from typing import TYPE_CHECKING

from django.db import DatabaseError, InterfaceError

from wagtail_live_lms import conf

from .hints import listeners
from .layer import LayerSubscription
from .log import Batch, changes_after, poll, prune
from .outbox import Writers
from .threads import DatabaseThreads
from .topics import NOWHERE, Position, format_since, positions
from .windows import Memo, Patch, Seat, Window, load_records

if TYPE_CHECKING:
    from .socket import LiveSocket

logger = logging.getLogger(__name__)

ACCESS = "access"
"""Kind of a change on a personal topic: somebody's right to be here may have changed."""

PASS_INTERVAL = 0.01
"""Seconds between two passes at least, so that a burst is read once."""

TICK_INTERVAL = 1.0
IDLE_TICK_INTERVAL = 30.0
PRUNE_INTERVAL = 60.0
STOP_SECONDS = 2.0

_hubs: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, Hub] = weakref.WeakKeyDictionary()


def current_hub() -> Hub:
    """The hub of the running event loop."""
    loop = asyncio.get_running_loop()
    if loop not in _hubs:
        _hubs[loop] = Hub(loop)
    return _hubs[loop]


@dataclass(slots=True)
class Feed:
    """What this process follows of one topic."""

    cursor: Position | None = None
    windows: set[Window] = field(default_factory=set)
    guarded: set[LiveSocket] = field(default_factory=set)

    @property
    def is_unused(self) -> bool:
        return not self.windows and not self.guarded

    def recheck(self) -> None:
        """Look again whether those who depend on this topic may stay."""
        for socket in list(self.guarded):
            socket.recheck_soon()


class Hub:
    """Follows the topics that sockets of this process show. All methods belong to its loop."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.feeds: dict[str, Feed] = {}
        self.windows: dict[Hashable, Window] = {}
        self.sockets: set[LiveSocket] = set()
        self.writers = Writers()
        self._loop = loop
        self._hinted: set[str] = set()
        self._handed_out = threading.Event()
        self._wake = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self._last_pass = self._last_poll = self._last_tick = self._last_idle = 0.0
        self._last_prune = time.monotonic()

    # Hints

    def hint_threadsafe(self, topic: str, seq: int) -> threading.Event:
        """A topic has moved, said from any thread. The event is set when its rows are out.

        In a burst it is set at once: nobody should wait for the end of that.
        """
        if topic in self.feeds and time.monotonic() > self._last_pass + PASS_INTERVAL:
            self._handed_out.clear()
        with contextlib.suppress(RuntimeError):  # the loop has closed
            self._loop.call_soon_threadsafe(self.hint, topic, seq)
        return self._handed_out

    def hint(self, topic: str, seq: int) -> None:
        """A topic has reached this sequence number; look at it now unless it is known."""
        feed = self.feeds.get(topic)
        if feed is None:
            return
        if feed.cursor is None:
            feed.recheck()
        elif seq > feed.cursor.seq:
            self._hinted.add(topic)
            self._wake.set()

    # Joining and leaving

    def join(self, socket: LiveSocket) -> None:
        """Register a socket; from now on it gets heartbeats."""
        self.sockets.add(socket)
        if not self._tasks:
            self._start()

    def guard(self, socket: LiveSocket) -> None:
        """Re-check a socket's rights when its person's topic says that they changed."""
        for topic in socket.guard_topics:
            self._feed(topic).guarded.add(socket)

    async def show(self, socket: LiveSocket, window: Window, since: dict[str, Position]) -> None:
        """Show a window on a socket: register first, then read, then send frames behind it."""
        component = window.component
        window = self.windows.setdefault(window.key, window)
        socket.outbox.hold(window.key)
        seat = window.seats[socket] = Seat(component=component)
        for topic in window.topics:
            self._feed(topic).windows.add(window)
        snapshot = await self._reads.run(lambda: window.take_snapshot(seat))
        self._begin(snapshot.at)
        is_current = all(since.get(topic) == at for topic, at in snapshot.until.items())
        window.is_due = window.is_due or is_current  # what may wait may have been missed
        socket.outbox.release(window.key, "" if is_current else snapshot.html)

    async def snapshot(self, socket: LiveSocket, key: Hashable) -> str:
        """The window's HTML for a socket that it is owed to; waits for the database."""
        while (window := self.windows.get(key)) is not None and socket in window.seats:
            try:
                work = partial(window.take_snapshot, window.seats[socket])
                snapshot = await self._reads.run(work)
            except (DatabaseError, InterfaceError) as error:
                logger.warning("No snapshot yet, the database does not answer: %s", error)
                await asyncio.sleep(conf.current().POLL_SECONDS)
            else:
                return snapshot.html
        return ""

    async def leave(self, socket: LiveSocket) -> None:
        """Forget a socket, and what nobody else shows."""
        self.sockets.discard(socket)
        for window in [w for w in self.windows.values() if socket in w.seats]:
            self._stand_up(socket, window)
        for topic in socket.guard_topics:
            self._feed(topic).guarded.discard(socket)
        self._drop_unused()
        if not self.sockets:
            await self._stop()

    def remove(self, socket: LiveSocket, key: Hashable) -> None:
        """Stop showing one window on a socket."""
        if key in self.windows:
            self._stand_up(socket, self.windows[key])
            self._drop_unused()

    def _stand_up(self, socket: LiveSocket, window: Window) -> None:
        window.seats.pop(socket, None)
        if not window.seats:
            del self.windows[window.key]
            for topic in window.topics:
                self._feed(topic).windows.discard(window)

    def _feed(self, topic: str) -> Feed:
        if topic not in self.feeds:
            self.feeds[topic] = Feed()
            self._layer.subscribe(topic)
        return self.feeds[topic]

    def _drop_unused(self) -> None:
        for topic in [name for name, feed in self.feeds.items() if feed.is_unused]:
            del self.feeds[topic]
            self._layer.unsubscribe(topic)

    def _begin(self, at: Mapping[str, Position]) -> None:
        """A feed starts where it was first read. What came since was perhaps hinted too early."""
        for topic, position in at.items():
            feed = self.feeds.get(topic)
            if feed is not None and feed.cursor is None:
                feed.cursor = position
                self._hinted.add(topic)
                self._wake.set()

    # The loop

    def _start(self) -> None:
        self._reads = DatabaseThreads(1, "reads")
        self.gate = DatabaseThreads(2, "gate")
        self._layer = LayerSubscription(self.hint)
        self._tasks = [
            self._loop.create_task(work())
            for work in (self._run, self._layer.run, self._heartbeats)
        ]
        listeners.add(self)

    async def _stop(self) -> None:
        tasks, self._tasks = self._tasks, []
        reads, gate = self._reads, self.gate
        listeners.discard(self)
        for task in tasks:
            task.cancel()
        ended = asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.wait({ended}, timeout=STOP_SECONDS)  # a broker may not let go of us
        await reads.close()
        await gate.close()

    async def _run(self) -> None:
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._until_next_look()):  # wait_for can lose a cancel
                    await self._wake.wait()
            await asyncio.sleep(max(0.0, self._last_pass + PASS_INTERVAL - time.monotonic()))
            self._wake.clear()
            self._last_pass = time.monotonic()
            try:
                await self._pass()
                await self._hand_out()
                await self._tick()
                await self._prune()
            except (DatabaseError, InterfaceError) as error:
                logger.warning("The database does not answer, looking again soon: %s", error)
            except Exception:
                logger.exception("A pass of the hub failed; every window is sent anew")
                self._owe_everything()

    async def _hand_out(self) -> None:
        """Let the rows go out, and whoever waits for that go on, before anything else is read."""
        await self.writers.settled()
        for _ in range(2):  # Daphne writes to its sockets when the loop comes round again
            await asyncio.sleep(0)
        self._handed_out.set()

    def _until_next_look(self) -> float:
        interval = conf.current().POLL_SECONDS
        if any(window.is_due for window in self.windows.values()):
            interval = min(interval, max(0.0, self._last_tick + TICK_INTERVAL - time.monotonic()))
        return interval

    async def _pass(self) -> None:
        """Read what changed and hand it out. After an error the cursors stand: it is read again."""
        is_poll = time.monotonic() - self._last_poll >= conf.current().POLL_SECONDS
        hinted, self._hinted = self._hinted, set()
        follow = self.feeds if is_poll else {t: f for t, f in self.feeds.items() if t in hinted}
        known = {t: feed.cursor for t, feed in follow.items() if feed.cursor is not None}
        unknown = [t for t, feed in follow.items() if feed.cursor is None]
        shown = {topic: list(self.feeds[topic].windows) for topic in known}
        look = poll if is_poll else changes_after
        reading = await self._reads.run(lambda: _read(look, known, unknown, shown))
        if is_poll:
            self._last_poll = time.monotonic()
        self._begin(reading.begun)
        for topic, batch in reading.batches.items():
            self._advance(topic, batch)
        for window, patches in reading.answers:
            self._deliver(window, patches)

    def _advance(self, topic: str, batch: Batch) -> None:
        feed = self.feeds.get(topic)
        if feed is not None:
            feed.cursor = batch.position
            if batch.is_broken or any(change.kind == ACCESS for change in batch.changes):
                feed.recheck()

    def _deliver(self, window: Window, patches: list[Patch] | None) -> None:
        window.is_due = True
        window.handed_out(is_owed=patches is None)
        for socket, seat in list(window.seats.items()):
            if patches is None:
                socket.outbox.owe(window.key)
                continue
            for patch in patches:
                if patch.html is not None and (patch.for_all or patch.key in seat.keys):
                    socket.outbox.put(window.key, (patch.key, patch.part), patch.html)
                elif patch.is_here:  # it came back before anybody else had heard that it was gone
                    socket.outbox.owe(window.key)
                elif not patch.part:
                    seat.elsewhere += 1

    def _owe_everything(self) -> None:
        for window in self.windows.values():
            self._deliver(window, None)

    # Now and then

    async def _tick(self) -> None:
        now = time.monotonic()
        if now - self._last_tick < TICK_INTERVAL:
            return
        is_idle = now - self._last_idle >= IDLE_TICK_INTERVAL
        due = [window for window in self.windows.values() if window.is_due or is_idle]
        if not due:
            return
        self._last_tick = now
        self._last_idle = now if is_idle else self._last_idle
        for window in due:
            window.is_due = False
        for window, patches in await self._reads.run(lambda: _tick(due)):
            render_note = cache(window.render_elsewhere)
            for socket, seat in list(window.seats.items()):
                for patch in patches:
                    socket.outbox.put(window.key, patch.key, patch.html or "")
                if seat.elsewhere != seat.told:
                    seat.told = seat.elsewhere
                    socket.outbox.put(window.key, "elsewhere", render_note(seat.elsewhere))

    async def _prune(self) -> None:
        if time.monotonic() - self._last_prune >= PRUNE_INTERVAL:
            self._last_prune = time.monotonic()
            await self._reads.run(prune)

    async def _heartbeats(self) -> None:
        while self.sockets:
            sockets = list(self.sockets)
            interval = conf.current().HEARTBEAT_SECONDS / len(sockets)
            for socket in sockets:
                await asyncio.sleep(interval)
                if socket in self.sockets:
                    socket.recheck_soon()
                    socket.outbox.put(None, "beat", self._beat(socket))

    def _beat(self, socket: LiveSocket) -> str:
        """Queued behind the frames, so it says no more than the page shows.

        It is silent on windows whose snapshot is still to come, and on windows of some rows of
        many: the page may show others than it would be sent now, and only a snapshot tells which.
        """
        shown = [w for w in self.windows.values() if socket in w.seats]
        vague = [w for w in shown if w.seats[socket].keys or socket.outbox.is_holding(w.key)]
        topics = {t for w in shown for t in w.topics} - {t for w in vague for t in w.topics}
        at = {topic: self.feeds[topic].cursor or NOWHERE for topic in topics}
        return json.dumps({"type": "beat", "since": format_since(at)})


@dataclass(slots=True)
class Reading:
    """What one look found: batches, where new feeds begin, and what each window answers."""

    begun: dict[str, Position]
    batches: dict[str, Batch]
    answers: list[tuple[Window, list[Patch] | None]] = field(default_factory=list)


def _read(
    look: Callable[[dict[str, Position]], dict[str, Batch]],
    known: dict[str, Position],
    unknown: list[str],
    shown: dict[str, list[Window]],
) -> Reading:
    """In the reading thread: the new changes, and what each window makes of them."""
    reading = Reading(positions(unknown) if unknown else {}, look(known))
    memo: Memo = {}
    load_records(reading.batches, shown, memo)
    for topic, batch in reading.batches.items():
        if batch.is_broken or batch.changes:
            reading.answers += [(w, _answer(w, topic, batch, memo)) for w in shown[topic]]
    return reading


def _answer(window: Window, topic: str, batch: Batch, memo: Memo) -> list[Patch] | None:
    """What a window makes of a batch; None, which is a snapshot, when it cannot tell."""
    if batch.is_broken:
        return None
    try:
        return window.read(topic, batch, memo)
    except (DatabaseError, InterfaceError):
        raise
    except Exception:
        logger.exception("%s failed on a change; it is sent anew", window.component.name)
        return None


def _tick(due: list[Window]) -> list[tuple[Window, list[Patch]]]:
    memo: Memo = {}
    return [(window, window.tick(memo)) for window in due]
