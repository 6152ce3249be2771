"""The one pipeline: each step refuses before the next one runs."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser

from tests.live.toys import add_note, registry
from tests.toy.models import Note, Room
from wagtail_live_lms.live import (
    AllowAny,
    Component,
    Conflict,
    InvalidInput,
    NotFound,
    PermissionDenied,
    RateLimitExceeded,
    signing,
)
from wagtail_live_lms.live.exceptions import InvalidToken, TokenExpired
from wagtail_live_lms.live.pipeline import dispatch
from wagtail_live_lms.testing import assert_no_pushes, dispatch_event, make_request

pytestmark = pytest.mark.django_db


def send(user: Any, token: str, event: str = "add", name: str = "toy_notes", **payload: Any) -> Any:
    return dispatch(make_request(user), name, token, event, lambda model: payload)


class TestOrder:
    def test_the_component_is_found_first(self) -> None:
        with pytest.raises(NotFound) as caught:
            send(None, "nonsense", name="nothing")
        assert caught.value.code == "unknown_component"

    def test_then_the_parameters_are_verified(self, eve: Any) -> None:
        with pytest.raises(InvalidToken):
            send(eve, "nonsense")

    def test_then_the_person(self, eve: Any, room: Room) -> None:
        token = signing.sign("toy_notes", {"room_id": room.pk}, eve)
        with pytest.raises(PermissionDenied) as caught:
            send(eve, token, "nonsense")
        assert caught.value.code == "not_a_member"

    def test_then_the_event_and_its_payload(self, ada: Any, room: Room) -> None:
        token = signing.sign("toy_notes", {"room_id": room.pk}, ada)
        with pytest.raises(NotFound) as caught:
            send(ada, token, "nonsense")
        assert caught.value.code == "unknown_event"
        for _ in range(5):  # more often than the rate limit allows
            with pytest.raises(InvalidInput):
                send(ada, token, "clear", extra=1)

    def test_then_the_rate_limit(self, ada: Any, room: Room) -> None:
        note = add_note(room.pk, "stays")
        token = signing.sign("toy_notes", {"room_id": room.pk}, ada)
        send(ada, token, "clear")
        send(ada, token, "clear")
        with pytest.raises(RateLimitExceeded), assert_no_pushes():
            send(ada, token, "clear")
        assert not Note.objects.filter(pk=note.pk).exists()

    def test_then_the_handler_and_the_fresh_state(self, ada: Any, room: Room) -> None:
        token = signing.sign("toy_notes", {"room_id": room.pk}, ada)
        component = send(ada, token, text="Hi")
        assert component.state["count"] == 1
        assert component.notice == "Added."


@pytest.mark.parametrize(
    "event",
    ["mount", "__class__", "__init__", "load", "helper", "on_shout", "ws_message", "tick", ""],
)
def test_only_declared_events_can_be_called(event: str) -> None:
    with pytest.raises(NotFound):
        dispatch_event("toy_greeting", event)


def test_async_handlers_are_awaited() -> None:
    assert dispatch_event("toy_greeting", "shout", {"times": 2}).state["text"] == "HELLOHELLO"


def test_a_refusal_of_the_handler_is_passed_on() -> None:
    with pytest.raises(Conflict):
        dispatch_event("toy_greeting", "collide")


def test_an_expired_token_is_a_conflict(settings: Any, ada: Any, room: Room) -> None:
    token = signing.sign("toy_notes", {"room_id": room.pk}, ada)
    settings.WAGTAIL_LIVE_LMS = {"TOKEN_MAX_AGE": -1}
    with pytest.raises(TokenExpired):
        send(ada, token, text="x")


def test_parameters_are_validated_even_when_signed(ada: Any) -> None:
    with pytest.raises(InvalidInput):
        send(ada, signing.sign("toy_notes", {"room_id": -1}, ada))


def test_a_handler_that_fails_has_changed_nothing(ada: Any, room: Room) -> None:
    class Clumsy(Component):
        template_name = "toy/plain.html"
        permission_classes = (AllowAny,)

        def on_add(self, room_id: int) -> None:
            add_note(room_id, "half done")
            raise RuntimeError

    with assert_no_pushes(), pytest.raises(RuntimeError):
        dispatch_event(Clumsy, "add", {"room_id": room.pk})
    assert not Note.objects.exists()


class TestForm:
    def test_what_fits_is_handed_over(self, ada: Any) -> None:
        form = dispatch_event("toy_review", "submit", {"title": "Fine", "stars": "5"}, user=ada)
        assert form.state == {"saved": "Fine 5 "}

    def test_what_does_not_is_shown_with_what_was_typed(self, ada: Any) -> None:
        with pytest.raises(InvalidInput) as caught:
            dispatch_event("toy_review", "submit", {"title": "x", "stars": "9"}, user=ada)
        error = caught.value
        assert set(error.errors) == {"title", "stars"}
        assert error.component.values == {"title": "x", "stars": "9"}
        assert error.component.error is error
        html = error.component.html
        assert 'value="x"' in html
        assert "stars-error" in html
        assert "nothing" in html

    def test_its_other_events_are_as_everywhere(self, ada: Any) -> None:
        assert dispatch_event("toy_review", "reset", user=ada).state == {"saved": "reset"}
        with pytest.raises(InvalidInput) as caught:
            dispatch_event("toy_review", "reset", {"x": 1}, user=ada)
        assert caught.value.component is None


def test_the_toys_are_those_of_this_folder() -> None:
    assert isinstance(make_request().user, AnonymousUser)
    assert "toy_notes" in registry
