"""The hub: everything recorded reaches every open window, whatever fails on the way."""

from __future__ import annotations

import asyncio
import datetime
import logging
import time
from collections.abc import Callable
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.db import OperationalError
from django.utils import timezone

from tests.live.sockets import Socket, socket_of, tokens, views_of
from tests.live.toys import WINDOW, Notes, add_note, clear_room, edit_note, room_topic
from tests.toy.models import Room
from wagtail_live_lms.live import Change, broadcast, personal_topic
from wagtail_live_lms.live import hub as live_hub
from wagtail_live_lms.live import windows as live_windows
from wagtail_live_lms.live.hints import listeners
from wagtail_live_lms.live.hub import current_hub
from wagtail_live_lms.live.models import LiveChange, LiveTopic
from wagtail_live_lms.live.topics import Position

pytestmark = [pytest.mark.asyncio, pytest.mark.django_db(transaction=True)]

add_note_async = sync_to_async(add_note)
edit_note_async = sync_to_async(edit_note)


def failing_once(real: Callable[..., Any], error: Exception) -> Callable[..., Any]:
    """The function, except that its next call fails."""
    errors = [error]

    def call(*args: Any, **kwargs: Any) -> Any:
        if errors:
            raise errors.pop()
        return real(*args, **kwargs)

    return call


@pytest.fixture
def fast(settings: Any) -> None:
    settings.WAGTAIL_LIVE_LMS = {"POLL_SECONDS": 0.1}


@pytest.fixture
def no_poll(settings: Any) -> None:
    settings.WAGTAIL_LIVE_LMS = {"POLL_SECONDS": 60.0}


class TestDelivery:
    async def test_a_hint_is_enough(self, ada: Any, room: Room, no_poll: None) -> None:
        note = await add_note_async(room.pk, "one")
        async with socket_of(ada, query=views_of(ada, room)) as socket:
            await socket.ready()
            await edit_note_async(note.pk, "two")
            await socket.until(lambda s: s.has("two"))
            assert socket.frames[-1].startswith(f'<li id="note-{note.pk}" data-v="2">')

    async def test_the_poll_is_enough(self, ada: Any, room: Room, fast: None) -> None:
        async with socket_of(ada, query=views_of(ada, room)) as socket:
            await socket.ready()
            listeners.discard(current_hub())
            await add_note_async(room.pk, "unannounced")
            await socket.until(lambda s: s.has("unannounced"))

    async def test_a_hint_for_nobody_here_wakes_nobody(
        self, ada: Any, room: Room, no_poll: None
    ) -> None:
        async with socket_of(ada, query=views_of(ada, room)) as socket:
            await socket.ready()
            await add_note_async(room.pk, "known")
            await socket.until(lambda s: s.has("known"))
            hub = current_hub()
            hub._hinted.clear()
            hub.hint("room-987", 1)
            hub.hint(room_topic(room.pk), 1)
            assert hub._hinted == set()

    async def test_each_window_gets_what_it_shows(self, ada: Any, room: Room, fast: None) -> None:
        notes = [await add_note_async(room.pk, f"n{n}") for n in range(WINDOW + 1)]
        first = views_of(ada, room)
        second = views_of(ada, room, first=notes[1].pk)
        async with socket_of(ada, query=first) as one, socket_of(ada, query=second) as two:
            await one.ready()
            await two.ready()
            await edit_note_async(notes[0].pk, "only in the first")
            await edit_note_async(notes[WINDOW].pk, "only in the second")
            await edit_note_async(notes[2].pk, "in both")
            for socket in (one, two):
                await socket.until(lambda s: s.has("in both") and s.has(" more</p>"))
            assert one.has("only in the first")
            assert not one.has("only in the second")
            assert two.has("only in the second")
            assert not two.has("only in the first")

    async def test_a_snapshot_that_lacked_a_row_which_came_back_is_made_good(
        self, ada: Any, room: Room, fast: None
    ) -> None:
        """Read while it was gone, of which the window never heard: both changes came as one."""
        note = await add_note_async(room.pk, "one")
        async with (
            socket_of(ada, query=views_of(ada, room)) as whole,
            socket_of(ada, query=views_of(ada, room)) as ahead,
        ):
            await whole.ready()
            await ahead.ready()
            (window,) = current_hub().windows.values()
            seats = list(window.seats.values())
            seats[1].keys = frozenset()
            await edit_note_async(note.pk, "back")
            for socket in (whole, ahead):
                await socket.until(lambda s: s.has("back"))
            assert seats[1].keys == seats[0].keys

    async def test_a_part_of_a_row_counts_no_second_time(
        self, ada: Any, room: Room, fast: None
    ) -> None:
        notes = [await add_note_async(room.pk, f"n{n}") for n in range(WINDOW + 1)]
        async with socket_of(ada, query=views_of(ada, room, order="desc")) as socket:
            await socket.ready()
            await edit_note_async(notes[0].pk, "not shown")
            await socket.until(lambda s: s.has(">1 more</p>"))
            assert not socket.has("moved")
            await edit_note_async(notes[1].pk, "shown")
            await socket.until(lambda s: s.has("moved"))

    async def test_summaries_follow_within_a_second_or_so(
        self, ada: Any, room: Room, fast: None
    ) -> None:
        for n in range(WINDOW):
            await add_note_async(room.pk, str(n))
        async with socket_of(ada, query=views_of(ada, room)) as socket:
            await socket.ready()
            await add_note_async(room.pk, "beyond the window")
            await socket.until(lambda s: s.has(f'-count">{WINDOW + 1}</p>'))

    async def test_a_window_that_is_taken_away_gets_nothing(
        self, ada: Any, room: Room, fast: None
    ) -> None:
        async with socket_of(ada, query=views_of(ada, room)) as socket:
            await socket.ready()
            hub = current_hub()
            window = next(iter(hub.windows.values()))
            live = next(iter(window.seats))
            hub.remove(live, window.key)
            hub.remove(live, window.key)
            assert hub.windows == {}
            assert await hub.snapshot(live, window.key) == ""
            assert room_topic(room.pk) not in hub.feeds
            await add_note_async(room.pk, "unseen")
            hub._advance(room_topic(room.pk), live_hub.Batch(live_hub.NOWHERE))
            assert socket.controls[-1]["type"] == "ready"

    async def test_one_of_two_seats_is_given_up(self, ada: Any, room: Room, fast: None) -> None:
        async with socket_of(ada, query=views_of(ada, room)) as stays:
            await stays.ready()
            async with socket_of(ada, query=views_of(ada, room)) as leaves:
                await leaves.ready()
            await add_note_async(room.pk, "still here")
            await stays.until(lambda s: s.has("still here"))


class TestLosses:
    async def test_a_pruned_log_is_made_good_by_a_snapshot(
        self, ada: Any, room: Room, fast: None
    ) -> None:
        async with socket_of(ada, query=views_of(ada, room)) as socket:
            await socket.ready()
            listeners.discard(current_hub())

            def change_and_prune() -> None:
                add_note(room.pk, "forgotten by the log")
                LiveChange.objects.all().delete()

            await sync_to_async(change_and_prune)()
            await socket.until(lambda s: s.has("forgotten by the log"))

    async def test_a_restored_database_is_noticed(self, ada: Any, room: Room, fast: None) -> None:
        await add_note_async(room.pk, "one")
        async with socket_of(ada, query=views_of(ada, room)) as socket:
            await socket.ready()

            def restore() -> None:
                LiveTopic.objects.all().delete()
                LiveChange.objects.all().delete()
                room.notes.update(text="from the backup")

            await sync_to_async(restore)()
            await socket.until(lambda s: s.has("from the backup"))

    async def test_a_topic_that_begins_without_a_change_needs_nothing(
        self, ada: Any, room: Room, fast: None
    ) -> None:
        async with socket_of(ada, query=views_of(ada, room)) as socket:
            await socket.ready()
            feed = current_hub().feeds[room_topic(room.pk)]
            await LiveTopic.objects.acreate(name=room_topic(room.pk), seq=0)
            for _ in range(200):
                if feed.cursor is not None and feed.cursor.epoch:
                    break
                await asyncio.sleep(0.05)
            assert feed.cursor is not None
            assert feed.cursor.epoch
            await add_note_async(room.pk, "the first")
            await socket.until(lambda s: s.has("the first"))

    async def test_a_broken_log_has_rights_checked_too(
        self, ada: Any, room: Room, fast: None
    ) -> None:
        async with socket_of(ada, query=views_of(ada, room)) as socket:
            await socket.ready()
            topic = personal_topic(ada.pk)
            await sync_to_async(broadcast)(topic, Change("anything"))
            feed = current_hub().feeds[topic]
            for _ in range(200):  # until the hub has begun to follow it
                if feed.cursor is not None and feed.cursor.seq:
                    break
                await asyncio.sleep(0.05)
            assert feed.cursor is not None
            listeners.discard(current_hub())
            await sync_to_async(room.members.clear)()

            def lose() -> None:
                broadcast(topic, Change("access"))
                LiveChange.objects.all().delete()

            await sync_to_async(lose)()
            assert await socket.closed() == 4403

    async def test_a_slow_reader_gets_a_snapshot(self, ada: Any, room: Room, settings: Any) -> None:
        settings.WAGTAIL_LIVE_LMS = {"POLL_SECONDS": 0.1, "OUTBOX_FRAMES": 2}
        notes = [await add_note_async(room.pk, str(n)) for n in range(WINDOW)]
        async with socket_of(ada, query=views_of(ada, room), buffer=1) as socket:
            await socket.step()
            for turn in range(5):
                for note in notes:
                    await edit_note_async(note.pk, f"turn {turn}")
            await socket.until(
                lambda s: any("-list" in f and f.count("turn 4") == WINDOW for f in s.frames)
            )


class TestFailures:
    @pytest.mark.parametrize("error", [OperationalError("away"), RuntimeError("bug")])
    async def test_a_failed_look_is_repeated(
        self,
        ada: Any,
        room: Room,
        fast: None,
        error: Exception,
        monkeypatch: pytest.MonkeyPatch,
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        async with socket_of(ada, query=views_of(ada, room)) as socket:
            await socket.ready()
            with caplog.at_level(logging.WARNING):
                failing = failing_once(live_hub._read, error)
                monkeypatch.setattr(live_hub, "_read", failing)
                await add_note_async(room.pk, "after all")
                await socket.until(lambda s: s.has("after all"))
            assert "away" in caplog.text or "bug" in caplog.text

    @pytest.mark.parametrize("error", [OperationalError("away"), RuntimeError("bug")])
    async def test_a_component_that_fails_on_a_change_is_sent_anew(
        self,
        ada: Any,
        room: Room,
        fast: None,
        error: Exception,
        monkeypatch: pytest.MonkeyPatch,
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        async with socket_of(ada, query=views_of(ada, room)) as socket:
            await socket.ready()
            with caplog.at_level(logging.WARNING):
                failing = failing_once(Notes.on_ws_message, error)
                monkeypatch.setattr(Notes, "on_ws_message", lambda *args: failing(*args))
                await add_note_async(room.pk, "after all")
                await socket.until(lambda s: s.has("after all"))
            assert "away" in caplog.text or "bug" in caplog.text

    async def test_a_snapshot_waits_for_the_database(
        self,
        ada: Any,
        room: Room,
        fast: None,
        monkeypatch: pytest.MonkeyPatch,
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        async with socket_of(ada, query=views_of(ada, room)) as socket:
            await socket.ready()
            socket.frames.clear()
            failing = failing_once(live_windows.positions, OperationalError("away"))
            with caplog.at_level(logging.WARNING):
                monkeypatch.setattr(live_windows, "positions", failing)
                await sync_to_async(clear_room)(room.pk)
                await socket.until(lambda s: s.has("-list"))
            assert "No snapshot yet" in caplog.text


class TestHousekeeping:
    async def test_old_changes_are_pruned(
        self, ada: Any, room: Room, fast: None, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(live_hub, "PRUNE_INTERVAL", 0.1)
        await add_note_async(room.pk, "old")
        long_ago = timezone.now() - datetime.timedelta(hours=1)
        await LiveChange.objects.aupdate(created_at=long_ago)
        async with socket_of(ada, query=views_of(ada, room)) as socket:
            await socket.ready()
            for _ in range(200):
                if not await LiveChange.objects.aexists():
                    break
                await asyncio.sleep(0.05)
        assert not await LiveChange.objects.aexists()

    async def test_when_the_last_socket_leaves_everything_ends(self, ada: Any, room: Room) -> None:
        async with socket_of(ada, query=views_of(ada, room)) as socket:
            await socket.ready()
            hub = current_hub()
            tasks = list(hub._tasks)
            assert hub in listeners
        assert hub not in listeners
        assert all(task.done() for task in tasks)
        assert (hub.feeds, hub.windows, hub.sockets) == ({}, {}, set())

    async def test_it_starts_again_for_the_next(self, ada: Any, room: Room) -> None:
        for text in ("one", "two"):
            async with socket_of(ada, query=views_of(ada, room)) as socket:
                await socket.ready()
                await add_note_async(room.pk, text)
                await socket.until(lambda s, text=text: s.has(text))

    async def test_a_socket_that_left_gets_no_heartbeat(
        self, ada: Any, room: Room, settings: Any
    ) -> None:
        settings.WAGTAIL_LIVE_LMS = {"HEARTBEAT_SECONDS": 0.4}
        query = views_of(ada, room)

        def beats(socket: Socket) -> int:
            return sum(c["type"] == "beat" for c in socket.controls)

        async with socket_of(ada, query=query) as stays:
            await stays.ready()
            async with socket_of(ada, query=query) as leaves:
                await leaves.ready()
                await stays.until(lambda s: beats(s) >= 1)
            await stays.until(lambda s: beats(s) >= 3)

    async def test_everybody_gets_a_heartbeat_of_what_they_see(
        self, ada: Any, eve: Any, room: Room, settings: Any
    ) -> None:
        settings.WAGTAIL_LIVE_LMS = {"HEARTBEAT_SECONDS": 0.2}
        query = {"views": tokens(eve, ("toy_mine", {}))}
        async with (
            socket_of(ada, query=views_of(ada, room)) as one,
            socket_of(eve, query=query) as two,
        ):
            for socket in (one, two):
                await socket.ready()
                await socket.until(lambda s: s.controls[-1]["type"] == "beat")
            assert two.controls[-1]["since"] == f"student-{eve.pk}:.0"

    async def test_with_nobody_here_there_is_nobody_to_tell(self) -> None:
        hub = live_hub.Hub(asyncio.get_running_loop())
        await asyncio.wait_for(hub._heartbeats(), 5)

    async def test_a_closed_loop_hears_nothing(self) -> None:
        loop = asyncio.new_event_loop()
        loop.close()
        hub = live_hub.Hub(loop)
        hub.hint_threadsafe("room-1", 1)


class TestGivingWay:
    """Who committed waits a moment, so that the rows are not held up by their own answer."""

    async def test_a_hint_tells_when_its_rows_are_on_their_way(
        self, ada: Any, room: Room, no_poll: None
    ) -> None:
        async with socket_of(ada, query=views_of(ada, room)) as socket:
            await socket.ready()
            note = await add_note_async(room.pk, "known")
            await socket.until(lambda s: s.has("known"))
            hub = current_hub()
            listeners.discard(hub)
            await edit_note_async(note.pk, "new")
            hub._last_pass = 0.0
            handed_out = hub.hint_threadsafe(room_topic(room.pk), 2)
            assert await asyncio.to_thread(handed_out.wait, 10)
            while not socket.connection._sent.empty():
                await socket.step()
            assert socket.has("new")

    async def test_only_who_begins_a_burst_waits(self) -> None:
        hub = live_hub.Hub(asyncio.get_running_loop())
        hub.feeds["room-1"] = live_hub.Feed(cursor=Position("", 1))
        await hub._hand_out()
        assert hub.hint_threadsafe("room-2", 1).is_set()
        hub._last_pass = time.monotonic()
        assert hub.hint_threadsafe("room-1", 2).is_set()
        hub._last_pass = 0.0
        handed_out = hub.hint_threadsafe("room-1", 3)
        assert not handed_out.is_set()
        await hub._hand_out()
        assert handed_out.is_set()
