"""A process's ear on the channel layer: one channel, one group per topic."""

import asyncio
import logging
from collections.abc import Callable
from typing import Any

from channels.layers import get_channel_layer

from .hints import group_name, is_shared

logger = logging.getLogger(__name__)

RENEW_SECONDS = 60.0
"""Memberships expire on some layers, so they are repeated."""


class LayerSubscription:
    """Calls `heard(topic, seq)` for hints from other processes. Broken, it costs only time."""

    def __init__(self, heard: Callable[[str, int], None]) -> None:
        self._heard = heard
        self._topics: set[str] = set()
        self._joined: set[str] = set()
        self._moved = asyncio.Event()

    def subscribe(self, topic: str) -> None:
        """Listen for a topic, as soon as the broker can."""
        self._topics.add(topic)
        self._moved.set()

    def unsubscribe(self, topic: str) -> None:
        """No longer listen for a topic."""
        self._topics.discard(topic)
        self._moved.set()

    async def run(self) -> None:
        """Keep listening until cancelled, whatever the broker does."""
        layer = get_channel_layer()
        while is_shared(layer):
            try:
                await self._listen(layer)
            except Exception as error:  # noqa: BLE001 - whatever a broker raises, try again
                logger.warning("Not hearing other processes, polling only: %s", error)
            await asyncio.sleep(1.0)

    async def _listen(self, layer: Any) -> None:
        channel = await layer.new_channel()
        self._joined = set()
        keeping = asyncio.ensure_future(self._keep_memberships(layer, channel))
        hearing = asyncio.ensure_future(self._hear(layer, channel))
        try:
            await asyncio.gather(keeping, hearing)  # raises what the first of them raises
        finally:
            for task in (keeping, hearing):
                if not task.cancelling():  # a second time would cut short the goodbye to Redis
                    task.cancel()
            await asyncio.gather(keeping, hearing, return_exceptions=True)

    async def _hear(self, layer: Any, channel: str) -> None:
        while True:
            message = await layer.receive(channel)
            self._heard(message["topic"], message["seq"])

    async def _keep_memberships(self, layer: Any, channel: str) -> None:
        while True:
            self._moved.clear()
            for topic in self._topics - self._joined:
                await layer.group_add(group_name(topic), channel)
                self._joined.add(topic)
            for topic in self._joined - self._topics:
                self._joined.discard(topic)
                await layer.group_discard(group_name(topic), channel)
            try:
                async with asyncio.timeout(RENEW_SECONDS):  # wait_for can lose a cancellation
                    await self._moved.wait()
            except TimeoutError:
                self._joined = set()
