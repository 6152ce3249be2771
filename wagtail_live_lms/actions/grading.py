"""Ending an attempt and grading it, by its key or by a person."""

import hashlib
import json
from collections.abc import Mapping
from decimal import ROUND_DOWN, Decimal
from functools import partial
from typing import Any

from django.db import transaction
from django.utils import timezone

from wagtail_live_lms.grading import Graded, Result, grade_all
from wagtail_live_lms.models import (
    Answer,
    CompletionRule,
    Paper,
    QuizStanding,
    Source,
    Submission,
    SubmissionState,
    paper_of,
)
from wagtail_live_lms.signals import attempt_ended, attempt_graded

from .changes import push_submissions
from .completion import complete_module
from .standings import CENT, record_result


def digest_of(responses: Mapping[str, Any]) -> str:
    """Tells whether two attempts have the same answers."""
    text = json.dumps(dict(responses), sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def end_attempt(submission: Submission, *, is_expired: bool) -> Submission:
    """Grade the saved answers of a locked, open attempt, once.

    The caller holds the course's lock, and loaded quiz, enrolment and version with the attempt.
    """
    answers = list(submission.answers.all())
    responses = {answer.question_id: answer.response for answer in answers}
    paper = paper_of(submission.version)
    graded = grade_all(paper.questions, responses)
    _write_results(answers, graded, paper)
    now = timezone.now()
    submission.is_expired = is_expired
    submission.ended_at = min(now, submission.deadline or now) if is_expired else now
    submission.digest = digest_of(responses)
    submission.is_repeat = _repeats_the_last(submission)
    _set_score(submission, graded)
    submission.save()
    conclude(submission, is_active=not is_expired)
    send_on_commit(attempt_ended, submission)
    return submission


def _write_results(answers: list[Answer], graded: Graded, paper: Paper) -> None:
    """In one statement, however many answers; nobody else writes to a locked attempt's answers."""
    Answer.objects.bulk_create(
        [_judged(answer, graded.results[answer.question_id], paper) for answer in answers],
        update_conflicts=True,
        unique_fields=["submission", "question_id"],
        update_fields=["outcome", "points", "maximum"],
    )


def _judged(answer: Answer, result: Result, paper: Paper) -> Answer:
    return Answer(
        submission_id=answer.submission_id,
        question_id=answer.question_id,
        outcome=result.outcome,
        points=result.points,
        maximum=paper.by_id[answer.question_id].points,
    )


def _set_score(submission: Submission, graded: Graded) -> None:
    submission.maximum = graded.maximum
    submission.graded_version = submission.version
    submission.revision += 1
    if graded.pending:
        waiting = SubmissionState.EXPIRED if submission.is_expired else SubmissionState.SUBMITTED
        submission.state = waiting
        return
    submission.state = SubmissionState.GRADED
    set_percent(submission, graded.score, submission.version.pass_mark)


def set_percent(submission: Submission, score: Decimal, pass_mark: int) -> None:
    """Score, percentage rounded down so that 100 means all, and whether it is a pass."""
    submission.score = score
    maximum = submission.maximum
    share = score * 100 / maximum if maximum else Decimal(100)
    submission.percent = share.quantize(CENT, ROUND_DOWN)
    submission.passed = share >= pass_mark


def conclude(submission: Submission, *, is_active: bool) -> None:
    """Sum up, complete the module of a quiz that is passed, and push."""
    standing = record_result(submission, is_active=is_active)
    if standing.passed:
        complete_quiz_module(submission, standing)
    push_submissions([submission])
    if submission.is_graded:
        send_on_commit(attempt_graded, submission)


def complete_quiz_module(submission: Submission, standing: QuizStanding) -> None:
    """Complete the module that the quiz names, if the student may still complete it by a quiz."""
    module, enrolment = submission.quiz.module, submission.enrolment
    if module is None or module.archived or enrolment.withdrawn_at is not None:
        return
    if module.completion_rule != CompletionRule.QUIZ_PASSED:
        return
    evidence = {
        "quiz": submission.quiz_id,
        "attempt": submission.number,
        "percent": str(standing.percent),
    }
    complete_module(enrolment.user, module, source=Source.QUIZ, evidence=evidence)
    enrolment.refresh_from_db()


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
