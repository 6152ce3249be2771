"""The kit without a page: mounting, events, permissions, pushes."""

from __future__ import annotations

from typing import Any

import pytest

from tests.factories import make_user
from tests.live.toys import NOTE, Greeting, Notes, Review, add_note, edit_note, room_topic
from tests.toy.models import Note, Room
from wagtail_live_lms.live import (
    AllowAny,
    Change,
    Component,
    ComponentError,
    InvalidInput,
    NotAuthenticated,
    NotFound,
    PermissionDenied,
    RateLimitExceeded,
    broadcast_many,
    registry,
)
from wagtail_live_lms.testing import (
    ComponentTestCase,
    assert_no_pushes,
    assert_permission_denied,
    assert_pushes,
    assert_state,
    dispatch_event,
    mount,
)

pytestmark = pytest.mark.django_db


class Careless(Component):
    """Acts before it asks."""

    template_name = "toy/plain.html"
    permission_classes = (AllowAny,)

    def mount(self, room_id: int) -> None:
        self.state = {"text": "open to all"}

    def on_add(self, text: str) -> None:
        add_note(self.params["room_id"], text)
        raise PermissionDenied


class TestDispatchEvent:
    def test_returns_the_instance_with_the_new_state(self, ada: Any, room: Room) -> None:
        notes = dispatch_event("toy_notes", "add", {"text": "Hi"}, user=ada, room_id=room.pk)
        assert_state(notes, count=1)
        assert "Hi" in notes.html

    def test_takes_a_class_too(self) -> None:
        assert_state(dispatch_event(Greeting, "shout", {"times": 2}), text="HELLOHELLO")

    def test_a_class_that_is_not_registered_is_so_only_meanwhile(self, room: Room) -> None:
        class Other(Careless):
            pass

        with pytest.raises(PermissionDenied):
            dispatch_event(Other, "add", {"text": "x"}, room_id=room.pk)
        assert "other" not in registry
        assert "open to all" in mount(Other, room_id=room.pk).html

    def test_a_class_must_be_fit_for_registration(self) -> None:
        class Open(Component):
            template_name = "toy/plain.html"

        with pytest.raises(ComponentError, match="permission_classes"):
            mount(Open)

    def test_a_mounted_instance_shows_the_outcome(self, ada: Any, room: Room) -> None:
        notes = mount("toy_notes", user=ada, room_id=room.pk)
        assert_state(notes, count=0, notes=[])
        assert dispatch_event(notes, "add", {"text": "Hi"}) is notes
        assert_state(notes, count=1)

    def test_a_mounted_instance_keeps_its_user(self, ada: Any, eve: Any, room: Room) -> None:
        notes = mount("toy_notes", user=ada, room_id=room.pk)
        with pytest.raises(TypeError, match="keeps its user"):
            dispatch_event(notes, "add", {"text": "Hi"}, user=eve)

    def test_runs_the_whole_pipeline(self, ada: Any, eve: Any, room: Room) -> None:
        with pytest.raises(NotAuthenticated):
            dispatch_event("toy_notes", "clear", room_id=room.pk)
        with pytest.raises(PermissionDenied):
            dispatch_event("toy_notes", "clear", user=eve, room_id=room.pk)
        with pytest.raises(InvalidInput):
            dispatch_event("toy_notes", "clear", {"extra": 1}, user=ada, room_id=room.pk)
        with pytest.raises(NotFound):
            dispatch_event("toy_notes", "mount", user=ada, room_id=room.pk)
        for _ in range(2):
            dispatch_event("toy_notes", "clear", user=ada, room_id=room.pk)
        with pytest.raises(RateLimitExceeded):
            dispatch_event("toy_notes", "clear", user=ada, room_id=room.pk)

    def test_a_form_that_does_not_fit_carries_the_component(self, ada: Any) -> None:
        with pytest.raises(InvalidInput) as caught:
            dispatch_event(Review, "submit", {"title": "x"}, user=ada)
        assert "title-error" in caught.value.component.html


class TestAssertState:
    def test_names_what_differs_and_what_there_is(self, ada: Any, room: Room) -> None:
        notes = mount("toy_notes", user=ada, room_id=room.pk)
        with pytest.raises(AssertionError) as caught:
            assert_state(notes, count=3, total=1, notes=[])
        message = str(caught.value)
        assert "count: expected 3, found 0" in message
        assert "total: expected 1, found 'nothing of that name'" in message
        assert "The state has: count, notes." in message


class TestAssertPermissionDenied:
    def test_passes_for_401_403_and_404(self, ada: Any, eve: Any, room: Room) -> None:
        assert_permission_denied("toy_notes", "clear", user=None, room_id=room.pk)
        assert_permission_denied("toy_notes", "clear", user=eve, room_id=room.pk)
        assert_permission_denied("toy_room", user=eve, object_id=room.pk)

    def test_fails_for_somebody_who_may(self, ada: Any, room: Room) -> None:
        with pytest.raises(AssertionError, match=r"ada may use 'clear' of 'toy_notes'"):
            assert_permission_denied("toy_notes", "clear", user=ada, room_id=room.pk)
        with pytest.raises(AssertionError, match="ada may use 'toy_notes'"):
            assert_permission_denied("toy_notes", user=ada, room_id=room.pk)

    def test_fails_when_something_was_written_before_the_refusal(
        self, eve: Any, room: Room
    ) -> None:
        with pytest.raises(AssertionError, match="written first"):
            assert_permission_denied(Careless, "add", {"text": "x"}, user=eve, room_id=room.pk)

    def test_a_misspelt_name_is_no_refusal(self, ada: Any, room: Room) -> None:
        with pytest.raises(NotFound):
            assert_permission_denied("toy_nots", "clear", user=ada, room_id=room.pk)
        with pytest.raises(NotFound):
            assert_permission_denied("toy_notes", "claer", user=ada, room_id=room.pk)

    def test_other_errors_are_no_refusal(self, ada: Any, room: Room) -> None:
        with pytest.raises(InvalidInput):
            assert_permission_denied("toy_notes", "add", user=ada, room_id=room.pk)


class TestAssertPushes:
    def test_passes_when_the_change_was_recorded(self, room: Room) -> None:
        with assert_pushes(room_topic(room.pk), kind=NOTE, only=True) as pushes:
            note = add_note(room.pk, "Hi")
        assert [str(push) for push in pushes.recorded] == [f"room-{room.pk}: note {note.pk}"]
        with assert_pushes(room_topic(room.pk), kind=NOTE, object_id=note.pk):
            edit_note(note.pk, "Ho")

    def test_fails_without_a_push(self, room: Room) -> None:
        with (
            pytest.raises(AssertionError, match="Pushed was: nothing"),
            assert_pushes(room_topic(room.pk)),
        ):
            Note.objects.create(room=room, text="in silence")

    def test_fails_for_another_kind_or_thing(self, room: Room) -> None:
        for other in ({"kind": "cleared"}, {"object_id": 0}):
            with (
                pytest.raises(AssertionError, match="Not pushed to room-"),
                assert_pushes(room_topic(room.pk), **other),  # type: ignore[arg-type]
            ):
                add_note(room.pk, "Hi")

    def test_fails_when_others_are_told_too(self, room: Room) -> None:
        with (
            pytest.raises(AssertionError, match="Pushed to lounge-1 too"),
            assert_pushes(room_topic(room.pk), only=True),
        ):
            broadcast_many({room_topic(room.pk): [Change(NOTE)], "lounge-1": [Change(NOTE)]})

    def test_nothing_at_all(self, room: Room) -> None:
        with assert_no_pushes():
            Note.objects.create(room=room, text="in silence")
        with pytest.raises(AssertionError, match="Pushed to"), assert_no_pushes():
            add_note(room.pk, "Hi")


class TestAsMethods(ComponentTestCase):
    """The shape that a site's own tests have; here as unittest runs them."""

    @classmethod
    def setUpTestData(cls) -> None:
        cls.ada, cls.eve = make_user("Ada"), make_user("Eve")
        cls.room = Room.objects.create(name="Library")
        cls.room.members.add(cls.ada)

    def test_a_note_is_added_and_pushed(self) -> None:
        notes = self.mount("toy_notes", user=self.ada, room_id=self.room.pk)
        with self.assert_pushes(room_topic(self.room.pk), only=True):
            self.dispatch_event(notes, "add", {"text": "Hi"})
        self.assert_state(notes, count=1)

    def test_rate_limits_start_anew_in_every_test(self) -> None:
        for _ in range(2):
            self.dispatch_event("toy_notes", "clear", user=self.ada, room_id=self.room.pk)

    test_rate_limits_start_anew_in_the_next_test = test_rate_limits_start_anew_in_every_test

    def test_a_stranger_is_refused(self) -> None:
        with self.assert_no_pushes():
            self.assert_permission_denied(Notes, "clear", user=self.eve, room_id=self.room.pk)
