"""What is wrong with a quiz as a whole."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction

from .base import Question
from .custom import CustomQuestion
from .findings import Finding
from .quiz import maximum_points
from .texts import LongAnswer


def lint_quiz(
    questions: Sequence[Question],
    pass_mark: Decimal | int | None = None,
    time_limit_seconds: int | None = None,
    opens: datetime | None = None,
    closes: datetime | None = None,
) -> list[Finding]:
    """The findings of every question, then those of the quiz, whose question id is empty.

    The pass mark is a percentage of the maximum points.
    """
    found = [finding for question in questions for finding in question.lint()]
    found += _lint_points(questions, pass_mark or 0)
    found += _lint_times(time_limit_seconds or 0, opens, closes)
    return found


def _reachable_percentage(questions: Sequence[Question]) -> Fraction:
    """The best score that keys and graders allow, in percent of a maximum that is not 0."""
    reachable = sum(_best(question) * Fraction(question.points) for question in questions)
    return 100 * reachable / Fraction(maximum_points(questions))


def _best(question: Question) -> Fraction:
    if isinstance(question, LongAnswer | CustomQuestion):
        return Fraction(1)
    return question.grade(question.correct_response()).fraction


def _lint_points(questions: Sequence[Question], pass_mark: Decimal | int) -> Iterator[Finding]:
    if not any(question.takes_response for question in questions):
        yield _error("no_questions", "questions")
        return
    reachable = _reachable_percentage(questions)
    if Fraction(pass_mark) > reachable:
        yield _error("pass_mark_unreachable", "pass_mark", reachable=float(reachable))


def _lint_times(limit: int, opens: datetime | None, closes: datetime | None) -> Iterator[Finding]:
    if opens is None or closes is None:
        return
    window = closes - opens
    if window <= timedelta(0):
        yield _error("closes_before_opening", "closes")
    elif window < timedelta(seconds=limit):
        yield _error("window_shorter_than_limit", "closes", seconds=int(window.total_seconds()))


def _error(code: str, field: str, **params: object) -> Finding:
    return Finding(code, "", True, field, params)
