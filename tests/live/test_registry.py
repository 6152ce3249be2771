"""Registration: what is refused, and what is found."""

from __future__ import annotations

from typing import Any, ClassVar

import pytest

from tests.live.toys import Board, Greeting
from wagtail_live_lms.live import AllowAny, Component, ComponentError, NotFound
from wagtail_live_lms.live.registry import Registry


@pytest.fixture
def names() -> Registry:
    return Registry()


def test_a_name_leads_to_its_class(names: Registry) -> None:
    class Clock(Component):
        template_name = "toy/plain.html"
        permission_classes = (AllowAny,)

    assert names.register("clock")(Clock) is Clock
    assert names.get("clock") is Clock
    assert Clock.name == "clock"
    assert "clock" in names
    assert list(names) == ["clock"]


def test_an_unknown_name_is_not_found(names: Registry) -> None:
    with pytest.raises(NotFound) as caught:
        names.get("__class__")
    assert caught.value.code == "unknown_component"


def test_a_name_is_given_once(names: Registry) -> None:
    class Clock(Component):
        template_name = "toy/plain.html"
        permission_classes = (AllowAny,)

    names.register("clock")(Clock)
    with pytest.raises(ComponentError, match="already a component named 'clock'"):
        names.register("clock")(Clock)
    names.unregister("clock")
    names.unregister("clock")
    names.register("clock")(Clock)


@pytest.mark.parametrize("classes", [None, ()])
def test_a_class_without_permissions_is_refused(names: Registry, classes: Any) -> None:
    class Open(Component):
        template_name = "toy/plain.html"

    if classes is not None:
        Open.permission_classes = classes
    with pytest.raises(ComponentError, match="no permission_classes"):
        names.register("open")(Open)
    assert "open" not in names


def test_a_class_without_a_template_is_refused(names: Registry) -> None:
    class Bare(Component):
        permission_classes = (AllowAny,)

    with pytest.raises(ComponentError, match="no template_name"):
        names.register("bare")(Bare)


def test_query_parameters_must_be_parameters(names: Registry) -> None:
    class Search(Component):
        template_name = "toy/plain.html"
        permission_classes = (AllowAny,)
        query_params: ClassVar[tuple[str, ...]] = ("q",)

    with pytest.raises(ComponentError, match=r"mount\(\) takes no \['q'\]"):
        names.register("search")(Search)


def test_slots_of_a_class_come_first(names: Registry) -> None:
    names.extend("toy_board", "extra", "toy_mine")
    assert list(names.slots_of(Board)) == ["left", "right", "extra"]
    assert Greeting.name == "toy_greeting"
