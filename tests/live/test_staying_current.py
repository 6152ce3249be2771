"""What a page may be believed to show already, and which late answers it does not take."""

from __future__ import annotations

from typing import Any

import pytest

from tests.live.toys import Notes, add_note
from tests.toy.models import Room
from wagtail_live_lms.live.topics import Position, parse_since, positions
from wagtail_live_lms.live.windows import Seat, Window
from wagtail_live_lms.testing import make_request
from wagtail_live_lms.testing.dom import Dom


def test_a_topic_of_which_two_components_differ_is_not_believed() -> None:
    told = parse_since("room-1:ab.4 room-2:ab.7 room-1:ab.5 room-2:ab.7")
    assert told == {"room-2": Position("ab", 7)}


@pytest.mark.django_db
def test_a_snapshot_knows_what_may_have_happened_while_it_was_read(ada: Any, room: Room) -> None:
    class Busy(Notes):
        def mount(self, room_id: int) -> None:
            add_note(room_id, "meanwhile")
            super().mount(room_id)

    component = Busy(make_request(ada), {"room_id": room.pk})
    before = positions(component.topics())
    window = Window(component.key, component, "en", tuple(component.topics()))
    snapshot = window.take_snapshot(Seat())
    assert snapshot.at == before
    assert snapshot.until == positions(window.topics) != before


def page(version: int, since: str, text: str) -> str:
    return f'<p id="a" data-live-params="x" data-v="{version}" data-live-since="{since}">{text}</p>'


@pytest.mark.parametrize(
    ("version", "since", "is_taken"),
    [
        (5, "c:ab.4", True),
        (5, "c:ab.3", False),
        (4, "c:ab.4", False),
        (5, "c:cd.1", True),
        (6, "c:ab.5", True),
    ],
)
def test_a_late_answer_is_taken_unless_something_newer_is_shown(
    version: int, since: str, is_taken: bool
) -> None:
    """The version is the row's, the position that of the course around it."""
    dom = Dom(page(5, "c:ab.4", "shown"))
    dom.apply(page(version, since, "late"))
    assert dom.one("#a").text == ("late" if is_taken else "shown")


@pytest.mark.parametrize(
    ("told", "now"),
    [("c:ab.3", "c:ab.4"), ("c:ab.5", "c:ab.5"), ("c:cd.1", "c:cd.1"), ("", "c:ab.4")],
)
def test_a_heartbeat_takes_nothing_back(told: str, now: str) -> None:
    """A snapshot may be ahead of the changes that a heartbeat speaks of."""
    dom = Dom(page(5, "c:ab.4", "shown"))
    dom.remember(told)
    assert dom.one("#a").get("data-live-since") == now
