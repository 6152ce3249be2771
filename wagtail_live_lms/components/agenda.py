"""Which quiz of a course a student should see now, and what to tell them when there is none."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from django.db.models import F

from wagtail_live_lms.models import Enrolment, Module, Quiz, Submission

from .quiz_state import Standing


@dataclass(frozen=True)
class Agenda:
    """How a student stands with each quiz of a course, in the course's order.

    `waiting` names the modules that open only when the ones before them are finished.
    """

    enrolment: Enrolment
    standings: tuple[Standing, ...] = ()
    waiting: frozenset[int] = frozenset()

    @cached_property
    def under_way(self) -> Quiz | None:
        """The quiz with an open attempt."""
        open_ones = (s for s in self.standings if s.current is not None and s.current.is_open)
        return next((standing.quiz for standing in open_ones), None)

    @cached_property
    def active(self) -> Quiz | None:
        """The quiz under way, else the next one the student can take."""
        return self.under_way or next((s.quiz for s in self.standings if self._can_take(s)), None)

    @cached_property
    def opening(self) -> Quiz | None:
        """The quiz that opens first of those that are still to open."""
        early = [s.quiz for s in self.standings if s.quiz.live and s.quiz.is_early]
        return min(early, key=lambda quiz: quiz.opens_at, default=None)  # type: ignore[arg-type,return-value]

    @property
    def is_waiting(self) -> bool:
        """Whether a quiz opens as the student goes on with the course."""
        return any(self._is_worth_taking(s) and self._is_waiting(s) for s in self.standings)

    @property
    def has_pending(self) -> bool:
        """Whether an instructor still has to grade something."""
        return any(_is_pending(standing) for standing in self.standings)

    @cached_property
    def last(self) -> Submission | None:
        """The attempt that was handed in last."""
        ended = [attempt for s in self.standings for attempt in s.attempts if not attempt.is_open]
        return max(ended, key=lambda attempt: (attempt.ended_at, attempt.pk), default=None)

    def _can_take(self, standing: Standing) -> bool:
        if not self._is_worth_taking(standing) or self._is_waiting(standing):
            return False
        return standing.preview is not None

    def _is_worth_taking(self, standing: Standing) -> bool:
        """Open for an attempt that could change something."""
        if not standing.quiz.live or not standing.quiz.is_open or standing.attempts_left == 0:
            return False
        return not standing.has_passed and not _is_pending(standing)

    def _is_waiting(self, standing: Standing) -> bool:
        return standing.quiz.module_id in self.waiting


def read_agenda(enrolment: Enrolment) -> Agenda:
    """All of it, in the same number of queries for any number of quizzes and attempts."""
    attempts = _attempts(enrolment)
    place = (F("module__sort_order").asc(nulls_last=True), "module", "title", "pk")
    of_course = Quiz.objects.filter(course=enrolment.course_id).select_related("module__page")
    shown = [quiz for quiz in of_course.order_by(*place) if quiz.live or quiz.pk in attempts]
    standings = [Standing(q, enrolment, tuple(attempts.get(q.pk, ()))) for q in shown]
    for standing in standings:
        for attempt in standing.attempts:
            attempt.quiz = standing.quiz
    return Agenda(enrolment, tuple(standings), waiting_modules(enrolment))


def waiting_modules(enrolment: Enrolment) -> frozenset[int]:
    """The modules that an earlier one keeps closed, in a course that is taken in order."""
    if not enrolment.course.in_order:
        return frozenset()
    live = Module.objects.live().filter(course=enrolment.course_id)
    ordered = list(live.values_list("pk", flat=True))
    done = set(enrolment.progress.values_list("module", flat=True))
    first_open = next((n for n, module in enumerate(ordered) if module not in done), len(ordered))
    return frozenset(ordered[first_open + 1 :]) - done


def _attempts(enrolment: Enrolment) -> Mapping[int, list[Submission]]:
    """The student's attempts by quiz, the newest first."""
    found: dict[int, list[Submission]] = defaultdict(list)
    for attempt in Submission.objects.filter(enrolment=enrolment).order_by("-number"):
        found[attempt.quiz_id].append(attempt)
    return found


def _is_pending(standing: Standing) -> bool:
    current = standing.current
    return current is not None and not current.is_open and not current.is_graded
