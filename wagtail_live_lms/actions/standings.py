"""A student's attempts at a quiz summed up, in the transaction that changes an attempt."""

from collections.abc import Sequence
from decimal import ROUND_DOWN, Decimal

from django.db.models import Avg
from django.utils import timezone

from wagtail_live_lms.models import AttemptRule, Enrolment, QuizStanding, Submission

CENT = Decimal("0.01")


def record_start(submission: Submission) -> None:
    """An attempt began: its student is active, and dashboards show it."""
    standing = _standing(submission)
    standing.attempt_count += 1
    _show_last(standing, submission)
    _touch(submission.enrolment, ["last_activity"])


def record_result(submission: Submission, *, is_active: bool) -> QuizStanding:
    """An attempt ended or was graded anew: choose which counts, and sum up.

    `is_active`: the student did it just now, as against the clock or staff.
    """
    standing = _standing(submission)
    counting = _mark_counting(submission)
    standing.percent = _mean([s.percent for s in counting if s.percent is not None])
    standing.passed = (
        standing.percent is not None and standing.percent >= submission.version.pass_mark
    )
    if submission.number >= standing.last_number:
        _show_last(standing, submission)
    else:
        standing.version += 1
        standing.save()
    enrolment = submission.enrolment
    enrolment.quiz_average = _average(enrolment)
    _touch(enrolment, ["quiz_average", *(["last_activity"] if is_active else [])])
    return standing


def _standing(submission: Submission) -> QuizStanding:
    rows = QuizStanding.objects.select_for_update()
    found = rows.filter(enrolment=submission.enrolment_id, quiz=submission.quiz_id).first()
    return found or QuizStanding(enrolment=submission.enrolment, quiz=submission.quiz)


def _show_last(standing: QuizStanding, submission: Submission) -> None:
    standing.last_number = submission.number
    standing.last_state = submission.state
    standing.last_percent = submission.percent
    standing.last_at = submission.ended_at or submission.started_at
    standing.version += 1
    standing.save()


def _mark_counting(submission: Submission) -> list[Submission]:
    """Set `counts` on the attempts whose score counts, and return these."""
    attempts = Submission.objects.filter(enrolment=submission.enrolment_id, quiz=submission.quiz_id)
    graded = list(attempts.graded().order_by("number"))
    counting = choose_counting(graded, submission.quiz.attempt_rule)
    right = {attempt.pk for attempt in counting}
    wrong = [a.pk for a in graded if a.counts != (a.pk in right)]
    if wrong:
        attempts.filter(pk__in=wrong).exclude(pk__in=right).update(counts=False)
        attempts.filter(pk__in=right).update(counts=True)
    submission.counts = submission.pk in right
    return counting


def choose_counting(graded: Sequence[Submission], rule: str) -> list[Submission]:
    """Which of the graded attempts, in the order they were made, count under the rule."""
    if not graded or rule == AttemptRule.AVERAGE:
        return list(graded)
    if rule == AttemptRule.FIRST:
        return [graded[0]]
    if rule == AttemptRule.LAST:
        return [graded[-1]]
    return [max(graded, key=lambda attempt: attempt.percent or Decimal(0))]


def _mean(percents: list[Decimal]) -> Decimal | None:
    if not percents:
        return None
    return (sum(percents, Decimal(0)) / len(percents)).quantize(CENT, ROUND_DOWN)


def _average(enrolment: Enrolment) -> Decimal | None:
    standings = QuizStanding.objects.filter(enrolment=enrolment, percent__isnull=False)
    average = standings.aggregate(average=Avg("percent"))["average"]
    return None if average is None else Decimal(str(average)).quantize(CENT, ROUND_DOWN)


def _touch(enrolment: Enrolment, fields: list[str]) -> None:
    if "last_activity" in fields:
        enrolment.last_activity = timezone.now()
    enrolment.version += 1
    enrolment.save(update_fields=[*fields, "version"])
