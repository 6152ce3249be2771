"""Grading ended attempts anew, with the key as it is published now."""

import copy
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import transaction
from wagtail.log_actions import log

from wagtail_live_lms.exceptions import KeyChanged
from wagtail_live_lms.grading import Question, judgement
from wagtail_live_lms.models import (
    Answer,
    Outcome,
    Quiz,
    QuizVersion,
    Submission,
    SubmissionState,
    paper_of,
)
from wagtail_live_lms.signals import attempt_graded

from .alerts import look_for_alerts
from .changes import push_drafts, push_enrolments, push_submissions
from .drafts import DRAFT_FIELDS, clear_draft
from .grading import send_on_commit, set_percent
from .quiz_versions import Key, freeze_quiz, published_key
from .regrade_summaries import refresh_students
from .result_notices import tell_changed
from .summaries import lock_course

BATCH = 500
"""Attempts read and written at once."""


@dataclass(frozen=True, slots=True)
class AnswerChange:
    """An answer that is worth something else: as stored, and as it would be."""

    before: Answer
    after: Answer


@dataclass(frozen=True, slots=True)
class ResultChange:
    """An attempt whose result the key changes: as stored, as it would be, and why."""

    before: Submission
    after: Submission
    answers: tuple[AnswerChange, ...]

    @property
    def passes_now(self) -> bool:
        return bool(self.after.passed) and not self.before.passed

    @property
    def fails_now(self) -> bool:
        return bool(self.before.passed) and not self.after.passed


@dataclass(frozen=True, slots=True)
class RegradePreview:
    """What grading anew would change, of how many attempts graded with another key.

    `digest` names the key: `apply_regrade` refuses to apply another than the one looked at.
    """

    digest: str
    compared: int
    changes: tuple[ResultChange, ...]


def count_outdated(quiz: Quiz) -> int:
    """Ended attempts that were graded with a key which judges otherwise than the one now.

    Compares keys, not results: its cost does not grow with what students answered.
    """
    key = published_key(quiz)
    attempts = _outdated(quiz, key)
    used = attempts.order_by().values("graded_version").distinct()
    versions = QuizVersion.objects.filter(pk__in=used).defer("content")
    differing = [version for version in versions if _judges_otherwise(version, key)]
    return attempts.filter(graded_version__in=differing).count() if differing else 0


def preview_regrade(quiz: Quiz) -> RegradePreview:
    """Every attempt whose result the published key would change; nothing is written.

    Questions that were removed or are new are left alone, and so is what a person graded,
    except where the question is void. Raises QuizBroken.
    """
    key = published_key(quiz)
    found = [_regrade(*pair, key) for pair in _attempts(quiz, key)]
    changes = tuple(change for change in found if change is not None)
    return RegradePreview(key.digest, len(found), changes)


def apply_regrade(quiz: Quiz, by: Any, *, digest: str = "") -> list[Submission]:
    """Store what `preview_regrade` shows, and return the attempts that changed.

    A module is completed where its quiz is passed now, and never taken back. Raises QuizBroken,
    and KeyChanged when the key is no longer the one of that digest.
    """
    with transaction.atomic():
        totals = lock_course(quiz.course_id)
        quiz = Quiz.objects.select_related("course", "module").get(pk=quiz.pk)
        key = published_key(quiz)
        if digest and digest != key.digest:
            raise KeyChanged
        version = freeze_quiz(quiz)
        outdated = list(_outdated(quiz, key).values_list("pk", "enrolment"))
        changed = _store_changes(quiz, key)
        _outdated(quiz, key).update(graded_version=version)
        students = sorted({enrolment for _, enrolment in outdated})
        shown = {s.enrolment_id for s in changed if not s.is_withheld}
        rows = refresh_students(quiz, totals, students, shown)
        if outdated:
            data = {"version": version.number, "attempts": len(outdated), "changed": len(changed)}
            log(quiz, "wagtail_live_lms.regrade_quiz", user=by, data=data)
        look_for_alerts(quiz.course_id)
        _announce(changed, rows)
    return changed


def _judges_otherwise(version: QuizVersion, key: Key) -> bool:
    """Whether some response to a question of both is worth something else, or may be."""
    if version.pass_mark != key.pass_mark:
        return True
    questions = key.paper.answerable
    return any(
        question.id in questions and judgement(question) != judgement(questions[question.id])
        for question in paper_of(version).answerable.values()
    )


def _announce(changed: list[Submission], rows: dict[int, Any]) -> None:
    for submission in changed:
        submission.enrolment = rows.get(submission.enrolment_id, submission.enrolment)
        if submission.is_graded:
            send_on_commit(attempt_graded, submission)
    shown = [submission for submission in changed if not submission.is_withheld]
    told = {submission.enrolment_id for submission in shown}
    push_submissions(shown)
    push_drafts(submission for submission in changed if submission.is_withheld)
    push_enrolments(row for pk, row in rows.items() if pk not in told)
    tell_changed(shown)


def _outdated(quiz: Quiz, key: Key) -> Any:
    attempts = Submission.objects.ended().filter(quiz=quiz)
    return attempts.exclude(graded_version__digest=key.digest)


def _attempts(quiz: Quiz, key: Key) -> Iterator[tuple[Submission, list[Answer]]]:
    """The attempts graded with another key, with their answers, in two queries per batch."""
    attempts = _outdated(quiz, key).select_related("enrolment").order_by("pk")
    after = 0
    while batch := list(attempts.filter(pk__gt=after)[:BATCH]):
        for attempt in batch:
            attempt.quiz = quiz
        answers = defaultdict(list)
        for answer in Answer.objects.filter(submission__in=batch).order_by("pk"):
            answers[answer.submission_id].append(answer)
        yield from ((attempt, answers[attempt.pk]) for attempt in batch)
        after = batch[-1].pk


def _regrade(submission: Submission, answers: list[Answer], key: Key) -> ResultChange | None:
    """What the key makes of an attempt; None where it makes no difference."""
    changed = {}
    for answer in answers:
        question = key.paper.answerable.get(answer.question_id)
        new = _judge_anew(answer, question) if question is not None else None
        if new is not None:
            changed[answer.pk] = AnswerChange(answer, new)
    results = [changed[a.pk].after if a.pk in changed else a for a in answers]
    after = _with_result(submission, results, key.pass_mark)
    if not changed and after.passed == submission.passed:
        return None
    return ResultChange(submission, after, tuple(changed.values()))


def _judge_anew(answer: Answer, question: Question) -> Answer | None:
    """The answer as the key judges it; None where that changes nothing.

    What was decided once, by a key or by a person, never waits for a person again.
    """
    if answer.is_graded_by_hand and not question.void:
        return None
    result = question.grade(answer.response)
    if result.outcome == Outcome.PENDING != answer.outcome:
        return None
    if (result.outcome, result.points, result.maximum) == (
        answer.outcome,
        answer.points,
        answer.maximum,
    ):
        return None
    new = copy.copy(answer)
    new.outcome, new.points, new.maximum = result.outcome, result.points, result.maximum
    clear_draft(new)
    return new


def _with_result(submission: Submission, answers: list[Answer], pass_mark: int) -> Submission:
    after = copy.copy(submission)
    after.maximum = sum((answer.maximum or Decimal(0) for answer in answers), Decimal(0))
    if any(answer.is_undecided for answer in answers):
        return after
    if after.is_waiting:
        after.state = SubmissionState.GRADED
    if submission.is_withheld or any(answer.outcome == Outcome.PENDING for answer in answers):
        return after  # it has its result when it is posted
    score = sum((answer.points or Decimal(0) for answer in answers), Decimal(0))
    set_percent(after, score, pass_mark)
    return after


def _store_changes(quiz: Quiz, key: Key) -> list[Submission]:
    """Write the changes of one batch of attempts after the other."""
    changed: list[Submission] = []
    waiting: list[ResultChange] = []
    for pair in _attempts(quiz, key):
        change = _regrade(*pair, key)
        if change is not None:
            waiting.append(change)
        if len(waiting) == BATCH:
            changed += _write(waiting)
            waiting = []
    return changed + _write(waiting)


def _write(changes: list[ResultChange]) -> list[Submission]:
    Answer.objects.bulk_create(
        [_copy(answer.after) for change in changes for answer in change.answers],
        update_conflicts=True,
        unique_fields=["submission", "question_id"],
        update_fields=["outcome", "points", "maximum", *DRAFT_FIELDS],
    )
    submissions = [change.after for change in changes]
    for submission in submissions:
        submission.revision += 1
    fields = ["state", "score", "maximum", "percent", "passed", "revision"]
    Submission.objects.bulk_update(submissions, fields)
    return submissions


def _copy(answer: Answer) -> Answer:
    """A row without its id, for a statement that finds it by attempt and question."""
    return Answer(
        submission_id=answer.submission_id,
        question_id=answer.question_id,
        outcome=answer.outcome,
        points=answer.points,
        maximum=answer.maximum,
        draft_points=answer.draft_points,
        draft_comment=answer.draft_comment,
        drafted_by_id=answer.drafted_by_id,
        drafted_at=answer.drafted_at,
    )
