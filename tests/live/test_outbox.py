"""What waits for one socket: bounded, newest wins, nothing before the snapshot."""

from __future__ import annotations

import asyncio
from collections.abc import Hashable
from typing import Any

import pytest

from wagtail_live_lms.live.outbox import Outbox, Writers

pytestmark = pytest.mark.asyncio


class Reader:
    """The other end: takes messages when it is let, and counts snapshots."""

    def __init__(self, *, stuck: bool = False, writers: Writers | None = None) -> None:
        self.got: list[str] = []
        self.snapshots = 0
        self.may_read = asyncio.Event()
        if not stuck:
            self.may_read.set()
        self.writer: object = None
        self.outbox = Outbox(self.send, self.snapshot, writers or Writers())

    async def send(self, message: dict[str, str]) -> None:
        await self.may_read.wait()
        self.writer = asyncio.current_task()
        assert message["type"] == "websocket.send"
        self.got.append(message["text"])

    async def snapshot(self, view: Hashable) -> str:
        self.snapshots += 1
        return f"snapshot of {view}"

    async def settle(self) -> list[str]:
        self.may_read.set()
        for _ in range(50):
            await asyncio.sleep(0)
        return self.got


async def test_frames_are_sent_in_order() -> None:
    reader = Reader()
    for text in ("a", "b", "c"):
        reader.outbox.put("view", text, text)
    assert await reader.settle() == ["a", "b", "c"]
    reader.outbox.put("view", "d", "d")
    assert await reader.settle() == ["a", "b", "c", "d"]


async def test_the_newest_frame_of_a_row_wins() -> None:
    reader = Reader(stuck=True)
    reader.outbox.put("view", "x", "first")
    await asyncio.sleep(0)
    for text in ("a1", "b1", "a2"):
        reader.outbox.put("view", text[0], text)
    assert await reader.settle() == ["first", "b1", "a2"]


async def test_a_view_waits_for_its_snapshot_and_no_other_does() -> None:
    reader = Reader()
    reader.outbox.hold("new")
    assert reader.outbox.is_holding("new")
    reader.outbox.put("new", "x", "frame")
    reader.outbox.put("old", "x", "other")
    assert await reader.settle() == ["other"]
    reader.outbox.release("new", "whole")
    assert not reader.outbox.is_holding("new")
    assert await reader.settle() == ["other", "whole", "frame"]


async def test_a_view_that_is_current_needs_no_snapshot() -> None:
    reader = Reader()
    reader.outbox.hold("view")
    reader.outbox.put("view", "x", "frame")
    reader.outbox.release("view")
    assert await reader.settle() == ["frame"]


async def test_overflow_owes_a_snapshot_for_each_view(settings: Any) -> None:
    settings.WAGTAIL_LIVE_LMS = {"OUTBOX_FRAMES": 3}
    reader = Reader(stuck=True)
    reader.outbox.put(None, "ready", "ready")
    await asyncio.sleep(0)
    for view in ("one", "two"):
        for row in range(2):
            reader.outbox.put(view, row, f"{view} {row}")
    reader.outbox.put("one", 5, "dropped, because the snapshot will show it")
    assert await reader.settle() == ["ready", "snapshot of one", "snapshot of two"]
    assert reader.snapshots == 2


async def test_a_snapshot_that_was_overtaken_while_it_was_read_is_not_sent(settings: Any) -> None:
    settings.WAGTAIL_LIVE_LMS = {"OUTBOX_FRAMES": 2}
    reader = Reader()
    reader.outbox.hold("a")
    for number in range(3):
        reader.outbox.put("a", number, f"a{number}")
    assert await reader.settle() == []
    reader.outbox.release("a", "older snapshot of a")
    assert await reader.settle() == ["snapshot of a"]


async def test_overflow_loses_no_control_message(settings: Any) -> None:
    settings.WAGTAIL_LIVE_LMS = {"OUTBOX_FRAMES": 2}
    reader = Reader(stuck=True)
    reader.outbox.put(None, "ready", "ready")
    await asyncio.sleep(0)
    reader.outbox.put(None, "beat", "beat")
    for number in range(3):
        reader.outbox.put("a", number, f"a{number}")
    assert await reader.settle() == ["ready", "snapshot of a", "beat"]


async def test_what_is_owed_replaces_what_waits() -> None:
    reader = Reader(stuck=True)
    reader.outbox.put("view", "x", "being sent")
    await asyncio.sleep(0)
    reader.outbox.put("view", "y", "waiting")
    reader.outbox.put("other", "y", "kept")
    reader.outbox.owe("view")
    assert await reader.settle() == ["being sent", "snapshot of view", "kept"]


async def test_what_changes_during_a_snapshot_is_sent_behind_it() -> None:
    reader = Reader()

    async def snapshot(view: Hashable) -> str:
        reader.outbox.put(view, "x", "newer")
        return "older"

    reader.outbox._snapshot = snapshot
    reader.outbox.owe("view")
    assert await reader.settle() == ["older", "newer"]


async def test_a_window_that_is_gone_sends_nothing() -> None:
    reader = Reader()

    async def nothing(view: Hashable) -> str:
        return ""

    reader.outbox._snapshot = nothing
    reader.outbox.owe("view")
    assert await reader.settle() == []


async def test_after_closing_nothing_is_sent() -> None:
    reader = Reader(stuck=True)
    reader.outbox.put("view", "x", "being sent")
    await asyncio.sleep(0)
    reader.outbox.close()
    reader.outbox.put("view", "y", "too late")
    assert await reader.settle() == []
    assert reader.outbox.is_closed


async def test_a_broken_connection_closes_its_own_outbox_only() -> None:
    async def send(message: dict[str, str]) -> None:
        raise ConnectionError

    writers = Writers()
    broken = Outbox(send, Reader().snapshot, writers)
    broken.put("view", "x", "frame")
    reader = Reader(writers=writers)
    reader.outbox.put("view", "x", "frame")
    assert await reader.settle() == ["frame"]
    assert broken.is_closed
    assert not reader.outbox.is_closed


class TestWriters:
    async def test_one_task_writes_for_all(self) -> None:
        writers = Writers()
        readers = [Reader(writers=writers) for _ in range(5)]
        for reader in readers:
            reader.outbox.put("view", "x", "first")
            reader.outbox.put("view", "y", "second")
        await writers.settled()
        assert [reader.got for reader in readers] == [["first", "second"]] * 5
        assert len({reader.writer for reader in readers}) == 1

    async def test_who_has_to_wait_delays_nobody(self) -> None:
        writers = Writers()
        stuck = [Reader(writers=writers, stuck=True) for _ in range(3)]
        free = Reader(writers=writers)
        for reader in (*stuck, free):
            reader.outbox.put("view", "x", "first")
        await writers.settled()
        assert free.got == ["first"]
        free.outbox.put("view", "x", "second")
        await writers.settled()
        assert free.got == ["first", "second"]
        for reader in stuck:
            reader.outbox.put("view", "x", "newer")
            assert await reader.settle() == ["first", "newer"]

    async def test_closing_one_that_waits_ends_no_other(self) -> None:
        writers = Writers()
        stuck, free = Reader(writers=writers, stuck=True), Reader(writers=writers)
        stuck.outbox.put("view", "x", "never read")
        free.outbox.put("view", "x", "first")
        await writers.settled()
        stuck.outbox.close()
        free.outbox.put("view", "x", "second")
        await writers.settled()
        assert free.got == ["first", "second"]
        assert await stuck.settle() == []

    async def test_who_leaves_before_their_turn_is_passed_over(self) -> None:
        writers = Writers()
        gone, stays = Reader(writers=writers), Reader(writers=writers)
        gone.outbox.put("view", "x", "frame")
        stays.outbox.put("view", "x", "frame")
        gone.outbox.close()
        await writers.settled()
        assert (gone.got, stays.got) == ([], ["frame"])
