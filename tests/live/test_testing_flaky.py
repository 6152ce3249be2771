"""The kit's bad line: what it does is decided by its seed, and the page is right in the end."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from asgiref.sync import sync_to_async

from tests.live.test_testing_browser import LIST, open_room
from tests.live.toys import add_note, edit_note
from tests.toy.models import Room
from wagtail_live_lms.live.hints import listeners
from wagtail_live_lms.live.hub import current_hub
from wagtail_live_lms.testing import FlakyLayer

pytestmark = pytest.mark.asyncio


class Ear:
    def __init__(self) -> None:
        self.heard: list[int] = []

    def hint_threadsafe(self, topic: str, seq: int) -> None:
        self.heard.append(seq)


async def send(count: int = 200, **rates: float) -> tuple[FlakyLayer, list[int]]:
    ear = Ear()
    listeners.add(ear)
    with FlakyLayer(ear, seed=7, delay_seconds=0.01, **rates) as layer:
        assert ear not in listeners
        for seq in range(count):
            layer.hint_threadsafe("room-1", seq)
        await asyncio.sleep(0.05)
    assert ear in listeners
    listeners.discard(ear)
    return layer, ear.heard


async def test_a_line_without_faults_passes_everything_on() -> None:
    layer, heard = await send(drop=0, duplicate=0, delay=0, reorder=0)
    assert heard == list(range(200))
    assert layer.counts["delivered"] == layer.counts["seen"] == 200


async def test_every_fault_is_counted() -> None:
    layer, heard = await send()
    counts = layer.counts
    assert all(counts[fault] > 0 for fault in ("dropped", "duplicated", "delayed", "reordered"))
    assert len(heard) == counts["delivered"]
    assert counts["delivered"] == 200 - counts["dropped"] + counts["duplicated"]
    assert heard != sorted(heard)


async def test_the_same_seed_does_the_same() -> None:
    (one, _), (two, _) = await send(), await send()
    assert one.counts == two.counts


async def test_what_was_held_back_is_delivered_at_the_end() -> None:
    _, heard = await send(3, drop=0, duplicate=0, delay=0, reorder=1)
    assert heard == [0, 1, 2]


async def test_a_hub_must_be_running() -> None:
    with pytest.raises(RuntimeError, match="connect a socket first"), FlakyLayer(Ear(), seed=1):
        pass


@pytest.mark.django_db(transaction=True)
async def test_a_page_behind_a_bad_line_is_right_in_the_end(
    ada: Any, room: Room, settings: Any
) -> None:
    settings.WAGTAIL_LIVE_LMS = {"POLL_SECONDS": 0.2}
    notes = [await sync_to_async(add_note)(room.pk, str(n)) for n in range(3)]
    browser = await sync_to_async(open_room)(ada, room)
    async with browser.connected():
        await browser.until(lambda b: b.received)
        with FlakyLayer(current_hub(), seed=3, drop=0.5) as layer:
            for turn in range(10):
                for note in notes:
                    await sync_to_async(edit_note)(note.pk, f"turn {turn}")
            await browser.until(lambda b: all("turn 9" in li.text for li in b.dom.select(LIST)))
        assert layer.counts["dropped"] > 0
