"""Giving students their grades: all at once or not at all, once, and with a time to undo it.

A posting is a row. It is released by whoever comes first after its moment: the page of a student
or an instructor, the timer of the process that posted, or a command.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import timedelta
from decimal import Decimal
from functools import partial
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from wagtail.log_actions import log

from wagtail_live_lms.exceptions import NothingToPost, NotReadyToPost, PostingIsOver
from wagtail_live_lms.models import (
    UNDO_TIME,
    Answer,
    CourseTotals,
    Posting,
    Quiz,
    Submission,
    SubmissionState,
)
from wagtail_live_lms.signals import attempt_graded, grades_posted

from .bulk import update_rows
from .changes import push_drafts, push_submissions
from .drafts import DRAFT_FIELDS, GIVEN_FIELDS, take_over
from .grading import send_on_commit, set_percent
from .regrade_summaries import refresh_students
from .release_timer import release_timer
from .result_notices import tell_posted
from .summaries import lock_course

RESULT_FIELDS = ("state", "score", "maximum", "percent", "passed", "revision")


def post_grades(quiz: Quiz, by: Any, submission_ids: Collection[int] | None = None) -> Posting:
    """Give students the results of these attempts, or of all that are graded completely.

    All of them or none, in one transaction, in a number of queries that does not grow with them.
    Where the quiz allows posting to be undone nothing is sent before `release_at`. Raises
    NotReadyToPost when one of them cannot be posted, NothingToPost when there are none.
    """
    release_due(quiz.course_id)
    with transaction.atomic():
        totals = lock_course(quiz.course_id)
        quiz = Quiz.objects.select_related("course", "module__page").get(pk=quiz.pk)
        found = _to_post(quiz, submission_ids)
        posting = _create(quiz, by, len(found))
        rows = Submission.objects.filter(pk__in=[submission.pk for submission in found])
        rows.update(posting=posting, revision=F("revision") + 1)
        if quiz.undo:
            release = partial(release_posting, posting.pk)
            start = partial(release_timer.at, posting.release_at, release)
            transaction.on_commit(start, robust=True)
            push_drafts(found)
        else:
            _release(posting, totals)
    return posting


def undo_posting(posting: Posting, by: Any) -> Posting:
    """Take a posting back before anything of it is sent. Raises PostingIsOver once it was.

    The grades are drafts again. Undoing twice is undoing once.
    """
    with transaction.atomic():
        lock_course(posting.quiz.course_id)
        found = Posting.objects.select_related("quiz").get(pk=posting.pk)
        if found.undone_at is not None:
            return found
        if found.released_at is not None or found.release_at <= timezone.now():
            raise PostingIsOver
        found.undone_at = timezone.now()
        found.save(update_fields=["undone_at"])
        held = list(found.submissions.select_related("enrolment"))
        found.submissions.update(posting=None, revision=F("revision") + 1)
        data = {"count": found.count}
        log(found.quiz, "wagtail_live_lms.undo_posting", user=by, data=data)
        push_drafts(held)
    return found


def release_posting(posting_id: int) -> bool:
    """Give students what was posted, if its moment has come; whether this call did it."""
    of_course = Posting.objects.filter(pk=posting_id).values_list("quiz__course", flat=True)
    with transaction.atomic():
        totals = lock_course(of_course.get())
        due = Posting.objects.due().select_related("quiz__course", "quiz__module__page")
        posting = due.filter(pk=posting_id).first()
        if posting is None:
            return False
        _release(posting, totals)
    return True


def release_due(course_id: int | None = None) -> int:
    """Release all postings, or those of a course, whose moment has come; returns how many."""
    due = Posting.objects.due()
    if course_id is not None:
        due = due.filter(quiz__course=course_id)
    return sum(map(release_posting, list(due.order_by("pk").values_list("pk", flat=True))))


def set_posted_result(submission: Submission, answers: Iterable[Answer]) -> None:
    """Set what the attempt and its answers are once posted; nothing is stored."""
    points, maximum = Decimal(0), Decimal(0)
    for answer in answers:
        take_over(answer)
        points += answer.points or 0
        maximum += answer.maximum or 0
    submission.state, submission.maximum = SubmissionState.POSTED, maximum
    version = submission.graded_version or submission.version
    set_percent(submission, points, version.pass_mark)


def _to_post(quiz: Quiz, submission_ids: Collection[int] | None) -> list[Submission]:
    ready = Submission.objects.to_post().filter(quiz=quiz)
    if submission_ids is not None:
        ready = ready.filter(pk__in=list(submission_ids))
    found = list(ready.select_related("enrolment"))
    if submission_ids is not None and len(found) < len(set(submission_ids)):
        raise NotReadyToPost
    if not found:
        raise NothingToPost
    return found


def _create(quiz: Quiz, by: Any, count: int) -> Posting:
    now = timezone.now()
    release_at = now + (UNDO_TIME if quiz.undo else timedelta(0))
    return Posting.objects.create(
        quiz=quiz, posted_by=by, posted_at=now, release_at=release_at, count=count
    )


def _release(posting: Posting, totals: CourseTotals) -> None:
    """The caller holds the course's lock, as `totals`, and knows that it is held and due."""
    rows = posting.submissions.select_related("enrolment", "version", "graded_version")
    submissions = list(rows.defer("version__content", "graded_version__content").order_by("pk"))
    before = {submission.pk: submission.score for submission in submissions}
    _store_results(posting, submissions)
    posting.released_at = timezone.now()
    posting.save(update_fields=["released_at"])
    students = sorted({submission.enrolment_id for submission in submissions})
    enrolments = refresh_students(posting.quiz, totals, students, set(students))
    for submission in submissions:
        submission.quiz = posting.quiz
        submission.enrolment = enrolments[submission.enrolment_id]
        send_on_commit(attempt_graded, submission)
    _log(posting, submissions, before)
    push_submissions(submissions)
    first = {pk for pk, score in before.items() if score is None}
    tell_posted(
        [submission for submission in submissions if submission.pk in first],
        [submission for submission in submissions if submission.pk not in first],
    )
    send = partial(grades_posted.send_robust, sender=Posting, posting=posting)
    transaction.on_commit(send, robust=True)


def _store_results(posting: Posting, submissions: list[Submission]) -> None:
    answers = defaultdict(list)
    for answer in Answer.objects.filter(submission__posting=posting).defer("response"):
        answers[answer.submission_id].append(answer)
    drafts = [answer for mine in answers.values() for answer in mine if answer.is_draft]
    for submission in submissions:
        set_posted_result(submission, answers[submission.pk])
        submission.revision += 1
    update_rows(Answer, drafts, (*GIVEN_FIELDS, *DRAFT_FIELDS))
    update_rows(Submission, submissions, RESULT_FIELDS)


def _log(
    posting: Posting, submissions: list[Submission], before: dict[int, Decimal | None]
) -> None:
    """One entry that names every change: student, attempt, points before and after."""
    grades = [
        {
            "submission": submission.pk,
            "student": submission.enrolment.display_name,
            "attempt": submission.number,
            "before": None if before[submission.pk] is None else str(before[submission.pk]),
            "points": str(submission.score),
            "maximum": str(submission.maximum),
        }
        for submission in submissions
    ]
    data = {"posting": posting.pk, "count": len(grades), "grades": grades}
    log(posting.quiz, "wagtail_live_lms.post_grades", user=posting.posted_by, data=data)
