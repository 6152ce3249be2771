"""Where a student stands with a quiz: attempts so far, what may be seen, what may happen next."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from functools import cached_property
from typing import Any

from wagtail_live_lms import access, actions
from wagtail_live_lms.actions.attempts import next_submission_at
from wagtail_live_lms.grading import maximum_points
from wagtail_live_lms.models import (
    Answer,
    AttemptRule,
    Enrolment,
    FeedbackDetail,
    FeedbackTime,
    Outcome,
    Paper,
    Quiz,
    Submission,
    paper_of,
    read_paper,
)

from .quiz_paper import Judged, Policy

SHOWN_ATTEMPTS = 10


@dataclass(frozen=True)
class Standing:
    """A student's attempts at a quiz, the newest first, and what follows from them."""

    quiz: Quiz
    enrolment: Enrolment
    attempts: tuple[Submission, ...]

    @property
    def current(self) -> Submission | None:
        """The attempt under way, or the one that was made last."""
        return self.attempts[0] if self.attempts else None

    @property
    def name(self) -> str:
        """One word for what the page shows: `running`, `submitted`, `graded`, or as `refusal`."""
        if self.current is None:
            return self.refusal or "ready"
        if self.current.is_open:
            return "running"
        return "graded" if self.current.is_graded else "submitted"

    @cached_property
    def refusal(self) -> str:
        """Why no attempt can begin now: `early`, `closed`, `exhausted`, `broken`, `waiting`.

        Empty when one can.
        """
        if not self.quiz.live or self.quiz.is_closed:
            return "closed"
        if self.quiz.is_early:
            return "early"
        if self.attempts_left == 0:
            return "exhausted"
        if self.preview is None:
            return "broken"
        return "waiting" if actions.is_waiting_for_order(self.quiz, self.enrolment) else ""

    @property
    def attempts_left(self) -> int | None:
        """None where there is no limit."""
        allowed = self.quiz.attempts_allowed
        return max(0, allowed - len(self.attempts)) if allowed else None

    @cached_property
    def preview(self) -> Paper | None:
        """The questions that the next attempt would have; None if they cannot be read."""
        try:
            paper = read_paper(self.quiz.question_data)
        except ValueError:
            return None
        return paper if paper.answerable else None

    @property
    def question_count(self) -> int:
        return len(self.preview.answerable) if self.preview else 0

    @property
    def maximum(self) -> Decimal:
        """The points of a flawless attempt."""
        return maximum_points(self.preview.answerable.values() if self.preview else ())

    @property
    def time_limit(self) -> timedelta | None:
        """This student's, with the extra time they have."""
        if not self.quiz.time_limit:
            return None
        return timedelta(minutes=float(self.quiz.time_limit * self.enrolment.extra_time))

    @property
    def has_passed(self) -> bool:
        return any(attempt.passed for attempt in self.attempts)

    @property
    def ended(self) -> tuple[Submission, ...]:
        """Attempts that are over, the newest first, as many as are listed."""
        return tuple(a for a in self.attempts if not a.is_open)[:SHOWN_ATTEMPTS]

    @property
    def counting(self) -> list[Submission]:
        """The attempts whose score counts."""
        return [attempt for attempt in self.attempts if attempt.counts]

    @property
    def is_average(self) -> bool:
        return self.quiz.attempt_rule == AttemptRule.AVERAGE

    @cached_property
    def free_at(self) -> datetime | None:
        """When the next attempt may be handed in; None for at once."""
        return next_submission_at(self.quiz, self.attempts)

    @property
    def policy(self) -> Policy:
        """What of the current attempt the student may do and see."""
        is_open = self.current is not None and self.current.is_open
        shows_results = not is_open and self._may_see(self.quiz.feedback_time)
        return Policy(
            is_open=is_open,
            shows_results=shows_results,
            shows_feedback=shows_results and self.quiz.feedback_detail == FeedbackDetail.FEEDBACK,
            shows_answers=not is_open and self._may_see(self.quiz.answers_time),
            shuffles_questions=self.quiz.shuffle_questions,
            shuffles_choices=self.quiz.shuffle_choices,
        )

    @property
    def seen_later(self) -> str:
        """When more about the result will be shown: a time as in `FeedbackTime`, or nothing."""
        later = (FeedbackTime.AFTER_PASSING, FeedbackTime.AFTER_CLOSING)
        times = (self.quiz.feedback_time, self.quiz.answers_time)
        waiting = [time for time in times if time in later and not self._may_see(time)]
        return waiting[0] if waiting else ""

    def _may_see(self, time: str) -> bool:
        match time:
            case FeedbackTime.AT_ONCE:
                return True
            case FeedbackTime.AFTER_PASSING:
                return self.has_passed
            case FeedbackTime.AFTER_CLOSING:
                return self.quiz.is_closed
        return False


@dataclass(frozen=True)
class Script:
    """The answers of an attempt, each with what is stored beside it."""

    paper: Paper
    responses: Mapping[str, Any]
    sequences: Mapping[str, int]
    results: Mapping[str, Judged]
    saved_at: datetime | None


def read_standing(user: Any, quiz: Quiz) -> Standing:
    """All attempts of this person at the quiz. One whose time is over is ended first."""
    enrolment = access.get_enrolment_for(user, quiz.course_id)
    if quiz.undo:
        actions.release_due(quiz.course_id)
    attempts = attempts_of(enrolment, quiz)
    if attempts and not actions.settle_attempt(attempts[0]).is_open and attempts[0].is_open:
        attempts = attempts_of(enrolment, quiz)
    return Standing(quiz, enrolment, tuple(attempts))


def read_script(submission: Submission) -> Script:
    """What was answered, and what it is worth once it may be seen."""
    return script_of(submission, list(submission.answers.all()))


def script_of(submission: Submission, answers: list[Answer]) -> Script:
    """What these answers say."""
    return Script(
        paper_of(submission.graded_version or submission.version),
        {answer.question_id: answer.response for answer in answers},
        {answer.question_id: answer.sequence for answer in answers},
        judged_answers(submission, answers),
        max((answer.saved_at for answer in answers if answer.saved_at), default=None),
    )


def attempts_of(enrolment: Enrolment, quiz: Quiz) -> list[Submission]:
    """A student's attempts at the quiz, the newest first."""
    attempts = Submission.objects.filter(enrolment=enrolment, quiz=quiz).order_by("-number")
    whole = attempts.select_related("version", "graded_version")
    found = list(whole.defer("version__content", "graded_version__content"))
    for attempt in found:
        attempt.quiz, attempt.enrolment = quiz, enrolment
    return found


def judged_answers(submission: Submission, answers: list[Answer]) -> dict[str, Judged]:
    """What each answer is worth; nothing before it may be seen."""
    if submission.is_open or submission.is_withheld:
        return {}
    return {answer.question_id: _judged(submission, answer) for answer in answers}


def _judged(submission: Submission, answer: Answer) -> Judged:
    """What a person gave is told when they are done with the whole attempt."""
    if answer.is_graded_by_hand and not submission.is_graded:
        return Judged(Outcome.PENDING, None, answer.maximum)
    return Judged(answer.outcome, answer.points, answer.maximum, answer.comment)
