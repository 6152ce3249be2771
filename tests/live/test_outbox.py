"""What waits for one socket: bounded, newest wins, nothing before the snapshot."""

from __future__ import annotations

import asyncio
from collections.abc import Hashable
from typing import Any

import pytest

from wagtail_live_lms.live.outbox import Outbox

pytestmark = pytest.mark.asyncio


class Reader:
    """The other end: takes messages when it is let, and counts snapshots."""

    def __init__(self, *, stuck: bool = False) -> None:
        self.got: list[str] = []
        self.snapshots = 0
        self.may_read = asyncio.Event()
        if not stuck:
            self.may_read.set()
        self.outbox = Outbox(self.send, self.snapshot)

    async def send(self, text: str) -> None:
        await self.may_read.wait()
        self.got.append(text)

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


async def test_a_broken_connection_closes_it() -> None:
    async def send(text: str) -> None:
        raise ConnectionError

    outbox = Outbox(send, Reader().snapshot)
    outbox.put("view", "x", "frame")
    for _ in range(5):
        await asyncio.sleep(0)
    assert outbox.is_closed


async def test_one_task_writes_it_all() -> None:
    reader = Reader()
    reader.outbox.put("view", "x", "first")
    await reader.settle()
    writer = reader.outbox._writer
    reader.outbox.put("view", "y", "second")
    reader.outbox.put("view", "z", "third")
    assert await reader.settle() == ["first", "second", "third"]
    assert reader.outbox._writer is writer
    reader.outbox.close()
