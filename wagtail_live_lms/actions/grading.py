"""Ending an attempt and grading it, by its key or by a person."""

import copy
import hashlib
import json
from collections.abc import Mapping, Sequence
from decimal import ROUND_DOWN, Decimal
from functools import partial
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from wagtail_live_lms.grading import Graded, grade_all
from wagtail_live_lms.models import (
    Answer,
    CompletionRule,
    CourseTotals,
    Module,
    Paper,
    Progress,
    Source,
    Submission,
    SubmissionState,
    paper_of,
)
from wagtail_live_lms.prepared import Prepared, slots
from wagtail_live_lms.signals import attempt_ended, attempt_graded

from .alert_events import note_result
from .bulk import update_rows
from .changes import push_submissions
from .completion import add_completion
from .standings import CENT, record_result
from .summaries import move_totals

ANSWER_FIELDS = ["response", "sequence", "saved_at", "outcome", "points", "maximum"]
SUMMARY_FIELDS = ["completed_count", "percent", "last_activity", "quiz_average", "version"]


def _done() -> QuerySet[Progress]:
    return Progress.objects.filter(**slots(Progress, "enrolment", "module")).only("pk")


_DONE = Prepared(Progress, _done)


def digest_of(responses: Mapping[str, Any]) -> str:
    """Tells whether two attempts have the same answers."""
    text = json.dumps(dict(responses), sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def end_attempt(
    submission: Submission, totals: CourseTotals, answers: Sequence[Answer], *, is_expired: bool
) -> Submission:
    """Grade the answers of a locked, open attempt, once, and write them as they are now.

    The caller holds the course's lock, as `totals`, and loaded quiz, module, enrolment and
    version with the attempt.
    """
    responses = {answer.question_id: answer.response for answer in answers}
    paper = paper_of(submission.version)
    graded = grade_all(paper.questions, responses)
    _write_results(answers, graded, paper)
    now = timezone.now()
    submission.is_expired = is_expired
    submission.ended_at = min(now, submission.deadline or now) if is_expired else now
    submission.digest = digest_of(responses)
    submission.is_repeat = submission.number > 1 and _repeats_the_last(submission)
    _set_score(submission, graded)
    conclude(submission, totals, is_active=not is_expired)
    send_on_commit(attempt_ended, submission)
    return submission


def _write_results(answers: Sequence[Answer], graded: Graded, paper: Paper) -> None:
    for answer in answers:
        result = graded.results[answer.question_id]
        answer.outcome, answer.points = result.outcome, result.points
        answer.maximum = paper.by_id[answer.question_id].points
    update_rows(Answer, answers, ANSWER_FIELDS)


def _set_score(submission: Submission, graded: Graded) -> None:
    submission.maximum = graded.maximum
    submission.graded_version = submission.version
    submission.revision += 1
    if graded.pending:
        waiting = SubmissionState.EXPIRED if submission.is_expired else SubmissionState.SUBMITTED
        submission.state = waiting
        return
    submission.state = SubmissionState.GRADED
    if not submission.quiz.is_posted_by_hand:
        set_percent(submission, graded.score, submission.version.pass_mark)


def set_percent(submission: Submission, score: Decimal, pass_mark: int) -> None:
    """Score, percentage rounded down so that 100 means all, and whether it is a pass."""
    submission.score = score
    maximum = submission.maximum
    share = score * 100 / maximum if maximum else Decimal(100)
    submission.percent = share.quantize(CENT, ROUND_DOWN)
    submission.passed = share >= pass_mark


def conclude(submission: Submission, totals: CourseTotals, *, is_active: bool) -> None:
    """Sum up, complete the module of a quiz that is passed, save and push.

    `is_active`: the student did it just now, as against the clock or staff.
    """
    standing, enrolment = record_result(submission), submission.enrolment
    before = copy.copy(enrolment)
    submission.save()
    module = _module_to_complete(submission) if standing.passed else None
    if module is not None:
        evidence = {
            "quiz": submission.quiz_id,
            "attempt": submission.number,
            "percent": str(standing.percent),
        }
        add_completion(totals, enrolment, module, Source.QUIZ, evidence)
        move_totals(totals, before, enrolment)
    if is_active:
        enrolment.last_activity = timezone.now()
    enrolment.version += 1
    enrolment.save(update_fields=SUMMARY_FIELDS)
    note_result(submission, standing, totals, is_active=is_active)
    push_submissions([submission])
    if submission.is_graded:
        send_on_commit(attempt_graded, submission)


def _module_to_complete(submission: Submission) -> Module | None:
    """The module that the quiz names, if the student may still complete it by a quiz."""
    module, enrolment = submission.quiz.module, submission.enrolment
    if module is None or module.archived or enrolment.withdrawn_at is not None:
        return None
    if module.completion_rule != CompletionRule.QUIZ_PASSED:
        return None
    is_done = _DONE.first(enrolment=enrolment.pk, module=module.pk) is not None
    return None if is_done else module


def _repeats_the_last(submission: Submission) -> bool:
    before = Submission.objects.ended().filter(
        enrolment=submission.enrolment_id, quiz=submission.quiz_id, number__lt=submission.number
    )
    last = before.order_by("-number").values_list("digest", flat=True).first()
    return last == submission.digest


def send_on_commit(signal: Any, submission: Submission) -> None:
    """Tell other packages about an attempt once the transaction has committed."""
    send = partial(signal.send_robust, sender=Submission, submission=submission)
    transaction.on_commit(send, robust=True)
