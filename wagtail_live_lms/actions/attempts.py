"""Beginning an attempt at a quiz, saving answers, and handing it in."""

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from wagtail_live_lms.exceptions import (
    AttemptEnded,
    NoAttemptsLeft,
    NotInOrder,
    QuizClosed,
    QuizNotOpen,
    TimeIsUp,
)
from wagtail_live_lms.live.exceptions import NotFound, RateLimitExceeded
from wagtail_live_lms.models import (
    Answer,
    CourseTotals,
    Enrolment,
    Progress,
    Quiz,
    Submission,
    paper_of,
)
from wagtail_live_lms.prepared import Prepared, slots

from .alert_events import note_activity
from .bulk import update_rows
from .changes import push_answers, push_submissions
from .completion import current_enrolment, is_before_its_turn
from .grading import ANSWER_FIELDS, digest_of, end_attempt
from .quiz_versions import freeze_quiz
from .standings import record_start
from .summaries import lock_course

GRACE = timedelta(seconds=10)
"""How long after the deadline an answer given before it may arrive."""

HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Given:
    """A response as a browser sent it.

    `sequence` is when it was given, in milliseconds since 1970 by the server's clock, raised
    where needed so that each save of an answer has a larger one.
    """

    response: Any
    sequence: int


@dataclass(frozen=True, slots=True)
class Saved:
    """What is stored of one answer now; `is_newest` tells whether this save made it."""

    sequence: int
    saved_at: datetime | None
    is_newest: bool


def milliseconds(moment: datetime) -> int:
    """Since 1970, as a sequence counts."""
    return int(moment.timestamp() * 1000)


def is_over(submission: Submission, now: datetime | None = None) -> bool:
    """Whether an attempt's time and the grace after it have passed."""
    deadline = submission.deadline
    return deadline is not None and (now or timezone.now()) > deadline + GRACE


def start_attempt(user: Any, quiz: Quiz) -> Submission:
    """The student's attempt under way, begun now if there is none.

    Raises NotEnrolled, QuizNotOpen, QuizClosed, NoAttemptsLeft, NotInOrder and QuizBroken.
    """
    with transaction.atomic():
        totals = lock_course(quiz.course_id)
        enrolment = current_enrolment(user, quiz.course_id)
        running = _running(totals, enrolment, quiz)
        if running is not None:
            return running
        _check_may_start(quiz, enrolment)
        submission = _create(quiz, enrolment)
        record_start(submission)
        note_activity(enrolment)
        push_submissions([submission])
    return submission


def save_answer(submission: Submission, question_id: str, given: Given) -> Saved:
    """Keep one answer. An older save never replaces a newer one.

    Raises AttemptEnded, TimeIsUp for an answer given after the deadline or sent too late, and
    NotFound for a question the attempt does not have.
    """
    with transaction.atomic():
        return keep_answer(_relock(submission), question_id, given)


def keep_answer(locked: Submission, question_id: str, given: Given) -> Saved:
    """As `save_answer`, of an attempt that the running transaction has locked."""
    if not locked.is_open:
        raise AttemptEnded
    now = timezone.now()
    _check_in_time(locked, given, now)
    answers = Answer.objects.filter(submission=locked, question_id=question_id)
    is_newest = answers.filter(sequence__lt=given.sequence).update(
        response=given.response, sequence=given.sequence, saved_at=now
    )
    if is_newest:
        push_answers(locked)
        return Saved(given.sequence, now, is_newest=True)
    stored = answers.first()
    if stored is None:
        raise NotFound
    return Saved(stored.sequence, stored.saved_at, is_newest=False)


def save_answers(submission: Submission, given: Mapping[str, Given]) -> Submission:
    """Keep all answers of a form, each unless a newer one is stored. Raises as `save_answer`."""
    with transaction.atomic():
        locked = _relock(submission)
        if not locked.is_open:
            raise AttemptEnded
        now = timezone.now()
        if is_over(locked, now):
            raise TimeIsUp
        answers = Answer.objects.filter(submission=locked, question_id__in=list(given))
        changed = _take(locked, answers, given, now)
        update_rows(Answer, changed, ANSWER_FIELDS)
        if changed:
            push_answers(submission)
    return locked


def check_submission_rate(submission: Submission, given: Mapping[str, Given]) -> None:
    """Raises RateLimitExceeded when the hour's attempts at this quiz are used up.

    Counted in the database, so that no restart forgets them. An attempt that was handed in
    already, or answers that repeat the attempt before, are not counted.
    """
    if submission.number == 1:
        return
    ended = Submission.objects.ended().filter(
        enrolment=submission.enrolment_id, quiz=submission.quiz_id
    )
    recent = ended.filter(ended_at__gt=timezone.now() - HOUR).only("ended_at", "is_repeat")
    free_at = next_submission_at(submission.quiz, recent)
    if free_at is None or is_repeated(submission, given):
        return
    raise RateLimitExceeded(int((free_at - timezone.now()).total_seconds()) + 1)


def next_submission_at(quiz: Quiz, attempts: Iterable[Submission]) -> datetime | None:
    """When a student with these attempts at the quiz may hand in again; None for at once."""
    since = timezone.now() - HOUR
    recent = sorted(
        attempt.ended_at
        for attempt in attempts
        if attempt.ended_at is not None and attempt.ended_at > since and not attempt.is_repeat
    )
    limit = quiz.submissions_per_hour
    return recent[-limit] + HOUR if limit and len(recent) >= limit else None


def submit_attempt(submission: Submission, given: Mapping[str, Given]) -> Submission:
    """Hand in an attempt and grade it. Said again, or too late, it is the result there is.

    Answers given after the deadline are left out.
    """
    with transaction.atomic(savepoint=False):
        totals = lock_course(submission.quiz.course_id)
        locked = _lock(submission)
        if not locked.is_open:
            return locked
        now, answers = timezone.now(), list(locked.answers.all())
        if is_over(locked, now):
            return end_attempt(locked, totals, answers, is_expired=True)
        _take(locked, answers, given, now)
        return end_attempt(locked, totals, answers, is_expired=_is_late(locked, now))


def settle_attempt(submission: Submission) -> Submission:
    """End an attempt whose time is over, with the answers that were saved. Whoever looks first."""
    if not submission.is_open or not is_over(submission):
        return submission
    with transaction.atomic():
        totals = lock_course(submission.quiz.course_id)
        locked = _lock(submission)
        if locked.is_open and is_over(locked):
            answers = list(locked.answers.all())
            return end_attempt(locked, totals, answers, is_expired=True)
    return locked


def settle_overdue(course_id: int, *, limit: int = 200) -> int:
    """End the attempts of a course whose time is over; returns how many there were.

    One query where there is none. Those that wait longest end first, at most `limit` at a time.
    """
    return _settle_all(_overdue().filter(quiz__course=course_id)[:limit])


def settle_all_overdue(*, batch: int = 200) -> int:
    """End the attempts of all courses whose time is over; returns how many there were."""
    return sum(iter(lambda: _settle_all(_overdue()[:batch]), 0))


def deadline_of(quiz: Quiz, enrolment: Enrolment, started_at: datetime) -> datetime | None:
    """min(start + limit x the student's extra time factor, closing time); None without either."""
    ends = [quiz.closes_at] if quiz.closes_at else []
    if quiz.time_limit:
        minutes = float(quiz.time_limit * enrolment.extra_time)
        ends.append(started_at + timedelta(minutes=minutes))
    return min(ends, default=None)


def _overdue() -> QuerySet[Submission]:
    """The open attempts past deadline and grace, with what `settle_attempt` asks about each."""
    late = Submission.objects.open().filter(deadline__lt=timezone.now() - GRACE)
    lean = late.select_related("quiz").only("state", "deadline", "quiz__course_id")
    return lean.order_by("deadline")


def _settle_all(overdue: QuerySet[Submission]) -> int:
    found = list(overdue)
    for submission in found:
        settle_attempt(submission)
    return len(found)


def _running(totals: CourseTotals, enrolment: Enrolment, quiz: Quiz) -> Submission | None:
    running = Submission.objects.open().filter(enrolment=enrolment, quiz=quiz).first()
    if running is None or not is_over(running):
        return running
    locked = _lock(running)
    end_attempt(locked, totals, list(locked.answers.all()), is_expired=True)
    enrolment.refresh_from_db()
    return None


def _check_may_start(quiz: Quiz, enrolment: Enrolment) -> None:
    if not quiz.live or quiz.is_closed:
        raise QuizClosed
    if quiz.is_early:
        raise QuizNotOpen
    begun = Submission.objects.filter(enrolment=enrolment, quiz=quiz).count()
    if quiz.attempts_allowed and begun >= quiz.attempts_allowed:
        raise NoAttemptsLeft
    if is_waiting_for_order(quiz, enrolment):
        raise NotInOrder


def is_waiting_for_order(quiz: Quiz, enrolment: Enrolment) -> bool:
    """Whether the course is taken in order and the quiz's module is not yet next."""
    module = quiz.module
    if module is None or module.archived or not quiz.course.in_order:
        return False
    is_done = Progress.objects.filter(enrolment=enrolment, module=module).exists()
    return not is_done and is_before_its_turn(module, enrolment)


def _create(quiz: Quiz, enrolment: Enrolment) -> Submission:
    version = freeze_quiz(quiz)
    now = timezone.now()
    earlier = Submission.objects.filter(enrolment=enrolment, quiz=quiz).order_by("-number")
    last = earlier.values_list("number", flat=True).first()
    submission = Submission.objects.create(
        enrolment=enrolment,
        quiz=quiz,
        version=version,
        number=(last or 0) + 1,
        started_at=now,
        deadline=deadline_of(quiz, enrolment, now),
        order_seed=secrets.token_hex(8),
    )
    Answer.objects.bulk_create(
        Answer(submission=submission, question_id=question_id)
        for question_id in paper_of(version).answerable
    )
    return submission


def _locking(attempts: QuerySet[Submission]) -> QuerySet[Submission]:
    return attempts.filter(**slots(Submission, "pk")).select_for_update(of=("self",))


_WITH_QUIZ = Prepared(Submission, lambda: _locking(Submission.objects.with_quiz()))
_TO_ANSWER = Prepared(Submission, lambda: _locking(Submission.objects.to_answer()))


def _lock(submission: Submission) -> Submission:
    """The attempt as it is now, held until the transaction ends."""
    return _WITH_QUIZ.get(pk=submission.pk)


def _relock(submission: Submission) -> Submission:
    """As `_lock`, with what saving an answer asks about it."""
    return _TO_ANSWER.get(pk=submission.pk)


def _is_late(submission: Submission, now: datetime) -> bool:
    return submission.deadline is not None and now > submission.deadline


def _check_in_time(submission: Submission, given: Given, now: datetime) -> None:
    if is_over(submission, now) or not _was_in_time(submission, given, now):
        raise TimeIsUp


def _was_in_time(submission: Submission, given: Given, now: datetime) -> bool:
    """Within the grace, what counts is when the answer was given."""
    if not _is_late(submission, now):
        return True
    return submission.deadline is not None and given.sequence <= milliseconds(submission.deadline)


def _take(
    submission: Submission, answers: Iterable[Answer], given: Mapping[str, Given], now: datetime
) -> list[Answer]:
    """Set the responses that changed and are not older than what is stored; returns those.

    A form without script sends the sequence it was shown; the answer in it is newer than that.
    """
    changed = []
    for answer in answers:
        new = given.get(answer.question_id)
        if new is None or new.response == answer.response:
            continue
        if new.sequence < answer.sequence or not _was_in_time(submission, new, now):
            continue
        is_same = new.sequence == answer.sequence
        answer.sequence = max(new.sequence + 1, milliseconds(now)) if is_same else new.sequence
        answer.response, answer.saved_at = new.response, now
        changed.append(answer)
    return changed


def is_repeated(submission: Submission, given: Mapping[str, Given]) -> bool:
    """Whether the answers are those of the attempt before."""
    before = Submission.objects.ended().filter(
        enrolment=submission.enrolment_id, quiz=submission.quiz_id
    )
    last = before.order_by("-number").values_list("digest", flat=True).first()
    responses = dict(submission.answers.values_list("question_id", "response"))
    responses |= {key: value.response for key, value in given.items() if key in responses}
    return last is not None and last == digest_of(responses)
