"""Questions of a site's own kind."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from wagtail_live_lms.grading import Question, load_question

from .questions import codes, refusal_of, validate


class Returns:
    """A definition that grades everything alike."""

    def __init__(self, grade: Any) -> None:
        self.given = grade

    def grade(self, data: Mapping[str, Any], response: Any) -> Any:
        if isinstance(self.given, Exception):
            raise self.given
        return self.given


class Chemistry:
    """A definition with everything that is optional."""

    response_type = list[int]

    def grade(self, data: Mapping[str, Any], response: Any) -> Any:
        return response == data["atoms"]

    def lint(self, data: Mapping[str, Any]) -> list[str]:
        return [] if data["atoms"] else ["No atoms."]

    def key_text(self, data: Mapping[str, Any]) -> str:
        return "-".join(map(str, data["atoms"]))


def custom(definition: Any, **value: Any) -> Question:
    return load_question("own", "q", {"text": "Well?", **value}, custom={"own": definition})


@pytest.mark.parametrize(
    ("grade", "outcome", "points"),
    [
        (True, "correct", "2.00"),
        (False, "incorrect", "0.00"),
        (0.35, "partial", "0.70"),
        (Decimal("0.5"), "partial", "1.00"),
        (Fraction(1, 3), "partial", "0.67"),
        (1, "correct", "2.00"),
        (7, "correct", "2.00"),
        (-0.5, "incorrect", "0.00"),
        (1e300, "correct", "2.00"),
    ],
)
def test_its_definition_says_how_right_a_response_is(grade: Any, outcome: str, points: str) -> None:
    result = custom(Returns(grade), points=2).grade("anything")
    assert (result.outcome, result.points) == (outcome, Decimal(points))


@pytest.mark.parametrize(
    "grade", [ZeroDivisionError("oops"), float("nan"), float("inf"), Decimal("nan"), None, "much"]
)
def test_what_goes_wrong_waits_for_a_person(grade: Any, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR, "wagtail_live_lms.grading"):
        assert custom(Returns(grade)).grade("x").outcome == "pending"
    assert "question q of kind own" in caplog.text


def test_blank_and_void_need_no_definition() -> None:
    failing = Returns(ZeroDivisionError("oops"))
    assert custom(failing).grade(" ").outcome == "incorrect"
    assert custom(failing, void=True).grade("x").outcome == "correct"


def test_the_rest_of_the_value_is_its_data() -> None:
    asked = custom(Chemistry(), atoms=[1, 2], points="3", explanation="So.")
    assert asked.model_dump() == {
        "kind": "own",
        "id": "q",
        "text": "Well?",
        "points": 3,
        "explanation": "So.",
        "void": False,
        "data": {"atoms": [1, 2]},
    }
    assert asked.kind == "own"
    assert asked.grade([1, 2]).outcome == "correct"


def test_a_response_is_a_text_unless_the_definition_says_otherwise() -> None:
    assert validate(custom(Chemistry(), atoms=[]), ["1", 2]) == [1, 2]
    assert validate(custom(Returns(1)), "x") == "x"
    assert refusal_of(custom(Returns(1)), "x" * 10_001) == "string_too_long"


def test_it_may_name_its_key_and_its_problems() -> None:
    assert custom(Chemistry(), atoms=[1, 2]).key_text() == ("1-2",)
    assert codes(custom(Chemistry(), atoms=[1])) == {}
    (problem,) = custom(Chemistry(), atoms=[]).lint()
    assert (problem.code, problem.is_error) == ("custom", False)
    assert problem.params == {"message": "No atoms."}
    assert custom(Returns(1)).key_text() == ()
    assert custom(Returns(1)).lint() == []
