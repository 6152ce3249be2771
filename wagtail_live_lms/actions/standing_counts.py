"""Quiz results counted anew from the attempts, and repaired."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby

from django.db import transaction
from django.db.models import F

from wagtail_live_lms.models import Course, Enrolment, Quiz, QuizStanding, Submission

from .changes import push_course
from .standings import average_of, graded_attempts, sum_up
from .summaries import lock_course


@dataclass(frozen=True, slots=True)
class StandingCorrection:
    """A result that did not match: what it said and what was counted.

    With `quiz_id`: attempts, score in per cent, passed. Without: the average over quizzes.
    """

    enrolment_id: int
    quiz_id: int | None
    said: tuple[int | Decimal | bool | None, ...]
    counted: tuple[int | Decimal | bool | None, ...]


def recount_standings(course: Course) -> list[StandingCorrection]:
    """Count every student's quiz results from scratch, repair what is wrong and report it."""
    with transaction.atomic():
        lock_course(course.pk)
        corrections = [
            correction
            for quiz in Quiz.objects.filter(course=course).order_by("pk")
            for correction in _recount_quiz(quiz)
        ]
        corrections += _recount_averages(course)
        if corrections:
            push_course(course.pk)
    return corrections


def _recount_quiz(quiz: Quiz) -> Iterator[StandingCorrection]:
    standings = {row.enrolment_id: row for row in QuizStanding.objects.filter(quiz=quiz)}
    attempts = Submission.objects.filter(quiz=quiz).order_by("enrolment_id", "number")
    counts = {who: len(list(mine)) for who, mine in groupby(attempts, lambda a: a.enrolment_id)}
    graded = graded_attempts(Submission.objects.filter(quiz=quiz)).order_by("enrolment", "number")
    scores = {
        who: sum_up(list(mine), quiz.attempt_rule)
        for who, mine in groupby(graded, lambda a: a.enrolment_id)
    }
    for who, count in counts.items():
        total = scores.get(who)
        counted = (count, total.percent, total.passed) if total else (count, None, False)
        standing = standings.get(who) or QuizStanding(enrolment_id=who, quiz=quiz)
        said = (standing.attempt_count, standing.percent, standing.passed)
        if said != counted:
            standing.attempt_count, standing.percent, standing.passed = counted
            standing.version += 1
            standing.save()
            Enrolment.objects.filter(pk=who).update(version=F("version") + 1)
            yield StandingCorrection(who, quiz.pk, said, counted)


def _recount_averages(course: Course) -> Iterator[StandingCorrection]:
    for enrolment in Enrolment.objects.filter(course=course).order_by("pk"):
        average = average_of(enrolment.pk)
        if enrolment.quiz_average != average:
            said = (enrolment.quiz_average,)
            Enrolment.objects.filter(pk=enrolment.pk).update(
                quiz_average=average, version=F("version") + 1
            )
            yield StandingCorrection(enrolment.pk, None, said, (average,))
