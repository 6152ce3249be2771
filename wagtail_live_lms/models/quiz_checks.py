"""What stands in the way of a quiz, found in the questions as an editor left them."""

import json
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any, Protocol

from django.core.exceptions import ValidationError
from django.core.serializers.json import DjangoJSONEncoder
from pydantic import ValidationError as Unreadable

from wagtail_live_lms.blocks import question_types
from wagtail_live_lms.grading import Finding, Question, lint_quiz, load_question

INVALID = "invalid"
"""The code of what a question's own form refuses; its words are in the finding's `message`."""

UNREADABLE = "unreadable"
"""The code of a question that the core of grading refuses, for a `reason` in English."""


class Checked(Protocol):
    """A quiz, as far as a check reads it."""

    questions: Any
    pass_mark: int
    time_limit: int | None
    opens_at: datetime | None
    closes_at: datetime | None


def check_quiz(quiz: Checked) -> list[Finding]:
    """Everything an editor should look at, the questions in their order, then the quiz's rules.

    Works on any draft: a question that is not complete is a finding, and is not looked into.
    """
    stored = quiz.questions.get_prep_value()
    invalid = [finding for child in quiz.questions for finding in _invalid(child)]
    known = {finding.question_id for finding in invalid}
    questions: list[Question] = []
    for item in stored:
        if item["id"] not in known:
            invalid += _read(item, questions)
    found = [*invalid, *_lint(quiz, questions, is_complete=not invalid)]
    place = {item["id"]: number for number, item in enumerate(stored)}
    return sorted(found, key=lambda finding: place.get(finding.question_id, len(place)))


def readable_questions(quiz: Checked) -> tuple[Question, ...]:
    """The questions that can be graded, of a draft that may hold others."""
    questions: list[Question] = []
    for item in quiz.questions.get_prep_value():
        list(_read(item, questions))
    return tuple(questions)


def load_stored(item: dict[str, Any]) -> Question:
    """A question of a StreamField, of any registered type."""
    value = json.loads(json.dumps(item["value"], cls=DjangoJSONEncoder))
    return load_question(item["type"], item["id"], value, custom=question_types)


def _read(item: dict[str, Any], questions: list[Question]) -> Iterator[Finding]:
    """Append the question, or say why it cannot be graded although its form accepts it."""
    try:
        questions.append(load_stored(item))
    except ValueError as error:
        reason = error.errors()[0]["msg"] if isinstance(error, Unreadable) else str(error)
        yield Finding(UNREADABLE, item["id"], True, "", {"reason": reason})


def _lint(quiz: Checked, questions: list[Question], *, is_complete: bool) -> Iterator[Finding]:
    seconds = (quiz.time_limit or 0) * 60
    for finding in lint_quiz(questions, quiz.pass_mark, seconds, quiz.opens_at, quiz.closes_at):
        # What the sum of all questions gives is unknown while one of them is.
        if is_complete or finding.question_id or finding.field == "closes":
            yield finding


def _invalid(child: Any) -> Iterator[Finding]:
    try:
        child.block.clean(child.value)
    except ValidationError as error:
        for path, message in _messages(error):
            yield Finding(INVALID, child.id, True, path, {"message": message})


def _messages(error: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """The leaves of a block's errors, each with its path."""
    below: dict[Any, Any] = getattr(error, "block_errors", {})
    own: Iterable[Any] = getattr(error, "non_block_errors", None) or ()
    for name, inner in below.items():
        yield from _messages(inner, f"{path}.{name}" if path else str(name))
    if hasattr(error, "block_errors"):
        yield from ((path, message) for item in own for message in ValidationError(item).messages)
    else:
        yield from ((path, message) for message in error.messages)
