"""The component classes and their template tags."""

from __future__ import annotations

import datetime
from typing import Any, ClassVar

import pytest
from django.template import Context, Template
from django.test import Client

from tests.live.toys import CachedCount, Greeting, Notes, Review, add_note
from tests.toy.models import Note, Room
from wagtail_live_lms.live import (
    RESNAPSHOT,
    AllowAny,
    Component,
    ComponentError,
    CompositeComponent,
    FormComponent,
    InvalidInput,
    Message,
    NotAuthenticated,
    NotFound,
    PermissionDenied,
    registry,
    signing,
)
from wagtail_live_lms.live.pipeline import build, load
from wagtail_live_lms.testing import dispatch_event, make_request, mount

pytestmark = pytest.mark.django_db


class TestDeclaration:
    def test_only_handlers_are_events(self) -> None:
        assert set(Greeting.events) == {"shout", "collide", "reload", "break"}
        assert set(Notes.events) == {"add", "edit", "clear"}
        assert set(Review.events) == {"submit", "reset"}

    def test_parameters_and_payloads_are_typed(self) -> None:
        assert set(Notes.params_model.model_fields) == {"room_id", "order", "first"}
        assert Review.events["submit"] is Review.schema

    def test_a_component_may_leave_everything_to_the_defaults(self, ada: Any) -> None:
        class Bare(Component):
            template_name = "toy/plain.html"
            permission_classes = (AllowAny,)

        bare = mount(Bare, user=ada)
        message = Message("lounge-1", 1, "note", 1)
        assert bare.state == {}
        assert bare.on_ws_message(message) is RESNAPSHOT
        assert (*bare.topics(), *bare.window(), *bare.on_tick(lambda key, make: make())) == ()
        assert bare.elsewhere(3) is None
        assert Bare.load_changes("lounge-1", "note", [1]) == {}
        assert repr(RESNAPSHOT) == "RESNAPSHOT"
        assert "once" not in repr(message)

    def test_a_form_without_a_schema_takes_nothing(self) -> None:
        class Empty(FormComponent):
            template_name = "toy/plain.html"
            permission_classes = (AllowAny,)

        with pytest.raises(InvalidInput):
            dispatch_event(Empty, "submit", {"x": 1})
        with pytest.raises(NotImplementedError):
            dispatch_event(Empty, "submit")


class TestState:
    def test_it_is_loaded_when_first_asked_for(self, ada: Any, room: Room) -> None:
        notes = Notes(make_request(ada), {"room_id": room.pk})
        assert not notes.is_loaded
        assert notes.state["count"] == 0
        assert notes.is_loaded

    def test_after_a_failure_it_is_not_taken_for_loaded(self, eve: Any, room: Room) -> None:
        card = registry.get("toy_room")(make_request(eve), {"object_id": room.pk})
        for _ in range(2):
            with pytest.raises(NotFound):
                card.state  # noqa: B018
            assert not card.is_loaded

    def test_an_async_mount_is_awaited(self) -> None:
        assert mount("toy_greeting").state == {"text": "Hello"}


class TestIdentity:
    def test_the_element_keeps_its_id_whatever_the_url_says(self, ada: Any, room: Room) -> None:
        request = make_request(ada)
        plain = build(request, "toy_notes", {"room_id": room.pk})
        turned = build(request, "toy_notes", {"room_id": room.pk}, query={"order": "desc"})
        other = build(request, "toy_greeting", {"room_id": room.pk})
        assert plain.element_id == turned.element_id != other.element_id
        assert plain.key != turned.key
        assert "_" not in plain.element_id

    def test_parameters_of_any_type_can_be_signed(self, ada: Any) -> None:
        greeting = mount("toy_greeting", user=ada, day=datetime.date(2026, 2, 3))
        claim = signing.verify(greeting.token, ada, component="toy_greeting")
        again = build(make_request(ada), claim.component, claim.params)
        assert again.params["day"] == datetime.date(2026, 2, 3)
        assert again.key == greeting.key


class TestModelComponent:
    def test_the_instance_comes_through_the_gate(self, ada: Any, eve: Any, room: Room) -> None:
        assert "Library" in mount("toy_room", user=ada, object_id=room.pk).html
        with pytest.raises(NotFound):
            mount("toy_room", user=eve, object_id=room.pk)

    def test_it_is_fetched_once(self, ada: Any, room: Room, django_assert_num_queries: Any) -> None:
        card: Any = registry.get("toy_room")(make_request(ada), {"object_id": room.pk})
        with django_assert_num_queries(1):
            assert card.object is card.object

    def test_an_event_acts_on_it(self, ada: Any, room: Room) -> None:
        card = dispatch_event("toy_room", "rename", {"name": "Hall"}, user=ada, object_id=room.pk)
        room.refresh_from_db()
        assert room.name == "Hall"
        assert "Hall" in card.html


class TestCompositeComponent:
    def test_children_stand_in_their_slots(self, ada: Any, room: Room) -> None:
        add_note(room.pk, "Hi")
        html = mount("toy_board", user=ada, room_id=room.pk).html
        assert html.count('data-live-component="toy_greeting"') == 2
        assert html.count('data-live-component="toy_notes"') == 1
        assert '<div class="nowhere"></div>' in html

    def test_a_child_keeps_its_own_permissions(self, eve: Any, room: Room) -> None:
        html = mount("toy_board", user=eve, room_id=room.pk).html
        assert "toy_greeting" in html
        assert "toy_notes" not in html

    def test_another_package_adds_a_child(
        self, ada: Any, room: Room, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(registry, "_slots", {})
        registry.extend("toy_board", "guest", "toy_mine")
        assert "Yours, ada" in mount("toy_board", user=ada, room_id=room.pk).html
        registry.extend("toy_board", "guest", "toy_mine")
        with pytest.raises(ComponentError, match="already has 'toy_mine' in slot 'guest'"):
            registry.extend("toy_board", "guest", "toy_notes")

    def test_a_child_gets_only_the_parameters_it_takes(
        self, ada: Any, room: Room, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        class Pair(CompositeComponent):
            template_name = "toy/board.html"
            permission_classes = (AllowAny,)
            components: ClassVar[Any] = {"left": "toy_review"}

            def mount(self, room_id: int) -> None: ...

        assert "toy_review" in mount(Pair, user=ada, room_id=room.pk).html


class TestCache:
    def test_state_is_kept_while_nothing_changes_and_never_longer(
        self, ada: Any, room: Room
    ) -> None:
        def shown() -> tuple[int, int]:
            return mount("toy_cached", user=ada, room_id=room.pk).state["text"], CachedCount.loads

        CachedCount.loads = 0
        assert [shown(), shown()] == [(0, 1), (0, 1)]
        add_note(room.pk, "Hi")
        assert [shown(), shown()] == [(1, 2), (1, 2)]

    def test_it_is_not_shared_between_people(self, ada: Any, eve: Any, room: Room) -> None:
        room.members.add(eve)
        CachedCount.loads = 0
        for user in (ada, eve, ada):
            mount("toy_cached", user=user, room_id=room.pk)
        assert CachedCount.loads == 2

    def test_a_cached_state_gives_no_access(self, ada: Any, room: Room) -> None:
        mount("toy_cached", user=ada, room_id=room.pk)
        room.members.clear()
        with pytest.raises(PermissionDenied):
            mount("toy_cached", user=ada, room_id=room.pk)

    def test_what_an_event_loaded_is_not_loaded_again(self, ada: Any, room: Room) -> None:
        component = build(make_request(ada), "toy_cached", {"room_id": room.pk})
        CachedCount.loads = 0
        component.load()
        load(component)
        assert CachedCount.loads == 1


class TestTemplateTag:
    @pytest.fixture
    def ada_client(self, client: Client, ada: Any) -> Client:
        client.force_login(ada)
        return client

    def test_a_page_shows_the_component(self, ada_client: Client, room: Room) -> None:
        html = ada_client.get(f"/toy/toy_notes/{room.pk}/").content.decode()
        assert 'data-live-component="toy_notes"' in html
        assert "csrfmiddlewaretoken" in html

    def test_the_url_sets_only_what_the_class_allows(self, ada_client: Client, room: Room) -> None:
        Note.objects.bulk_create(Note(room=room, text=text) for text in ("first", "second"))
        other = Room.objects.create(name="Other")
        url = f"/toy/toy_notes/{room.pk}/?order=desc&room_id={other.pk}"
        html = ada_client.get(url).content.decode()
        assert 0 < html.index("second ") < html.index("first ")

    def test_a_url_that_does_not_fit_fails_no_page(self, ada_client: Client, room: Room) -> None:
        for query in ("order=up", "first=0", "first=%00", "order=%00&first=x"):
            response = ada_client.get(f"/toy/toy_notes/{room.pk}/?{query}")
            assert 'data-live-component="toy_notes"' in response.content.decode()

    def test_a_stranger_sees_the_alternative(self, client: Client, eve: Any, room: Room) -> None:
        client.force_login(eve)
        html = client.get(f"/toy/toy_notes/{room.pk}/").content.decode()
        assert 'data-live-component="toy_greeting"' in html

    def test_nobody_is_led_to_the_login(self, client: Client, room: Room) -> None:
        html = client.get(f"/toy/toy_notes/{room.pk}/").content.decode()
        assert "/live-lms/login/?next=/toy/toy_notes/" in html

    def test_wrong_parameters_are_said_so(self, ada_client: Client) -> None:
        html = ada_client.get("/toy/toy_review/5/").content.decode()
        assert "live-lms-refusal" in html

    def test_without_a_request_nothing_is_shown(self) -> None:
        source = "{% load live_lms %}{% live_component 'toy_greeting' %}"
        assert Template(source).render(Context()) == ""


def test_permissions_know_inactive_accounts(ada: Any) -> None:
    ada.is_active = False
    with pytest.raises(NotAuthenticated):
        mount("toy_mine", user=ada)
