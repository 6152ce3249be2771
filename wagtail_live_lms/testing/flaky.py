"""A bad line between those who record changes and a hub that shows them."""

from __future__ import annotations

import asyncio
import random
import threading
from collections import Counter
from types import TracebackType

from wagtail_live_lms.live.hints import Listener, listeners

Hint = tuple[str, int]


class FlakyLayer:
    """Drops, duplicates, delays and reorders the hints to a running hub, as its seed says.

    `with FlakyLayer(current_hub(), seed=7) as layer:` in the hub's event loop, after its first
    socket has connected. Rates are shares of 1, `delay_seconds` is the longest delay. `counts`
    has "seen", "dropped", "duplicated", "delayed", "reordered" and "delivered".
    """

    def __init__(
        self,
        hub: Listener,
        *,
        seed: int,
        drop: float = 0.15,
        duplicate: float = 0.1,
        delay: float = 0.1,
        reorder: float = 0.1,
        delay_seconds: float = 0.05,
    ) -> None:
        self.counts: Counter[str] = Counter()
        self._hub = hub
        self._random = random.Random(seed)  # noqa: S311 - faults, not secrets
        self._rates = {"drop": drop, "duplicate": duplicate, "delay": delay, "reorder": reorder}
        self._delay_seconds = delay_seconds
        self._lock = threading.Lock()
        self._held: list[Hint] = []
        self._loop: asyncio.AbstractEventLoop | None = None

    def __enter__(self) -> FlakyLayer:
        if self._hub not in listeners:
            raise RuntimeError("The hub is not running: connect a socket first.")
        self._loop = asyncio.get_running_loop()
        listeners.discard(self._hub)
        listeners.add(self)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Deliver what was held back, and put the hub where it was."""
        listeners.discard(self)
        listeners.add(self._hub)
        with self._lock:
            held, self._held = self._held, []
        self._deliver(held)

    def hint_threadsafe(self, topic: str, seq: int) -> None:
        """Pass a hint on, or not, or twice, or later, or behind the next one."""
        listeners.discard(self._hub)  # a hub that stopped and started again has come back
        with self._lock:
            self.counts["seen"] += 1
            delivered, later = self._decide((topic, seq))
        if later is not None and self._loop is not None:
            pause = later * self._delay_seconds
            self._loop.call_soon_threadsafe(self._loop.call_later, pause, self._deliver, delivered)
        else:
            self._deliver(delivered)

    def _decide(self, hint: Hint) -> tuple[list[Hint], float | None]:
        if self._happens("drop", "dropped"):
            return [], None
        if self._happens("reorder", "reordered"):
            self._held.append(hint)
            return [], None
        released, self._held = [hint, *self._held], []
        if self._happens("duplicate", "duplicated"):
            released.append(hint)
        is_late = self._happens("delay", "delayed")
        return released, self._random.random() if is_late else None

    def _happens(self, fault: str, counted: str) -> bool:
        does = self._random.random() < self._rates[fault]
        self.counts[counted] += does
        return does

    def _deliver(self, hints: list[Hint]) -> None:
        for topic, seq in hints:
            self.counts["delivered"] += 1
            self._hub.hint_threadsafe(topic, seq)
