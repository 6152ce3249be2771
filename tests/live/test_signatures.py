"""From a handler's signature to what it may be called with."""

from __future__ import annotations

from contextlib import suppress
from typing import Annotated, Any

import pytest
from django.http import QueryDict
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, Field

from wagtail_live_lms.live.exceptions import ComponentError, InvalidInput
from wagtail_live_lms.live.signatures import (
    Arguments,
    arguments,
    arguments_model,
    from_form,
    reject_unstorable_text,
    validate,
)

Small = Annotated[int, Field(ge=0, le=9)]


class Handlers:
    def plain(self, number: Small, words: str = "none") -> None: ...

    def lists(
        self, one: list[int], two: set[str] | None = None, three: tuple[int, ...] | None = None
    ) -> None: ...

    def nothing(self) -> None: ...

    def untyped(self, number) -> None: ...  # type: ignore[no-untyped-def]

    def positional(self, *numbers: int) -> None: ...

    def anything(self, **values: Any) -> None: ...


def test_arguments_are_converted_and_defaults_filled_in() -> None:
    model = arguments_model(Handlers.plain)
    assert arguments(model, {"number": "7"}) == {"number": 7, "words": "none"}


@pytest.mark.parametrize(
    ("payload", "field"),
    [
        ({}, "number"),
        ({"number": 10}, "number"),
        ({"number": "x"}, "number"),
        ({"number": 1, "words": 5}, "words"),
        ({"number": 1, "more": 1}, "more"),
        ({"number": 1, "__class__": "x"}, "__class__"),
        ({"number": 1, "self": 1}, "self"),
        ({"number": "9" * 5000}, "number"),
        ({"number": float("nan")}, "number"),
    ],
)
def test_what_does_not_fit_is_refused_by_field(payload: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        arguments(arguments_model(Handlers.plain), payload)
    assert list(caught.value.errors) == [field]
    assert all(caught.value.errors[field])


def test_an_error_of_the_whole_has_no_field() -> None:
    class Pair(BaseModel):
        low: int = 0

        def model_post_init(self, context: Any) -> None:
            raise ValueError("Never good.")

    with pytest.raises(InvalidInput) as caught:
        validate(Pair, {})
    assert caught.value.errors == {"": ["Value error, Never good."]}


@pytest.mark.parametrize("name", ["untyped", "positional", "anything"])
def test_every_parameter_needs_a_name_and_a_type(name: str) -> None:
    with pytest.raises(ComponentError, match=f"Handlers.{name}"):
        arguments_model(getattr(Handlers, name))


def test_a_handler_may_take_nothing() -> None:
    assert arguments(arguments_model(Handlers.nothing), {}) == {}
    with pytest.raises(InvalidInput):
        arguments(Arguments, {"x": 1})


def test_a_form_gives_lists_only_where_they_are_wanted() -> None:
    form = QueryDict("one=1&one=2&two=a&three=3&other=x&other=y")
    assert from_form(arguments_model(Handlers.lists), form) == {
        "one": ["1", "2"],
        "two": ["a"],
        "three": ["3"],
        "other": "y",
    }


@pytest.mark.parametrize(
    "value",
    ["\x00", "\ud800", ["\x00"], {"a": ["x", {"b": "\udfff"}]}, {"\x00": 1}],
)
def test_text_that_no_database_stores_is_refused(value: Any) -> None:
    with pytest.raises(InvalidInput):
        reject_unstorable_text(value)


def test_it_is_found_however_deep_it_is() -> None:
    value: Any = "\x00"
    for _ in range(5000):
        value = [{"a": value}]
    with pytest.raises(InvalidInput):
        reject_unstorable_text(value)


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)


@settings(deadline=None, max_examples=60)
@given(st.dictionaries(st.text(), _json, max_size=4))
def test_whatever_is_sent_there_is_a_clear_answer(payload: dict[str, Any]) -> None:
    model = arguments_model(Handlers.plain)
    with suppress(InvalidInput):
        assert 0 <= arguments(model, payload)["number"] <= 9
