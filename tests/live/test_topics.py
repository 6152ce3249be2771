"""Topics: names, rules and positions."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.toy.models import Room
from wagtail_live_lms.live import Change, ComponentError, NotFound, broadcast, personal_topic
from wagtail_live_lms.live.models import LiveChange, LiveTopic
from wagtail_live_lms.live.topics import (
    NOWHERE,
    Position,
    TopicRules,
    format_since,
    parse_since,
    positions,
    row_id,
    topics,
)


@pytest.mark.django_db
class TestRules:
    def test_members_are_admitted_and_strangers_are_not(
        self, ada: Any, eve: Any, room: Room
    ) -> None:
        topics.admit(ada, f"room-{room.pk}")
        with pytest.raises(NotFound):
            topics.admit(eve, f"room-{room.pk}")

    def test_a_topic_names_what_its_socket_shows(self, ada: Any, room: Room) -> None:
        assert topics.views(ada, f"room-{room.pk}") == [("toy_notes", {"room_id": room.pk})]
        assert topics.views(ada, "lounge-1") == []

    def test_one_declaration_each(self) -> None:
        assert {"room", "lounge"} <= set(topics)
        with pytest.raises(ComponentError, match="'room' is declared already"):
            topics.declare("room", admit=lambda user, ident: None)


@pytest.mark.parametrize(
    "name", ["", "room", "room-", "-5", "Room-5", "other-5", "room-5\n", "room-é", "room-5 6"]
)
def test_a_name_nobody_declared_is_not_found(name: str) -> None:
    with pytest.raises(NotFound):
        topics.parse(name)


@pytest.mark.parametrize("ident", ["", "0", "-1", "x", "٣", "9" * 19, "²"])
def test_an_id_no_table_holds_is_not_found(ident: str) -> None:
    with pytest.raises(NotFound):
        row_id(ident)


def test_ids_are_numbers() -> None:
    assert row_id("9223372036854775807") == 2**63 - 1


def test_rules_can_be_forgotten() -> None:
    rules = TopicRules()
    rules.declare("room", admit=lambda user, ident: None)
    rules.forget("room")
    rules.forget("room")
    assert list(rules) == []


@pytest.mark.django_db
def test_positions_are_read_in_one_query(django_assert_num_queries: Any) -> None:
    broadcast("room-1", Change("note", 1))
    with django_assert_num_queries(1):
        now = positions(["room-1", "room-2"])
    assert (now["room-1"].seq, now["room-2"]) == (1, NOWHERE)


def test_a_personal_topic_is_one_person() -> None:
    assert personal_topic(5) == "student-5"


def test_rows_describe_themselves() -> None:
    assert str(LiveTopic(name="room-1", seq=3)) == "room-1 at 3"
    assert str(LiveChange(topic="room-1", seq=3, kind="note", object_id=7)) == "room-1 3: note 7"


_names = st.from_regex(r"[a-z]{1,9}-[0-9a-f-]{1,12}", fullmatch=True)
_positions = st.builds(
    Position, st.from_regex(r"[0-9a-f]{0,8}", fullmatch=True), st.integers(0, 2**63 - 1)
)


@settings(deadline=None, max_examples=60)
@given(st.dictionaries(_names, _positions))
def test_positions_survive_their_attribute(at: dict[str, Position]) -> None:
    assert parse_since(format_since(at)) == at


@settings(deadline=None, max_examples=60)
@given(st.text())
def test_an_attribute_that_makes_no_sense_costs_a_snapshot_only(text: str) -> None:
    assert all(0 <= position.seq for position in parse_since(text).values())


def test_two_answers_for_one_topic_are_no_answer() -> None:
    assert parse_since("room-1:a.1 room-2:a.1 room-1:a.2") == {"room-2": Position("a", 1)}
    assert parse_since("room-1:a.1 room-1:a.1") == {"room-1": Position("a", 1)}


def test_what_cannot_be_read_is_left_out() -> None:
    assert parse_since("room-1:a.1 room-2:a.x room-3 room-4:a.²") == {"room-1": Position("a", 1)}
