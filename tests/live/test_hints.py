"""Hints to other processes: from a thread of their own, failing nothing."""

from __future__ import annotations

import asyncio
import logging
import threading
from typing import Any

import pytest
from channels.layers import InMemoryChannelLayer, channel_layers

from wagtail_live_lms.live import hints
from wagtail_live_lms.live.hints import (
    Publisher,
    group_name,
    is_shared,
    listeners,
    send_hints,
)

LAYER = "tests.live.test_hints.RecordingLayer"


class RecordingLayer:
    """A shared layer that keeps what is sent, and can be told to fail."""

    sent: list[tuple[str, dict[str, Any]]] = []
    arrived = threading.Event()
    fails = False

    def __init__(self, **config: Any) -> None: ...

    async def group_send(self, group: str, message: dict[str, Any]) -> None:
        self.sent.append((group, message))
        if type(self).fails:
            self.arrived.set()
            raise ConnectionError("broker is away")
        if len(self.sent) >= 2:
            self.arrived.set()


@pytest.fixture
def layer(settings: Any) -> type[RecordingLayer]:
    settings.CHANNEL_LAYERS = {"default": {"BACKEND": LAYER}}
    channel_layers.backends.clear()
    RecordingLayer.sent = []
    RecordingLayer.arrived = threading.Event()
    RecordingLayer.fails = False
    return RecordingLayer


def test_memory_is_not_shared() -> None:
    assert not is_shared(None)
    assert not is_shared(InMemoryChannelLayer())
    assert is_shared(RecordingLayer())


class Ear:
    """A hub in this process, as far as a hint is concerned."""

    def __init__(self, handed_out: threading.Event | None) -> None:
        self.handed_out = handed_out

    def hint_threadsafe(self, topic: str, seq: int) -> threading.Event | None:
        return self.handed_out


def test_who_committed_gives_way_until_the_rows_are_out() -> None:
    ear = Ear(threading.Event())
    listeners.add(ear)
    try:
        sending = threading.Thread(target=send_hints, args=({"room-1": 1},))
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(hints, "GIVE_WAY_SECONDS", 60)
            sending.start()
            sending.join(0.05)
            assert sending.is_alive()
            assert ear.handed_out is not None
            ear.handed_out.set()
            sending.join(10)
            assert not sending.is_alive()
    finally:
        listeners.discard(ear)


@pytest.mark.parametrize("handed_out", [None, threading.Event()])
def test_nobody_gives_way_for_long(handed_out: threading.Event | None) -> None:
    ear = Ear(handed_out)
    listeners.add(ear)
    send_hints({"room-1": 1})
    listeners.discard(ear)


def test_without_a_shared_layer_no_thread_is_started() -> None:
    publisher = Publisher()
    publisher.publish({"room-1": 1})
    assert publisher._thread is None


def test_other_processes_are_told_by_group(
    layer: type[RecordingLayer], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hints, "publisher", Publisher())
    send_hints({"room-1": 5, "room-2": 7})
    assert layer.arrived.wait(5)
    message = {"type": "live.hint", "topic": "room-1", "seq": 5}
    assert (group_name("room-1"), message) in layer.sent


def test_the_thread_is_kept_and_told_again(layer: type[RecordingLayer]) -> None:
    publisher = Publisher()
    publisher.publish({"room-1": 1})
    thread = publisher._thread
    publisher.publish({"room-2": 1})
    assert layer.arrived.wait(5)
    assert publisher._thread is thread


def test_a_broker_that_is_away_is_logged_and_nothing_more(
    layer: type[RecordingLayer], caplog: pytest.LogCaptureFixture
) -> None:
    layer.fails = True
    publisher = Publisher()
    with caplog.at_level(logging.WARNING):
        publisher.publish({"room-1": 1})
        assert layer.arrived.wait(5)
        layer.fails = False
        layer.arrived.clear()
        publisher.publish({"room-1": 2})
        assert layer.arrived.wait(5)
    assert "No hint for room-1: broker is away" in caplog.text
    assert [message["seq"] for _, message in layer.sent] == [1, 2]


def test_a_thread_that_died_is_replaced(layer: type[RecordingLayer]) -> None:
    publisher = Publisher()
    publisher._thread = threading.Thread(target=lambda: None)
    publisher.publish({"room-1": 1, "room-2": 1})
    assert layer.arrived.wait(5)


def test_when_the_interpreter_goes_down_nobody_is_told(layer: type[RecordingLayer]) -> None:
    publisher = Publisher()
    publisher._thread = threading.current_thread()
    publisher._wake = asyncio.Event()
    publisher._loop = asyncio.new_event_loop()
    publisher._loop.close()
    publisher.publish({"room-1": 1})
    assert layer.sent == []
