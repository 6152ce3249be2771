"""Hints: "this topic moved", to every process that shows it. They carry no content.

Hubs of this process are woken directly. Other processes are told over the channel layer from a
thread of its own, so a slow or broken broker delays and fails no request; what is lost is found
by the poll.
"""

import asyncio
import contextlib
import logging
import threading
import weakref
from collections.abc import Mapping
from typing import Any, Protocol

from channels.layers import InMemoryChannelLayer, get_channel_layer

logger = logging.getLogger(__name__)


class Listener(Protocol):
    """A hub, as far as a hint is concerned."""

    def hint_threadsafe(self, topic: str, seq: int) -> threading.Event | None:
        """The event, if there is one, is set when the topic's rows are on their way."""


listeners: weakref.WeakSet[Any] = weakref.WeakSet()
"""The running hubs of this process."""


GIVE_WAY_SECONDS = 0.02
"""How long a thread that has committed lets the hub work before it goes on with its answer.

Python runs one thread at a time, and both have something to render: the rows go first.
"""


def group_name(topic: str) -> str:
    """The channel-layer group that hints of a topic are sent to."""
    return f"live.{topic}"


def send_hints(sequences: Mapping[str, int]) -> None:
    """Tell all processes that these topics have reached these sequence numbers."""
    ears = list(listeners)
    hinted = {ear.hint_threadsafe(topic, seq) for topic, seq in sequences.items() for ear in ears}
    publisher.publish(sequences)
    for handed_out in hinted - {None}:
        handed_out.wait(GIVE_WAY_SECONDS)


def is_shared(layer: Any) -> bool:
    """Whether other processes can hear this layer."""
    return layer is not None and not isinstance(layer, InMemoryChannelLayer)


class Publisher:
    """Publishes hints from a daemon thread with its own event loop; the newest per topic wins."""

    def __init__(self) -> None:
        self._pending: dict[str, int] = {}
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop
        self._wake: asyncio.Event
        self._thread: threading.Thread | None = None

    def publish(self, sequences: Mapping[str, int]) -> None:
        """Queue hints; returns at once."""
        if not is_shared(get_channel_layer()):
            return
        with self._lock:
            self._pending.update(sequences)
            if self._thread is None or not self._thread.is_alive():
                self._start()
        with contextlib.suppress(RuntimeError):  # the interpreter is going down
            self._loop.call_soon_threadsafe(self._wake.set)

    def _start(self) -> None:
        self._loop, self._wake = asyncio.new_event_loop(), asyncio.Event()
        self._wake.set()
        self._thread = threading.Thread(
            target=self._loop.run_until_complete,
            args=(self._run(self._wake),),
            name="live-lms-hints",
            daemon=True,
        )
        self._thread.start()

    async def _run(self, wake: asyncio.Event) -> None:
        while True:
            await wake.wait()
            wake.clear()
            with self._lock:
                batch, self._pending = self._pending, {}
            for topic, seq in batch.items():
                await self._send(topic, seq)

    async def _send(self, topic: str, seq: int) -> None:
        layer = get_channel_layer()
        message = {"type": "live.hint", "topic": topic, "seq": seq}
        try:
            await asyncio.wait_for(layer.group_send(group_name(topic), message), timeout=2)
        except Exception as error:  # noqa: BLE001 - whatever a broker raises, the poll repairs
            logger.warning("No hint for %s: %s. Dashboards follow by polling.", topic, error)


publisher = Publisher()
