"""The summaries of many students at once, after their attempts were graded anew."""

from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from itertools import groupby
from typing import Any

from django.db import transaction
from django.db.models import Avg

from wagtail_live_lms.live.inserting import insert_new
from wagtail_live_lms.models import (
    CompletionRule,
    CourseTotals,
    Enrolment,
    Progress,
    Quiz,
    QuizStanding,
    Source,
    Submission,
    percentage,
)
from wagtail_live_lms.signals import module_completed

from .bulk import update_rows
from .completion import complete_queued
from .standings import Sum, graded_attempts, rounded_down, sum_up

BATCH = 500

Attempts = dict[int, list[Submission]]
"""Graded attempts in the order they were made, by enrolment."""


def refresh_students(
    quiz: Quiz, totals: CourseTotals, enrolment_ids: Sequence[int], changed: set[int]
) -> dict[int, Enrolment]:
    """Bring standings, averages and modules up to date; returns the rows that changed, by id.

    `changed` are the enrolments with an attempt that changed. The caller holds the course's
    lock, as `totals`. The number of queries grows by batches, not by students.
    """
    rows: dict[int, Enrolment] = {}
    completes = False
    for start in range(0, len(enrolment_ids), BATCH):
        ids = enrolment_ids[start : start + BATCH]
        moved, passing = _refresh_standings(quiz, ids)
        touched = Enrolment.objects.in_bulk(sorted(moved | changed.intersection(ids)))
        completes = _complete_modules(quiz, totals, touched, passing) or completes
        _refresh_rows(touched.values())
        rows |= touched
    totals.save()
    if completes and quiz.course.in_order:
        complete_queued(quiz.course_id)
    return rows


def _refresh_standings(quiz: Quiz, ids: Sequence[int]) -> tuple[set[int], dict[int, Any]]:
    """Who has another standing now, and the evidence of those who pass for the first time."""
    attempts = _graded_attempts(quiz, ids)
    sums = {pk: sum_up(graded, quiz.attempt_rule) for pk, graded in attempts.items()}
    _mark_counting(attempts, sums)
    moved, passing = [], {}
    for standing in QuizStanding.objects.filter(quiz=quiz, enrolment__in=ids):
        pk, had_passed = standing.enrolment_id, standing.passed
        if not _refresh(standing, sums.get(pk, Sum()), attempts.get(pk, [])):
            continue
        moved.append(standing)
        if standing.passed and not had_passed:
            passing[pk] = _evidence(standing, attempts[pk], sums[pk])
    fields = ["percent", "passed", "last_state", "last_percent", "version"]
    update_rows(QuizStanding, moved, fields)
    return {standing.enrolment_id for standing in moved}, passing


def _graded_attempts(quiz: Quiz, ids: Sequence[int]) -> Attempts:
    found = graded_attempts(Submission.objects.filter(quiz=quiz, enrolment__in=ids))
    ordered = found.order_by("enrolment", "number")
    return {pk: list(mine) for pk, mine in groupby(ordered, lambda a: a.enrolment_id)}


def _mark_counting(attempts: Attempts, sums: dict[int, Sum]) -> None:
    wrong: dict[bool, list[int]] = {True: [], False: []}
    for pk, graded in attempts.items():
        for attempt in graded:
            counts = attempt.pk in sums[pk].counting
            if attempt.counts != counts:
                wrong[counts].append(attempt.pk)
    for counts, ids in wrong.items():
        Submission.objects.filter(pk__in=ids).update(counts=counts)


def _refresh(standing: QuizStanding, total: Sum, graded: list[Submission]) -> bool:
    """Set what the attempts say; whether that was anything new."""
    before = _figures(standing)
    standing.percent, standing.passed = total.percent, total.passed
    for attempt in graded:
        if attempt.number == standing.last_number:
            standing.last_state, standing.last_percent = attempt.state, attempt.percent
    is_new = before != _figures(standing)
    standing.version += is_new
    return is_new


def _figures(standing: QuizStanding) -> tuple[Any, ...]:
    return standing.percent, standing.passed, standing.last_state, standing.last_percent


def _evidence(standing: QuizStanding, graded: list[Submission], total: Sum) -> dict[str, Any]:
    number = max(attempt.number for attempt in graded if attempt.pk in total.counting)
    return {"quiz": standing.quiz_id, "attempt": number, "percent": str(standing.percent)}


def _complete_modules(
    quiz: Quiz, totals: CourseTotals, rows: dict[int, Enrolment], passing: dict[int, Any]
) -> bool:
    """Complete the quiz's module for those who pass and had not; whether there are any."""
    new = list(_completions(quiz, rows, passing))
    if not new:
        return False
    insert_new(Progress, new)
    mine = [progress.enrolment_id for progress in new]
    for progress in Progress.objects.filter(module=quiz.module, enrolment__in=mine):
        progress.enrolment, progress.module = rows[progress.enrolment_id], new[0].module
        _count(totals, progress.enrolment)
        send = partial(module_completed.send_robust, sender=Progress, progress=progress)
        transaction.on_commit(send, robust=True)
    return True


def _completions(
    quiz: Quiz, rows: dict[int, Enrolment], passing: dict[int, Any]
) -> Iterator[Progress]:
    module = quiz.module
    if module is None or module.archived or module.completion_rule != CompletionRule.QUIZ_PASSED:
        return
    done = Progress.objects.filter(module=module, enrolment__in=list(passing))
    had = set(done.values_list("enrolment", flat=True))
    for pk, evidence in passing.items():
        if pk not in had and rows[pk].withdrawn_at is None:
            yield Progress(enrolment=rows[pk], module=module, source=Source.QUIZ, evidence=evidence)


def _count(totals: CourseTotals, enrolment: Enrolment) -> None:
    """One module more, in the row and in the totals. The student did nothing just now."""
    was, was_finished = enrolment.percent, enrolment.is_finished
    enrolment.completed_count += 1
    enrolment.percent = percentage(enrolment.completed_count, totals.module_count)
    totals.percent_sum += enrolment.percent - was
    totals.finished_count += enrolment.is_finished - was_finished


def _refresh_rows(enrolments: Iterable[Enrolment]) -> None:
    rows = list(enrolments)
    standings = QuizStanding.objects.filter(enrolment__in=rows).order_by()
    averages = dict(standings.values_list("enrolment").annotate(average=Avg("percent")))
    for enrolment in rows:
        enrolment.quiz_average = rounded_down(averages.get(enrolment.pk))
        enrolment.version += 1
    update_rows(Enrolment, rows, ["quiz_average", "completed_count", "percent", "version"])
