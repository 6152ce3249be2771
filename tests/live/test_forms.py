"""Forms that differ from one person to the next, and events that answer with a few facts."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Annotated, Any, ClassVar

import pytest
from django.http import QueryDict
from django.test import Client
from django.urls import reverse
from pydantic import BaseModel, BeforeValidator, ConfigDict, create_model

from tests.toy.models import Note, Room
from wagtail_live_lms.live import (
    FormComponent,
    InvalidInput,
    IsAuthenticated,
    RateLimitExceeded,
    registry,
    signing,
)
from wagtail_live_lms.live.signatures import from_form
from wagtail_live_lms.testing import dispatch_event

pytestmark = pytest.mark.django_db

Ordered = Annotated[list[str], BeforeValidator(lambda sent: sorted(sent, key=sent.get))]


class Ballot(BaseModel):
    model_config = ConfigDict(extra="forbid")

    stand: str = ""


class Poll(FormComponent):
    """Asks what the stand offers; a refused vote is noted before the limit stops it."""

    template_name = "toy/form.html"
    permission_classes = (IsAuthenticated,)
    schema = Ballot
    form_events = ("submit", "keep")
    offers: ClassVar[dict[str, Any]] = {"fruit": {"apple": (int, ...)}, "": {}}

    def mount(self) -> None:
        self.state = {"saved": "nothing"}

    def get_schema(self, event: str, payload: Mapping[str, Any]) -> type[BaseModel]:
        if not payload.get("stand"):
            return super().get_schema(event, payload)
        return create_model("Offer", __base__=Ballot, **self.offers[payload["stand"]])

    def check_rate_limit(self, event: str) -> None:
        super().check_rate_limit(event)
        if event == "submit" and self.validated_data.stand == "":
            Note.objects.create(room=Room.objects.create(name="Hall"), text="refused")
            refusal = RateLimitExceeded(9)
            refusal.component = self  # type: ignore[attr-defined]
            raise refusal

    def refuse_form(self, error: InvalidInput) -> None:
        error.errors = {field: ["Not so."] for field in error.errors}
        super().refuse_form(error)

    def on_submit(self) -> None:
        self.state = {"saved": f"{self.validated_data.apple} apples"}

    def on_keep(self) -> None:
        self.state = {"saved": "kept"}

    def on_count(self, number: int) -> None:
        self.reply = {"number": number}


@pytest.fixture(autouse=True)
def poll() -> Any:
    registry.register("toy_poll")(Poll)
    yield
    registry.unregister("toy_poll")


def post(user: Any, event: str, payload: Mapping[str, Any], **headers: str) -> Any:
    client = Client()
    client.force_login(user)
    url = reverse("wagtail_live_lms:component", args=["toy_poll"])
    body = {"params": signing.sign("toy_poll", {}, user), "event": event, **payload}
    return client.post(url, body, headers=headers)


class TestTheFormOfAnInstance:
    def test_it_is_what_validates(self, ada: Any) -> None:
        sent = {"stand": "fruit", "apple": "3"}
        assert dispatch_event(Poll, "submit", sent, user=ada).state == {"saved": "3 apples"}

    def test_what_does_not_fit_is_worded_by_the_component(self, ada: Any) -> None:
        with pytest.raises(InvalidInput) as caught:
            dispatch_event(Poll, "submit", {"stand": "fruit", "apple": "x"}, user=ada)
        assert caught.value.component.errors == {"apple": ["Not so."]}
        assert caught.value.component.values == {"stand": "fruit", "apple": "x"}

    def test_other_events_may_send_it_too(self, ada: Any) -> None:
        assert dispatch_event(Poll, "keep", {"stand": ""}, user=ada).state == {"saved": "kept"}


class TestALimitOfItsOwn:
    def test_what_was_written_before_the_refusal_stays(self, ada: Any) -> None:
        with pytest.raises(RateLimitExceeded):
            dispatch_event(Poll, "submit", {}, user=ada)
        assert Note.objects.get().text == "refused"

    def test_the_component_itself_tells_of_it(self, ada: Any) -> None:
        response = post(ada, "submit", {}, **{"HX-Request": "true"})
        assert (response.status_code, response.headers["Retry-After"]) == (429, "9")
        assert 'data-live-component="toy_poll"' in response.content.decode()


class TestAReply:
    def test_programs_get_it_and_nothing_is_loaded(self, ada: Any) -> None:
        assert not dispatch_event(Poll, "count", {"number": 5}, user=ada).is_loaded
        response = post(ada, "count", {"number": "5"}, Accept="application/json")
        assert json.loads(response.content) == {"number": 5}

    def test_a_page_gets_the_component(self, ada: Any) -> None:
        response = post(ada, "count", {"number": "5"}, **{"HX-Request": "true"})
        assert "nothing" in response.content.decode()
        assert post(ada, "count", {"number": "5"}).status_code == 302


class TestFieldsWithKeys:
    class Model(BaseModel):
        order: Ordered = []
        counts: dict[str, int] = {}
        word: str = ""

    def read(self, text: str) -> dict[str, Any]:
        return from_form(self.Model, QueryDict(text))

    def test_they_become_a_mapping(self) -> None:
        payload = self.read("order.a=2&order.b=1&counts.x=3&counts.x.y=4&word=w")
        assert payload == {
            "order": {"a": "2", "b": "1"},
            "counts": {"x": "3", "x.y": "4"},
            "word": "w",
        }
        assert self.Model.model_validate(payload).order == ["b", "a"]

    def test_a_mapping_wins_over_a_plain_value_of_the_same_name(self) -> None:
        assert self.read("counts=1&counts.x=2") == {"counts": {"x": "2"}}

    def test_a_name_that_the_model_lacks_stays_as_it_is(self) -> None:
        assert self.read("other.x=1") == {"other.x": "1"}
