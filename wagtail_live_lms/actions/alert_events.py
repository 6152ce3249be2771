"""What students do opens and clears alerts, in the transaction that records it.

A completion asks one query; a hand-in two at most, unless there is an alert to open or clear.
"""

from dataclasses import dataclass, field
from typing import Any, NamedTuple

from django.db import transaction
from django.db.models import F, FilteredRelation, Q
from django.utils import timezone

from wagtail_live_lms.models import (
    Alert,
    AlertKind,
    AlertState,
    Cause,
    Course,
    CourseTotals,
    Enrolment,
    Quiz,
    QuizStanding,
    Submission,
)
from wagtail_live_lms.prepared import PreparedValues, Slot, slots

from .alert_causes import find_failing, find_hard_questions_of
from .alerts import clear_alerts, open_alerts, thresholds, update_alerts
from .summaries import lock_course

ENDED_BY_ACTIVITY = (AlertKind.INACTIVE, AlertKind.STUCK)

LOOKS = 100
"""Into so many parts a class is cut: its questions are looked at again when one more has handed
in, for an average moves no faster. A small class is looked at with every hand-in."""


CURRENT = [AlertState.OPEN, AlertState.ACKNOWLEDGED, AlertState.SNOOZED]
RULE = ("alert_rules__kind", "alert_rules__is_on", "alert_rules__threshold")
NOTED = ("noted__pk", "noted__kind", "noted__key", "noted__data")


class Known(NamedTuple):
    """An alert that is there."""

    pk: int
    kind: str
    key: str
    data: dict[str, Any]


@dataclass(slots=True)
class Watch:
    """What a course is alerted to, and the alerts there are of a student and a quiz."""

    thresholds: dict[str, int | None]
    alerts: list[Known] = field(default_factory=list)

    def of(self, *kinds: str) -> dict[str, Known]:
        """The alerts of these kinds, by key."""
        return {alert.key: alert for alert in self.alerts if alert.kind in kinds}


def note_activity(enrolment: Enrolment) -> None:
    """The student did or completed something: they are neither silent nor stuck."""
    found = Alert.objects.current().filter(enrolment=enrolment, kind__in=ENDED_BY_ACTIVITY)
    ids = list(found.values_list("pk", flat=True))
    if ids:
        clear_alerts(enrolment.course_id, ids)


def note_departure(enrolment: Enrolment) -> None:
    """The student has left the course: nothing of theirs is to be looked at."""
    found = Alert.objects.current().filter(enrolment=enrolment)
    ids = list(found.values_list("pk", flat=True))
    if ids:
        clear_alerts(enrolment.course_id, ids)


def note_result(
    submission: Submission, standing: QuizStanding, totals: CourseTotals, *, is_active: bool
) -> None:
    """An attempt ended or was graded. `is_active`: the student did it just now."""
    watch = _watch(totals.course_id, submission.enrolment_id, submission.quiz_id)
    over = watch.of(*ENDED_BY_ACTIVITY).values() if is_active else ()
    if over:
        clear_alerts(totals.course_id, [alert.pk for alert in over])
    _settle_failing(watch, standing, totals.course_id)
    if submission.is_graded and _is_due(submission, totals):
        _settle_questions(watch, submission.quiz_id, totals.course_id)


def note_refusal(submission: Submission) -> None:
    """A hand-in was refused because it came too soon after another."""
    course_id = submission.quiz.course_id
    with transaction.atomic():
        lock_course(course_id)
        mine = QuizStanding.objects.filter(
            enrolment=submission.enrolment_id, quiz=submission.quiz_id
        )
        mine.update(refused_count=F("refused_count") + 1, version=F("version") + 1)
        watch = _watch(course_id, submission.enrolment_id, submission.quiz_id)
        _settle_failing(watch, mine.get(), course_id)


def _noted() -> Any:
    """The rules of a course, and beside them the alerts of a student and of a quiz."""
    enrolment, quiz = Slot("enrolment", Enrolment._meta.pk), Slot("quiz", Quiz._meta.pk)
    current = Q(alerts__state__in=CURRENT)
    mine = Q(alerts__enrolment=enrolment) & (
        Q(alerts__quiz=quiz) | Q(alerts__kind__in=ENDED_BY_ACTIVITY)
    )
    of_class = Q(alerts__enrolment=None, alerts__quiz=quiz)
    noted = FilteredRelation("alerts", condition=current & (mine | of_class))
    rows = Course.objects.filter(**slots(Course, "pk")).annotate(noted=noted)
    return rows.order_by().values_list(*RULE, *NOTED)


_NOTED = PreparedValues(Course, _noted)


def _watch(course_id: int, enrolment_id: int, quiz_id: int) -> Watch:
    """The rules, and the alerts of the student and of the quiz's questions, in one query."""
    rules: dict[str, tuple[bool, int | None]] = {}
    alerts: dict[int, Known] = {}
    rows = _NOTED.all(pk=course_id, enrolment=enrolment_id, quiz=quiz_id)
    for rule, is_on, threshold, *alert in rows:
        if rule is not None:
            rules[rule] = (is_on, threshold)
        if alert[0] is not None:
            alerts[alert[0]] = Known(*alert)
    return Watch(thresholds(rules), list(alerts.values()))


def _settle_failing(watch: Watch, standing: QuizStanding, course_id: int) -> None:
    k = watch.thresholds.get(AlertKind.FAILED_QUIZ)
    known = watch.of(AlertKind.FAILED_QUIZ)
    tried = standing.attempt_count + standing.refused_count
    causes: list[Cause] = []
    if k is not None and not standing.passed and tried >= k:
        causes = list(find_failing(course_id, k, timezone.now(), only=standing))
    _settle(course_id, AlertKind.FAILED_QUIZ, known, causes)


def _settle_questions(watch: Watch, quiz_id: int, course_id: int) -> None:
    percent = watch.thresholds.get(AlertKind.HARD_QUESTION)
    known = watch.of(AlertKind.HARD_QUESTION)
    causes: list[Cause] = []
    if percent is not None:
        causes = list(find_hard_questions_of(quiz_id, percent, timezone.now()))
    _settle(course_id, AlertKind.HARD_QUESTION, known, causes)


def _settle(course_id: int, kind: str, known: dict[str, Known], causes: list[Cause]) -> None:
    """Make the alerts that are known what the causes say."""
    keys = {cause.key for cause in causes}
    gone = [alert.pk for key, alert in known.items() if key not in keys]
    if gone:
        clear_alerts(course_id, gone)
    said = {known[cause.key].pk: cause.data for cause in causes if _is_news(known, cause)}
    if said:
        update_alerts(course_id, said)
    fresh = [(kind, cause) for cause in causes if cause.key not in known]
    if fresh:
        open_alerts(course_id, fresh)


def _is_news(known: dict[str, Known], cause: Cause) -> bool:
    return cause.key in known and known[cause.key].data != cause.data


def _is_due(submission: Submission, totals: CourseTotals) -> bool:
    """In a large class, one hand-in of many looks at the questions."""
    return submission.pk % max(1, totals.student_count // LOOKS) == 0
