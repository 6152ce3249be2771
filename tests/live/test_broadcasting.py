"""Recording changes: one sequence per topic, in the order of the commits."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection, transaction

from wagtail_live_lms.live import Change, broadcast, broadcast_many
from wagtail_live_lms.live.hints import listeners
from wagtail_live_lms.live.models import LiveChange, LiveTopic


class Ear:
    """A listener that keeps what it hears."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, int]] = []

    def hint_threadsafe(self, topic: str, seq: int) -> None:
        self.heard.append((topic, seq))


@pytest.fixture
def ear() -> Iterator[Ear]:
    ear = Ear()
    listeners.add(ear)
    yield ear
    listeners.discard(ear)


def recorded() -> list[tuple[str, int, str, int]]:
    return list(LiveChange.objects.order_by("pk").values_list("topic", "seq", "kind", "object_id"))


@pytest.mark.django_db
class TestRecording:
    def test_a_topic_begins_with_its_first_change(self) -> None:
        broadcast("room-1", Change("note", 7))
        broadcast("room-1", Change("note", 8))
        assert recorded() == [("room-1", 1, "note", 7), ("room-1", 2, "note", 8)]
        assert LiveTopic.objects.get().seq == 2

    def test_several_topics_move_together(self) -> None:
        broadcast("room-2", Change("note"))
        broadcast_many(
            {"room-3": [Change("a", 1), Change("b", 2)], "room-1": [], "room-2": [Change("c", 3)]}
        )
        assert recorded()[1:] == [
            ("room-2", 2, "c", 3),
            ("room-3", 1, "a", 1),
            ("room-3", 1, "b", 2),
        ]

    def test_nothing_to_say_is_nothing_done(self, django_assert_num_queries: Any) -> None:
        with django_assert_num_queries(0):
            broadcast_many({})

    def test_a_known_topic_costs_few_queries(self, django_assert_max_num_queries: Any) -> None:
        broadcast("room-1", Change("note"))
        with django_assert_max_num_queries(7):  # with the savepoints
            broadcast("room-1", Change("note"))


@pytest.mark.django_db(transaction=True)
class TestHints:
    def test_they_are_given_after_the_commit(self, ear: Ear) -> None:
        with transaction.atomic():
            broadcast("room-1", Change("note"))
            assert ear.heard == []
        assert ear.heard == [("room-1", 1)]

    def test_what_is_rolled_back_was_never_said(self, ear: Ear) -> None:
        def fail() -> None:
            with transaction.atomic():
                broadcast("room-1", Change("note"))
                raise RuntimeError

        with pytest.raises(RuntimeError):
            fail()
        assert ear.heard == []
        assert recorded() == []
        broadcast("room-1", Change("note"))
        assert ear.heard == [("room-1", 1)]

    def test_a_listener_that_fails_fails_no_request(self, ear: Ear) -> None:
        class Broken:
            def hint_threadsafe(self, topic: str, seq: int) -> None:
                raise RuntimeError

        broken = Broken()
        listeners.add(broken)
        try:
            broadcast("room-1", Change("note"))
        finally:
            listeners.discard(broken)
        assert recorded() == [("room-1", 1, "note", 0)]

    def test_writers_at_once_leave_no_gap(self) -> None:
        names = ["room-1", "room-2", "room-3"]

        def write() -> None:
            try:
                for turn in range(5):
                    broadcast_many({name: [Change("note", turn)] for name in reversed(names)})
            finally:
                connection.close()

        threads = [threading.Thread(target=write) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert dict(LiveTopic.objects.values_list("name", "seq")) == dict.fromkeys(names, 20)
        for name in names:
            changes = LiveChange.objects.filter(topic=name).order_by("pk")
            assert list(changes.values_list("seq", flat=True)) == list(range(1, 21))
