"""Simulated students take quizzes: they know a part of the answers."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

from django.utils import timezone

from wagtail_live_lms.actions import Given, milliseconds, start_attempt, submit_attempt
from wagtail_live_lms.grading import Question
from wagtail_live_lms.models import Quiz, Submission, paper_of

ESSAYS = (
    "I would look at the error first and only catch what I can really handle.",
    "Hiding every mistake makes it hard to find out what went wrong later on.",
)


def take_quiz(rng: random.Random, user: Any, quiz: Quiz, *, skill: float) -> Submission:
    """Begin an attempt and hand it in; `skill` is the chance, 0 to 1, to know an answer.

    Raises what beginning an attempt raises.
    """
    submission = start_attempt(user, quiz)
    now = milliseconds(timezone.now())
    responses = dict(_answer(rng, paper_of(submission.version).answerable.values(), skill))
    return submit_attempt(submission, {key: Given(value, now) for key, value in responses.items()})


def _answer(rng: random.Random, questions: Any, skill: float) -> Iterator[tuple[str, Any]]:
    for question in questions:
        right = question.correct_response()
        if right is None:
            yield question.id, rng.choice(ESSAYS)
        elif rng.random() < skill:
            yield question.id, right
        else:
            yield question.id, _guess(rng, question, right)


def _guess(rng: random.Random, question: Question, right: Any) -> Any:
    """Something a student might answer instead; by chance it may be right."""
    options = [option.id for option in question.order(str(rng.random()))]
    if isinstance(right, list):
        return rng.sample(options, len(options) if question.kind == "ordering" else 1)
    if isinstance(right, dict):
        return {key: rng.choice(options) for key in right}
    return rng.choice(options) if options else None
