"""All the questions of a quiz together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import NamedTuple

from .base import Question, Result


class Graded(NamedTuple):
    """The results by question id, and their sums; pending ones count 0 until a person decides."""

    results: dict[str, Result]
    score: Decimal
    maximum: Decimal
    pending: bool


def grade_all(questions: Iterable[Question], responses: Mapping[str, object]) -> Graded:
    """Grade every question that takes a response, answered or not."""
    graded = [question for question in questions if question.takes_response]
    results = {question.id: question.grade(responses.get(question.id)) for question in graded}
    return Graded(
        results=results,
        score=sum((result.points for result in results.values()), Decimal("0.00")),
        maximum=maximum_points(graded),
        pending=any(result.outcome == "pending" for result in results.values()),
    )


def maximum_points(questions: Iterable[Question]) -> Decimal:
    """What a flawless attempt is worth."""
    return sum((question.points for question in questions), Decimal("0.00"))
