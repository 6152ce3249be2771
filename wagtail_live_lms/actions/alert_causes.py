"""Where alerts come from: the kinds we bring, and how their causes are found in a course."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.db.models import Count, Exists, F, FloatField, Max, OuterRef, Q, Subquery, Sum
from django.db.models.functions import Cast, Coalesce, Greatest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from wagtail_live_lms.grading import MINIMUM_N
from wagtail_live_lms.models import (
    NEVER,
    AlertKind,
    Answer,
    Cause,
    Course,
    Enrolment,
    NotebookProgress,
    Progress,
    Quiz,
    QuizStanding,
    QuizVersion,
    Submission,
    SubmissionState,
    alert_kinds,
    paper_of,
    title_of,
)
from wagtail_live_lms.prepared import PreparedValues, Slot

AT_MOST = 1000
"""Causes of a kind that are looked at in a course, those of late first: people read them."""

LATELY = timedelta(days=1)
"""How long somebody who got nowhere counts as stuck; later they are only inactive."""

FAILED = Q(passed=False) | Q(passed=None, is_expired=True)
"""Attempts that ended without a pass, or were refused because their time was over."""

GRADED = (SubmissionState.GRADED, SubmissionState.POSTED)


class Trace(NamedTuple):
    """What a student did last on a module that they have not completed since."""

    at: datetime
    enrolment_id: int
    module_id: int
    title: str


def find_inactive(course_id: int, days: int, now: datetime) -> Iterator[Cause]:
    """Students who have not finished and did nothing for so many days since they joined."""
    limit = now - timedelta(days=days)
    students = Enrolment.objects.current().filter(course=course_id, percent__lt=100)
    silent = students.filter(last_activity__lte=limit, enrolled_at__lte=limit)
    rows = silent.order_by("-last_activity", "-pk").values_list(
        "pk", "last_activity", "enrolled_at"
    )
    for pk, acted_at, enrolled_at in rows[:AT_MOST]:
        since = acted_at if acted_at > NEVER else enrolled_at
        yield Cause(f"enrolment:{pk}", pk, since=since, data={"threshold": days})


def find_stuck(course_id: int, minutes: int, now: datetime) -> Iterator[Cause]:
    """Students who were busy with a module of late, and have completed nothing since.

    Busy is: a quiz begun, answered or not passed, or cells of a notebook passed. What a student
    did last counts.
    """
    latest: dict[int, Trace] = {}
    for trace in sorted(_traces(course_id, now - LATELY)):
        latest[trace.enrolment_id] = trace
    limit = now - timedelta(minutes=minutes)
    for trace in sorted(latest.values(), reverse=True)[:AT_MOST]:
        if trace.at <= limit:
            yield Cause(
                f"enrolment:{trace.enrolment_id}:module:{trace.module_id}",
                trace.enrolment_id,
                trace.module_id,
                since=trace.at,
                data={"title": trace.title, "threshold": minutes},
            )


def find_failing(
    course_id: int, k: int, now: datetime, *, only: QuizStanding | None = None
) -> Iterator[Cause]:
    """Students with so many failed or refused submissions of a quiz that they have not passed."""
    standings = QuizStanding.objects.filter(
        quiz__course=course_id, passed=False, enrolment__withdrawn_at=None
    )
    if only is not None:
        standings = standings.filter(pk=only.pk)
    attempts = Submission.objects.ended().filter(
        FAILED, enrolment=OuterRef("enrolment"), quiz=OuterRef("quiz")
    )
    failed = attempts.order_by().values("enrolment").annotate(n=Count("pk")).values("n")
    tried = standings.filter(attempt_count__gte=k - F("refused_count"))
    counted = tried.annotate(failures=Coalesce(Subquery(failed), 0) + F("refused_count"))
    rows = (
        counted.filter(failures__gte=k)
        .order_by("-last_at")
        .values_list("enrolment", "quiz", "quiz__module", "quiz__title", "failures", "last_at")
    )
    for enrolment_id, quiz_id, module_id, title, failures, at in rows[:AT_MOST]:
        yield Cause(
            f"enrolment:{enrolment_id}:quiz:{quiz_id}",
            enrolment_id,
            module_id,
            quiz_id,
            since=at,
            data={"title": title, "count": failures, "threshold": k},
        )


def find_hard_questions(course_id: int, percent: int, now: datetime) -> Iterator[Cause]:
    """Questions of which the class got less than this share of the points, on average.

    Over the attempts that count, from MINIMUM_N on; only what is still asked.
    """
    rows = _HARD_IN_COURSE.all(course=course_id, share=percent / 100)
    yield from _questions(rows, percent, now)


def find_hard_questions_of(quiz_id: int, percent: int, now: datetime) -> Iterator[Cause]:
    """The same of one quiz."""
    yield from _questions(_HARD_IN_QUIZ.all(quiz=quiz_id, share=percent / 100), percent, now)


def _hard(**of: Slot) -> Any:
    sums = (
        Answer.objects.filter(**of, submission__counts=True)
        .order_by()
        .values("submission__quiz", "question_id")
        .annotate(
            n=Count("pk"),
            got=Sum(Cast("points", FloatField())),
            most=Sum(Cast("maximum", FloatField())),
        )
    )
    share = Slot("share", FloatField())
    hard = sums.filter(n__gte=MINIMUM_N, most__gt=0, got__lt=F("most") * share)
    return hard.values_list("submission__quiz", "question_id", "n", "got", "most")[:AT_MOST]


_HARD_IN_COURSE = PreparedValues(
    Answer, lambda: _hard(submission__quiz__course=Slot("course", Course._meta.pk))
)
_HARD_IN_QUIZ = PreparedValues(Answer, lambda: _hard(submission__quiz=Slot("quiz", Quiz._meta.pk)))


def _questions(rows: Sequence[Sequence[Any]], percent: int, now: datetime) -> Iterator[Cause]:
    versions = _latest_versions({quiz_id for quiz_id, *_ in rows})
    for quiz_id, question_id, n, points, maximum in rows:
        version = versions.get(quiz_id)
        question = paper_of(version).answerable.get(question_id) if version else None
        if version is None or question is None or question.void:
            continue
        got = {"title": title_of(question), "quiz": version.quiz.title}
        yield Cause(
            f"quiz:{quiz_id}:question:{question_id}",
            module_id=version.quiz.module_id,
            quiz_id=quiz_id,
            question_id=question_id,
            since=now,
            data=got | {"percent": int(100 * points / maximum), "count": n, "threshold": percent},
        )


def _latest_versions(quiz_ids: Iterable[int]) -> dict[int, QuizVersion]:
    """The questions as students got them last."""
    wanted = list(quiz_ids)
    if not wanted:
        return {}
    newer = QuizVersion.objects.filter(quiz=OuterRef("quiz"), number__gt=OuterRef("number"))
    latest = QuizVersion.objects.filter(~Exists(newer), quiz__in=wanted, quiz__live=True)
    return {version.quiz_id: version for version in latest.select_related("quiz")}


def _traces(course_id: int, since: datetime) -> Iterator[Trace]:
    saved = Answer.objects.filter(submission=OuterRef("pk")).order_by().values("submission")
    saved = saved.annotate(at=Max("saved_at"))
    yield from _read_traces(
        QuizStanding.objects.filter(
            enrolment__course=course_id, passed=False, last_state__in=GRADED, quiz__live=True
        ),
        F("last_at"),
        "quiz__module",
        since,
    )
    yield from _read_traces(
        Submission.objects.open().filter(enrolment__course=course_id, quiz__live=True),
        Greatest(F("started_at"), Coalesce(Subquery(saved.values("at")), F("started_at"))),
        "quiz__module",
        since,
    )
    yield from _read_traces(
        NotebookProgress.objects.filter(enrolment__course=course_id),
        F("updated_at"),
        "module",
        since,
    )


def _read_traces(rows: Any, at: Any, module: str, since: datetime) -> Iterator[Trace]:
    """Those of current students at modules that count, without a completion that came later."""
    taught = {f"{module}__archived": False, "enrolment__withdrawn_at": None}
    traces = rows.filter(**taught).annotate(at=at).filter(at__gte=since)
    later = Q(completed_at__gte=OuterRef("at")) | Q(module=OuterRef(module))
    progressed = Progress.objects.filter(later, enrolment=OuterRef("enrolment"))
    found = traces.filter(~Exists(progressed)).order_by("-at")
    for values in found.values_list("at", "enrolment", module, f"{module}__title"):
        yield Trace(*values)


alert_kinds.register(
    AlertKind.HELP,
    label=AlertKind.HELP.label,
    sentence=_("Asks for help with “%(title)s”."),
)
alert_kinds.register(
    AlertKind.STUCK,
    label=AlertKind.STUCK.label,
    sentence=ngettext_lazy(
        "No progress with “%(title)s” for %(threshold)d minute or more.",
        "No progress with “%(title)s” for %(threshold)d minutes or more.",
        "threshold",
    ),
    measure=_("minutes without progress after work on a module"),
    threshold=20,
    maximum=720,
    find=find_stuck,
)
alert_kinds.register(
    AlertKind.FAILED_QUIZ,
    label=AlertKind.FAILED_QUIZ.label,
    sentence=ngettext_lazy(
        "%(count)d failed or refused submission of “%(title)s”.",
        "%(count)d failed or refused submissions of “%(title)s”.",
        "count",
    ),
    measure=_("failed or refused submissions of one quiz"),
    threshold=3,
    maximum=100,
    find=find_failing,
    is_timed=False,
)
alert_kinds.register(
    AlertKind.HARD_QUESTION,
    label=AlertKind.HARD_QUESTION.label,
    sentence=_("The class got %(percent)d %% of the points of “%(title)s” in “%(quiz)s”."),
    measure=_("per cent of the points that a class should get at least"),
    threshold=30,
    maximum=100,
    find=find_hard_questions,
    is_timed=False,
)
alert_kinds.register(
    AlertKind.INACTIVE,
    label=AlertKind.INACTIVE.label,
    sentence=ngettext_lazy(
        "Has done nothing for %(threshold)d day or more.",
        "Has done nothing for %(threshold)d days or more.",
        "threshold",
    ),
    measure=_("days without activity"),
    threshold=7,
    maximum=365,
    find=find_inactive,
)
