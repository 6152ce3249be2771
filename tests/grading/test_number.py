"""Numbers: what is read, what is close enough."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from pydantic import ValidationError
from pydantic_core import PydanticCustomError

from wagtail_live_lms.grading.number import parse_number

from .questions import codes, listed, question, refusal_of, validate
from .vectors import NUMBER_REFUSALS, NUMBERS


@pytest.mark.parametrize(("value", "absolute", "relative", "typed", "is_right"), NUMBERS)
def test_worked_examples(
    value: str, absolute: str, relative: str, typed: str, is_right: bool
) -> None:
    answers = listed({"value": value, "absolute": absolute, "relative": relative})
    asked = question("number", answers=answers)
    assert validate(asked, typed) == typed
    assert asked.grade(typed).fraction == int(is_right)


@pytest.mark.parametrize(("typed", "decimal_comma", "code"), NUMBER_REFUSALS)
def test_what_is_no_number_is_refused_with_a_code(
    typed: str, decimal_comma: bool, code: str
) -> None:
    asked = question("number", answers=listed({"value": 1}), decimal_comma=decimal_comma)
    assert refusal_of(asked, typed) == code
    assert asked.grade(typed).outcome == "incorrect"
    with pytest.raises(PydanticCustomError):
        parse_number(typed, decimal_comma=decimal_comma)


def test_a_decimal_comma_where_the_author_wants_one() -> None:
    asked = question("number", answers=listed({"value": "3.14"}), decimal_comma=True)
    assert asked.grade("3,14").outcome == "correct"
    assert asked.correct_response() == "3,14"
    assert asked.key_text() == ("3,14",)


def test_zero_is_zero_whatever_its_exponent() -> None:
    assert parse_number("0e999999") == 0


def test_blank_is_no_format_error() -> None:
    assert validate(question("number", answers=[]), " ") is None


def test_the_first_answer_that_is_close_enough_decides() -> None:
    answers = listed(
        {"value": 10},
        {"value": 10, "absolute": 1, "credit": 50, "feedback": "Count again."},
    )
    asked = question("number", answers=answers, unit="m")
    assert asked.grade("10").outcome == "correct"
    assert asked.grade("10.5")[:2] == ("partial", Fraction(1, 2))
    assert asked.grade("10.5").feedback == ("Count again.",)
    assert [asked.responses_chosen(text) for text in ("10", "9", "0", "")] == [
        ["a"],
        ["b"],
        ["other"],
        [],
    ]
    assert asked.key_text() == ("10 m",)


def test_the_key_in_words() -> None:
    answers = listed({"value": "9.81", "absolute": "0.01", "relative": 1})
    asked = question("number", answers=answers, unit="m/s")
    assert asked.key_text() == ("9.81 \u00b1 0.01 / \u00b1 1 % m/s",)


@pytest.mark.parametrize(
    ("answers", "found"),
    [
        ([], {"no_correct_answer": True}),
        ([{"value": 1, "credit": 50}], {"no_correct_answer": True}),
        ([{"value": 1, "credit": 0}], {"no_correct_answer": True}),
        ([{"value": 42}], {}),
        ([{"value": "3.14"}], {"tolerance_too_tight": False}),
        ([{"value": "3.14", "absolute": "0.004"}], {"tolerance_too_tight": False}),
        ([{"value": "3.14", "absolute": "0.005"}], {}),
        ([{"value": "3.14", "relative": 1}], {}),
        ([{"value": "1E+3"}], {}),
        ([{"value": 0, "relative": 5}], {"relative_to_zero": False}),
        ([{"value": 0, "relative": 5, "absolute": 1}], {}),
        ([{"value": 5, "absolute": 1}, {"value": 5}], {"shadowed_answer": False}),
        ([{"value": 5}, {"value": 5, "absolute": 1, "credit": 50}], {}),
        ([{"value": 5, "absolute": 1, "credit": 50}, {"value": 6, "absolute": 3}], None),
    ],
)
def test_what_lint_finds(answers: list[dict[str, Any]], found: dict[str, bool] | None) -> None:
    expected = {"no_correct_answer": True} if found is None else found
    assert codes(question("number", answers=listed(*answers))) == expected


@pytest.mark.parametrize("value", ["nan", "Infinity", "1e401", "1" * 65])
def test_a_key_must_be_a_number_that_can_be_typed(value: str) -> None:
    with pytest.raises(ValidationError):
        question("number", answers=listed({"value": value}))
