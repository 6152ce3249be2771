"""Many at once at one quiz: one attempt, one result, and no acknowledged answer lost."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from tests import factories
from wagtail_live_lms import actions
from wagtail_live_lms.actions import Given
from wagtail_live_lms.exceptions import AttemptEnded, TimeIsUp
from wagtail_live_lms.models import Answer, Progress, Quiz, QuizStanding, Submission

from .test_concurrency import at_once

pytestmark = pytest.mark.django_db(transaction=True)

FIRST_CHOICE = {"q1": "a", "q2": "a"}


def given(responses: dict[str, Any]) -> dict[str, Given]:
    now = actions.milliseconds(timezone.now())
    return {question: Given(response, now) for question, response in responses.items()}


def make_timed_quiz() -> Quiz:
    course = factories.make_course(["quiz_passed"])
    return factories.make_quiz(course, module=factories.modules_of(course)[0], time_limit=5)


def test_twenty_starts_are_one_attempt() -> None:
    quiz = make_timed_quiz()
    student = factories.make_student(quiz.course)
    begun = at_once([lambda: actions.start_attempt(student.user, quiz)] * 20)
    assert {attempt.pk for attempt in begun} == {Submission.objects.get().pk}
    assert QuizStanding.objects.get().attempt_count == 1
    assert quiz.versions.count() == 1


def test_handed_in_from_twenty_tabs_it_has_one_result() -> None:
    quiz = make_timed_quiz()
    student = factories.make_student(quiz.course)
    attempt = actions.start_attempt(student.user, quiz)
    tabs = [FIRST_CHOICE, {"q1": "b", "q2": "b"}] * 10
    calls = [lambda tab=tab: actions.submit_attempt(attempt, given(tab)) for tab in tabs]
    results = {(done.percent, done.ended_at) for done in at_once(calls)}
    assert len(results) == 1
    stored = set(Answer.objects.values_list("response", flat=True))
    assert len(stored) == 1
    attempt.refresh_from_db()
    assert attempt.percent == (100 if stored == {"a"} else 0)
    assert Progress.objects.count() == (attempt.percent == 100)


def test_an_attempt_that_runs_out_while_it_is_handed_in_ends_once() -> None:
    quiz = make_timed_quiz()
    student = factories.make_student(quiz.course)
    attempt = actions.start_attempt(student.user, quiz)
    actions.save_answer(attempt, "q1", Given("a", 1))
    over = timezone.now() - actions.GRACE - timedelta(seconds=1)
    Submission.objects.update(deadline=over)
    attempt.refresh_from_db()
    looks = [lambda: actions.settle_attempt(attempt)] * 5
    hands = [lambda: actions.submit_attempt(attempt, given({"q2": "a"}))] * 5
    results = {(done.score, done.is_expired, done.revision) for done in at_once([*looks, *hands])}
    assert results == {(1, True, 1)}


def test_what_was_acknowledged_before_the_end_is_what_is_graded() -> None:
    quiz = make_timed_quiz()
    for _ in range(5):
        student = factories.make_student(quiz.course)
        attempt = actions.start_attempt(student.user, quiz)

        def save(sequence: int, attempt: Submission = attempt) -> tuple[int, str] | None:
            response = "ab"[sequence % 2]
            try:
                saved = actions.save_answer(attempt, "q1", Given(response, sequence))
            except (AttemptEnded, TimeIsUp):
                return None
            return (sequence, response) if saved.is_newest else None

        def hand_in(attempt: Submission = attempt) -> None:
            actions.submit_attempt(attempt, {})

        saves = [lambda sequence=sequence: save(sequence) for sequence in range(1, 9)]
        acknowledged = [answer for answer in at_once([*saves, hand_in]) if answer]
        answer = Answer.objects.get(submission=attempt, question_id="q1")
        newest = max(acknowledged, default=(0, None))
        assert (answer.sequence, answer.response) == newest
        assert answer.outcome == ("correct" if answer.response == "a" else "incorrect")
