"""Short ways to write questions in tests."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import TypeAdapter, ValidationError

from wagtail_live_lms.grading import Question, load_question


def question(kind: str, **value: Any) -> Any:
    """A question with id `q` of that kind."""
    return load_question(kind, "q", {"text": "<p>Well?</p>", **value})


def listed(*values: Mapping[str, Any]) -> list[dict[str, Any]]:
    """List entries with the ids a, b, c ..."""
    return [{"id": chr(ord("a") + index), **value} for index, value in enumerate(values)]


def choices(letters: str, right: str, **more: Any) -> list[dict[str, Any]]:
    """One choice per letter, which is its id and text."""
    return [{"id": one, "text": one, "correct": one in right, **more} for one in letters]


def validate(question: Question, response: Any, *, final: bool = False) -> Any:
    """The stored response, or ValidationError."""
    wanted = question.final_type() if final else question.response_type()
    return TypeAdapter(wanted).validate_python(response)


def refusal_of(question: Question, response: Any, *, final: bool = False) -> str:
    """The code under which a response is refused; empty when it is not."""
    try:
        validate(question, response, final=final)
    except ValidationError as error:
        return str(error.errors()[0]["type"])
    return ""


def codes(question: Question) -> dict[str, bool]:
    """The codes that lint finds, each with whether it is an error."""
    return {finding.code: finding.is_error for finding in question.lint()}
