"""A student's attempts at a quiz summed up, in the transaction that changes an attempt."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal

from django.db.models import Avg, QuerySet
from django.utils import timezone

from wagtail_live_lms.models import AttemptRule, QuizStanding, Submission
from wagtail_live_lms.prepared import Prepared, slots

CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Sum:
    """What a student's graded attempts come to; without any, no percentage."""

    counting: frozenset[int] = frozenset()
    percent: Decimal | None = None
    passed: bool = False


def _of_student() -> QuerySet[QuizStanding]:
    rows = QuizStanding.objects.select_for_update().filter(**slots(QuizStanding, "enrolment"))
    return rows.order_by("pk")


_STANDINGS = Prepared(QuizStanding, _of_student)


def record_start(submission: Submission) -> None:
    """An attempt began: its student is active, and dashboards show it."""
    standing, _ = _standings(submission)
    standing.attempt_count += 1
    _show_last(standing, submission)
    enrolment = submission.enrolment
    enrolment.last_activity = timezone.now()
    enrolment.version += 1
    enrolment.save(update_fields=["last_activity", "version"])


def record_result(submission: Submission) -> QuizStanding:
    """An attempt ended or was graded anew: choose which counts, and sum up.

    Sets `counts` on the attempt and the average on its enrolment; the caller saves both.
    """
    standing, others = _standings(submission)
    total = _mark_counting(submission, standing)
    standing.percent, standing.passed = total.percent, total.passed
    if submission.number >= standing.last_number:
        _show_last(standing, submission)
    else:
        standing.version += 1
        standing.save()
    percents = [row.percent for row in (standing, *others) if row.percent is not None]
    submission.enrolment.quiz_average = _mean(percents)
    return standing


def _standings(submission: Submission) -> tuple[QuizStanding, list[QuizStanding]]:
    """The student's standing in the attempt's quiz, and those in other quizzes."""
    rows = _STANDINGS.all(enrolment=submission.enrolment_id)
    found = {row.quiz_id: row for row in rows}
    own = found.pop(submission.quiz_id, None)
    fresh = QuizStanding(enrolment=submission.enrolment, quiz=submission.quiz)
    return own or fresh, list(found.values())


def _show_last(standing: QuizStanding, submission: Submission) -> None:
    standing.last_number = submission.number
    standing.last_state = submission.state
    standing.last_percent = submission.percent
    standing.last_at = submission.ended_at or submission.started_at
    standing.version += 1
    standing.save()


def _mark_counting(submission: Submission, standing: QuizStanding) -> Sum:
    """Set `counts` on the attempts whose score counts, and sum up. One attempt needs no query."""
    others: list[Submission] = []
    if standing.attempt_count > 1:
        attempts = Submission.objects.filter(
            enrolment=submission.enrolment_id, quiz=submission.quiz_id
        )
        others = list(graded_attempts(attempts.exclude(pk=submission.pk)))
    graded = sorted([*others, *([submission] if submission.is_graded else [])], key=_number)
    total = sum_up(graded, submission.quiz.attempt_rule)
    wrong = [attempt.pk for attempt in others if attempt.counts != (attempt.pk in total.counting)]
    for counts in (False, True) if wrong else ():
        ids = [pk for pk in wrong if (pk in total.counting) == counts]
        Submission.objects.filter(pk__in=ids).update(counts=counts)
    submission.counts = submission.pk in total.counting
    return total


def _number(attempt: Submission) -> int:
    return attempt.number


def graded_attempts(attempts: QuerySet[Submission]) -> QuerySet[Submission]:
    """Those with a score, in the order they were made, with what `sum_up` needs."""
    graded = attempts.graded().select_related("version", "graded_version")  # type: ignore[attr-defined]
    without_content = graded.defer("version__content", "graded_version__content")
    return without_content.order_by("number")


def sum_up(graded: Sequence[Submission], rule: str) -> Sum:
    """The attempts that count under the rule, their score, and whether it is a pass.

    Each attempt was judged by the pass mark of its time; an average, by the last one's.
    """
    if not graded:
        return Sum()
    counting = choose_counting(graded, rule)
    percent = mean_percent(counting) or Decimal(0)
    passed = bool(counting[0].passed)
    if rule == AttemptRule.BEST:
        passed = any(attempt.passed for attempt in graded)
    elif rule == AttemptRule.AVERAGE:
        passed = percent >= (graded[-1].graded_version or graded[-1].version).pass_mark
    return Sum(frozenset(attempt.pk for attempt in counting), percent, passed)


def choose_counting(graded: Sequence[Submission], rule: str) -> list[Submission]:
    """Which of the graded attempts, in the order they were made, count under the rule."""
    if not graded or rule == AttemptRule.AVERAGE:
        return list(graded)
    if rule == AttemptRule.FIRST:
        return [graded[0]]
    if rule == AttemptRule.LAST:
        return [graded[-1]]
    return [max(graded, key=lambda attempt: attempt.percent or Decimal(0))]


def mean_percent(counting: Sequence[Submission]) -> Decimal | None:
    """The mean score of these attempts, rounded down to 0.01; None without any."""
    return _mean([attempt.percent or Decimal(0) for attempt in counting])


def _mean(percents: Sequence[Decimal]) -> Decimal | None:
    if not percents:
        return None
    return rounded_down(sum(percents, Decimal(0)) / len(percents))


def rounded_down(value: float | Decimal | None) -> Decimal | None:
    """A percentage to 0.01, rounded down so that 100 means all; None stays None."""
    return None if value is None else Decimal(str(value)).quantize(CENT, ROUND_DOWN)


def average_of(enrolment_id: int) -> Decimal | None:
    """Mean of the scores that count, over the student's quizzes; None without any."""
    standings = QuizStanding.objects.filter(enrolment=enrolment_id, percent__isnull=False)
    return rounded_down(standings.aggregate(average=Avg("percent"))["average"])
