"""A window: rendered once for all who see it, patched without a query."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import OperationalError

from tests.live.toys import NOTE, Mine, Notes, add_note, clear_room, edit_note, room_topic
from tests.toy.models import Room
from wagtail_live_lms.live import Change, Component, Message
from wagtail_live_lms.live.log import Batch
from wagtail_live_lms.live.topics import positions
from wagtail_live_lms.live.windows import Seat, Window, load_records
from wagtail_live_lms.testing import make_request

pytestmark = pytest.mark.django_db


def window_of(component: Component, language: str = "en") -> Window:
    return Window(component.key, component, language, tuple(component.topics()))


@pytest.fixture
def window(ada: Any, room: Room) -> Window:
    return window_of(Notes(make_request(ada), {"room_id": room.pk}))


def sit(window: Window) -> Seat:
    seat = window.seats[object()] = Seat()  # type: ignore[index]
    window.take_snapshot(seat)
    return seat


def batch_of(window: Window, *changes: Change) -> Batch:
    now = positions(window.topics)[window.topics[0]]
    return Batch(now, dict.fromkeys(changes, now.seq))


class TestSnapshot:
    def test_it_knows_where_its_topics_were(self, window: Window, room: Room) -> None:
        note = add_note(room.pk, "Hi")
        seat = Seat()
        snapshot = window.take_snapshot(seat)
        assert snapshot.at == positions(window.topics)
        assert "Hi" in snapshot.html
        assert seat.keys == {f"note-{note.pk}"}

    def test_it_is_rendered_anew_only_after_a_change(
        self, window: Window, room: Room, django_assert_num_queries: Any
    ) -> None:
        first = window.take_snapshot(Seat())
        with django_assert_num_queries(1):
            assert window.take_snapshot(Seat()) is first
        add_note(room.pk, "Hi")
        assert window.take_snapshot(Seat()) is not first

    def test_without_topics_it_is_rendered_each_time(self, ada: Any) -> None:
        class Clock(Mine):
            def topics(self) -> list[str]:
                return []

        window = window_of(Clock(make_request(ada), {}))
        assert window.take_snapshot(Seat()) is not window.take_snapshot(Seat())

    def test_it_forgets_what_was_elsewhere(self, window: Window) -> None:
        seat = Seat(elsewhere=3, told=2)
        window.take_snapshot(seat)
        assert (seat.elsewhere, seat.told) == (0, 0)

    def test_it_is_read_with_the_rights_of_who_asks(
        self, window: Window, eve: Any, room: Room, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        readers = []
        monkeypatch.setattr(Notes, "get_context", lambda self: readers.append(self.user) or {})
        own = Notes(make_request(eve), {"room_id": room.pk})
        window.take_snapshot(Seat(component=own))
        assert readers == [eve]
        assert window.component.user == eve


class TestPatches:
    def test_a_shown_row_is_rendered(self, window: Window, room: Room) -> None:
        note = add_note(room.pk, "Hi")
        sit(window)
        edit_note(note.pk, "Ho")
        [patch] = window.read(room_topic(room.pk), batch_of(window, Change(NOTE, note.pk)), {})
        assert patch.html is not None
        assert "Ho" in patch.html
        assert 'data-v="2"' in patch.html

    def test_a_row_that_nobody_shows_is_not(self, window: Window, room: Room) -> None:
        notes = [add_note(room.pk, str(n)) for n in range(7)]
        sit(window)
        [patch] = window.read(room_topic(room.pk), batch_of(window, Change(NOTE, notes[6].pk)), {})
        assert patch.html is None

    def test_rows_are_read_and_rendered_once_for_all_windows(
        self, ada: Any, room: Room, django_assert_num_queries: Any
    ) -> None:
        notes = [add_note(room.pk, str(n)) for n in range(3)]
        windows = [
            window_of(Notes(make_request(ada), {"room_id": room.pk, "order": order}))
            for order in ("asc", "desc")
        ]
        for window in windows:
            sit(window)
        batch = batch_of(windows[0], *[Change(NOTE, note.pk) for note in notes])
        memo: Any = {}
        with django_assert_num_queries(1):
            first, second = (window.read(room_topic(room.pk), batch, memo) for window in windows)
        second = [patch for patch in second if not patch.part]
        assert all(a.html is b.html for a, b in zip(first, second, strict=True))

    def test_what_a_patch_cannot_tell_needs_a_snapshot(self, window: Window, room: Room) -> None:
        sit(window)
        clear_room(room.pk)
        change = Change("cleared", room.pk)
        assert window.read(room_topic(room.pk), batch_of(window, change), {}) is None

    def test_a_row_that_is_gone_comes_without_a_record(self, window: Window, room: Room) -> None:
        sit(window)
        change = Change(NOTE, 12345)
        assert window.read(room_topic(room.pk), batch_of(window, change), {}) is None

    def test_each_language_is_rendered_by_itself(self, ada: Any, room: Room) -> None:
        note = add_note(room.pk, "Hi")
        memo: Any = {}
        found = []
        for language in ("en", "de"):
            window = window_of(Notes(make_request(ada), {"room_id": room.pk}), language)
            sit(window)
            batch = batch_of(window, Change(NOTE, note.pk))
            found += window.read(room_topic(room.pk), batch, memo) or []
        assert found[0].html is not found[1].html


class TestManyTopics:
    """As when a whole class is told something, each person on a topic of their own."""

    @pytest.fixture
    def shown(self, ada: Any, room: Room) -> dict[str, list[Window]]:
        """A window for each of two rooms."""
        other = Room.objects.create(name="Lounge")
        other.members.add(ada)
        windows = [
            window_of(Notes(make_request(ada), {"room_id": one.pk})) for one in (room, other)
        ]
        for window in windows:
            sit(window)
        return {window.topics[0]: [window] for window in windows}

    def batches(self, shown: dict[str, list[Window]]) -> dict[str, Batch]:
        """A note in each room, added since."""
        return {
            topic: batch_of(
                window, Change(NOTE, add_note(window.component.params["room_id"], topic).pk)
            )
            for topic, (window,) in shown.items()
        }

    def test_their_rows_are_read_together(
        self, shown: dict[str, list[Window]], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        asked: list[set[str]] = []
        real = Notes.load_changes_of

        def load(kind: str, ids: Any) -> Any:
            asked.append(set(ids))
            return real(kind, ids)

        monkeypatch.setattr(Notes, "load_changes_of", load)
        batches, memo = self.batches(shown), {}  # type: ignore[var-annotated]
        load_records(batches, shown, memo)
        for topic, (window,) in shown.items():
            window.read(topic, batches[topic], memo)
        assert asked == [set(shown)]

    def test_what_cannot_be_read_together_is_read_window_by_window(
        self,
        shown: dict[str, list[Window]],
        monkeypatch: pytest.MonkeyPatch,
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        real = Notes.load_changes_of

        def load(kind: str, ids: Any) -> Any:
            if len(ids) > 1:
                raise RuntimeError("bug")
            return real(kind, ids)

        monkeypatch.setattr(Notes, "load_changes_of", load)
        batches, memo = self.batches(shown), {}  # type: ignore[var-annotated]
        load_records(batches, shown, memo)
        assert "cannot read what changed" in caplog.text
        (topic, (window,)), *_ = shown.items()
        assert window.read(topic, batches[topic], memo) is None, "a new note needs a snapshot"
        assert memo["records", Notes, topic]

    def test_a_database_that_is_away_is_told_to_the_hub(
        self, shown: dict[str, list[Window]], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def load(kind: str, ids: Any) -> Any:
            raise OperationalError("away")

        batches = self.batches(shown)
        monkeypatch.setattr(Notes, "load_changes_of", load)
        with pytest.raises(OperationalError):
            load_records(batches, shown, {})


class TestTick:
    def test_summaries_are_counted_once_for_all(
        self, ada: Any, room: Room, django_assert_num_queries: Any
    ) -> None:
        window = window_of(Notes(make_request(ada), {"room_id": room.pk}))
        assert window.tick({}) == []  # nobody has been shown anything yet
        sit(window)
        memo: Any = {}
        with django_assert_num_queries(1):
            [first], [second] = window.tick(memo), window.tick(memo)
        assert first == second
        assert first.for_all

    def test_what_is_elsewhere_is_said_if_the_component_can(self, window: Window, ada: Any) -> None:
        assert "3 more" in window.render_elsewhere(3)
        assert window_of(Mine(make_request(ada), {})).render_elsewhere(3) == ""


def test_a_message_shares_what_is_made_for_it() -> None:
    message = Message("room-1", 1, NOTE, 5)
    assert message.once("row", lambda: "first") == "first"
    assert message.once("row", lambda: "second") == "first"
