"""The ear on a real Redis: hints of other processes, through outages too."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
import pytest_asyncio
from asgiref.sync import sync_to_async
from channels.layers import channel_layers, get_channel_layer

from tests.live.sockets import socket_of, views_of
from tests.live.toys import Change, add_note, broadcast, room_topic
from tests.services import RedisServer
from tests.toy.models import Note, Room
from wagtail_live_lms.live import layer as live_layer
from wagtail_live_lms.live.hints import Publisher, group_name, listeners
from wagtail_live_lms.live.hub import current_hub
from wagtail_live_lms.live.layer import LayerSubscription

pytestmark = [pytest.mark.asyncio, pytest.mark.redis]


class Ear:
    """A subscription that runs, and what it heard."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, int]] = []
        self.subscription = LayerSubscription(lambda topic, seq: self.heard.append((topic, seq)))
        self.task = asyncio.ensure_future(self.subscription.run())

    async def hears(self, topic: str, seq: int, tell: Callable[[], Any]) -> None:
        """Tell until it is heard: joining a group takes a moment that nobody can see."""
        deadline = time.monotonic() + 20
        while (topic, seq) not in self.heard:
            assert time.monotonic() < deadline, self.heard
            tell()
            await asyncio.sleep(0.05)


@pytest.fixture
def redis_layer(redis_server: RedisServer, settings: Any) -> RedisServer:
    settings.CHANNEL_LAYERS = {
        "default": {
            "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
            "CONFIG": {"hosts": [redis_server.url]},
        }
    }
    channel_layers.backends.clear()
    return redis_server


@pytest_asyncio.fixture
async def ear(redis_layer: RedisServer) -> AsyncIterator[Ear]:
    ear = Ear()
    yield ear
    ear.task.cancel()
    await asyncio.gather(ear.task, return_exceptions=True)
    await get_channel_layer().flush()


def telling(publisher: Publisher, topic: str, seq: int) -> Callable[[], None]:
    return lambda: publisher.publish({topic: seq})


async def test_a_hint_of_another_process_is_heard(ear: Ear) -> None:
    ear.subscription.subscribe("room-1")
    await ear.hears("room-1", 5, telling(Publisher(), "room-1", 5))


async def test_only_topics_that_are_shown_are_heard(ear: Ear) -> None:
    publisher = Publisher()
    ear.subscription.subscribe("room-1")
    ear.subscription.subscribe("room-2")
    await ear.hears("room-1", 1, telling(publisher, "room-1", 1))
    await ear.hears("room-2", 1, telling(publisher, "room-2", 1))
    ear.subscription.unsubscribe("room-1")
    ear.subscription.subscribe("room-3")
    await ear.hears("room-3", 1, telling(publisher, "room-3", 1))
    publisher.publish({"room-1": 2})
    await ear.hears("room-2", 2, telling(publisher, "room-2", 2))
    assert ("room-1", 2) not in ear.heard


async def test_memberships_are_renewed(ear: Ear, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live_layer, "RENEW_SECONDS", 0.05)
    publisher = Publisher()
    ear.subscription.subscribe("room-1")
    await ear.hears("room-1", 1, telling(publisher, "room-1", 1))
    layer = get_channel_layer()
    shard = layer._get_shard(layer._get_group_channel_name(group_name("room-1")))
    joined = set(shard._subscribed_to)
    assert joined
    await asyncio.sleep(0.2)
    await ear.hears("room-1", 2, telling(publisher, "room-1", 2))


async def test_a_broken_layer_costs_only_time(
    ear: Ear, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    layer = get_channel_layer()
    failures = iter([ConnectionError("away")])
    real = layer.group_add

    async def failing(group: str, channel: str) -> None:
        for failure in failures:
            raise failure
        await real(group, channel)

    monkeypatch.setattr(layer, "group_add", failing, raising=False)
    with caplog.at_level(logging.WARNING):
        ear.subscription.subscribe("room-1")
        await ear.hears("room-1", 1, telling(Publisher(), "room-1", 1))
    assert "Not hearing other processes, polling only: away" in caplog.text


async def test_it_ends_at_once_though_a_topic_moved_at_that_moment(ear: Ear) -> None:
    ear.subscription.subscribe("room-1")
    await ear.hears("room-1", 1, telling(Publisher(), "room-1", 1))
    ear.subscription.unsubscribe("room-1")
    ear.task.cancel()
    await asyncio.wait({ear.task}, timeout=5)
    assert ear.task.cancelled()


async def test_in_memory_there_is_nobody_to_hear() -> None:
    await asyncio.wait_for(LayerSubscription(lambda topic, seq: None).run(), 5)


@pytest.mark.django_db(transaction=True)
async def test_a_change_of_another_process_is_shown_at_once(
    redis_layer: RedisServer, ada: Any, room: Room, settings: Any
) -> None:
    settings.WAGTAIL_LIVE_LMS = {"POLL_SECONDS": 60.0}
    async with socket_of(ada, query=views_of(ada, room)) as socket:
        await socket.ready()
        hub = current_hub()
        await sync_to_async(add_note)(room.pk, "ours")
        await socket.until(lambda s: s.has("ours"))
        listeners.discard(hub)  # from here on this process is another one
        texts = [f"theirs {n}" for n in range(100)]
        for text in texts:
            note = await sync_to_async(Note.objects.create)(room=room, text=text)
            await sync_to_async(broadcast)(room_topic(room.pk), Change("note", note.pk))
            await asyncio.sleep(0.05)
            if hub.feeds[room_topic(room.pk)].cursor.seq > 1:
                break
        assert hub.feeds[room_topic(room.pk)].cursor.seq > 1
        await socket.until(lambda s: s.has("theirs"))
    await get_channel_layer().flush()
