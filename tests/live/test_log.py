"""Reading the change log, and noticing when it cannot tell."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from django.utils import timezone

from wagtail_live_lms.live import Change, broadcast, broadcast_many
from wagtail_live_lms.live.log import CHUNK, LIMIT, changes_after, poll, prune
from wagtail_live_lms.live.models import LiveChange, LiveTopic
from wagtail_live_lms.live.topics import NOWHERE, Position, positions

pytestmark = pytest.mark.django_db
TOPIC = "room-1"


def record(*ids: int) -> Position:
    for ident in ids:
        broadcast(TOPIC, Change("note", ident))
    return positions([TOPIC])[TOPIC]


class TestChangesAfter:
    def test_what_came_behind_the_cursor_newest_last(self) -> None:
        start = record(1)
        record(2, 3, 2)
        batch = changes_after({TOPIC: start})[TOPIC]
        assert batch.changes == {Change("note", 3): 3, Change("note", 2): 4}
        assert list(batch.changes) == [Change("note", 3), Change("note", 2)]
        assert (batch.position, batch.is_broken) == (Position(start.epoch, 4), False)

    def test_topics_without_news_are_left_out(self) -> None:
        assert changes_after({TOPIC: record(1)}) == {}
        assert changes_after({}) == {}

    def test_a_gap_means_that_the_log_was_pruned(self) -> None:
        start = record(1)
        record(2, 3)
        LiveChange.objects.filter(seq=2).delete()
        batch = changes_after({TOPIC: start})[TOPIC]
        assert batch.is_broken
        assert batch.position.seq == 3

    def test_changes_of_one_moment_are_no_gap(self) -> None:
        start = record(1)
        broadcast_many({TOPIC: [Change("note", 2), Change("note", 3)]})
        assert not changes_after({TOPIC: start})[TOPIC].is_broken

    def test_a_reader_that_is_far_behind_is_told_so(self) -> None:
        start = record(1)
        LiveChange.objects.bulk_create(
            LiveChange(topic=TOPIC, seq=seq, kind="note", object_id=seq)
            for seq in range(2, LIMIT + 2)
        )
        LiveTopic.objects.update(seq=LIMIT + 1)
        batch = changes_after({TOPIC: start})[TOPIC]
        assert batch.is_broken
        assert batch.position == Position(start.epoch, LIMIT + 1)

    def test_one_query_for_many_topics(self, django_assert_num_queries: Any) -> None:
        broadcast_many({f"room-{n}": [Change("note", n)] for n in range(1, CHUNK + 2)})
        cursors = dict.fromkeys([f"room-{n}" for n in range(1, CHUNK + 2)], NOWHERE)
        with django_assert_num_queries(2):
            assert len(changes_after(cursors)) == CHUNK + 1


class TestPoll:
    def test_it_finds_what_no_hint_told(self) -> None:
        start = record(1)
        now = record(2)
        batch = poll({TOPIC: start})[TOPIC]
        assert (batch.position, list(batch.changes)) == (now, [Change("note", 2)])

    def test_nothing_new_is_nothing(self) -> None:
        assert poll({TOPIC: record(1)}) == {}

    def test_a_topic_that_had_never_had_a_change(self) -> None:
        now = record(1)
        batch = poll({TOPIC: NOWHERE})[TOPIC]
        assert (batch.position, batch.is_broken) == (now, False)

    def test_a_restored_database_is_noticed(self) -> None:
        now = record(1, 2, 3)
        ahead = Position(now.epoch, 9)
        other = Position("00000000", 3)
        for cursor in (ahead, other):
            batch = poll({TOPIC: cursor})[TOPIC]
            assert (batch.position, batch.is_broken) == (now, True)

    def test_a_topic_that_vanished_is_noticed(self) -> None:
        now = record(1)
        LiveTopic.objects.all().delete()
        batch = poll({TOPIC: now})[TOPIC]
        assert (batch.position, batch.is_broken) == (NOWHERE, True)

    def test_a_topic_without_changes_of_its_own_only_names_its_epoch(self) -> None:
        LiveTopic.objects.create(name=TOPIC, seq=0)
        now = positions([TOPIC])[TOPIC]
        batch = poll({TOPIC: NOWHERE})[TOPIC]
        assert (batch.position, batch.is_broken, batch.changes) == (now, False, {})

    def test_a_pruned_log_is_noticed(self) -> None:
        start = record(1)
        now = record(2)
        LiveChange.objects.all().delete()
        batch = poll({TOPIC: start})[TOPIC]
        assert (batch.position, batch.is_broken) == (now, True)


def test_old_changes_are_pruned(settings: Any) -> None:
    settings.WAGTAIL_LIVE_LMS = {"CHANGE_LOG_MINUTES": 15}
    record(1, 2)
    long_ago = timezone.now() - datetime.timedelta(minutes=16)
    LiveChange.objects.filter(seq=1).update(created_at=long_ago)
    assert prune() == 1
    assert list(LiveChange.objects.values_list("seq", flat=True)) == [2]
