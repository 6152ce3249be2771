"""The attempts at one quiz as those who teach it see them: a window, searched and filtered."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Literal

from django.db.models import Avg, Count, Q, QuerySet, Sum
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from wagtail_live_lms.models import QuizStanding, Submission, SubmissionState

from .paging import Page, read_page_of

AttemptSort = Literal["-started", "started", "name", "-name", "percent", "-percent"]
AttemptShow = Literal["all", "open", "waiting", "passed", "failed"]

SORT_FIELDS = {
    "started": ("pk",),
    "name": ("enrolment__display_name", "pk"),
    "percent": ("percent", "pk"),
}

SHOW_LABELS = {
    "all": gettext_lazy("All attempts"),
    "open": gettext_lazy("In progress"),
    "waiting": gettext_lazy("Waiting to be graded"),
    "passed": gettext_lazy("Passed"),
    "failed": gettext_lazy("Not passed"),
}

STATE_LABELS = {
    "in_progress": gettext_lazy("In progress"),
    "waiting": gettext_lazy("To be graded"),
    "to_post": gettext_lazy("To be posted"),
    "finished": gettext_lazy("Passed"),
    "failed": gettext_lazy("Not passed"),
}

WAITING = [SubmissionState.SUBMITTED, SubmissionState.EXPIRED]


@dataclass(frozen=True, slots=True)
class AttemptRow:
    """One attempt in a table."""

    attempt: Submission

    @property
    def state(self) -> str:
        """`in_progress`, `waiting`, `to_post`, `finished` (passed) or `failed`."""
        if self.attempt.is_open:
            return "in_progress"
        if self.attempt.is_waiting:
            return "waiting"
        if self.attempt.is_to_post:
            return "to_post"
        return "finished" if self.attempt.passed else "failed"

    @property
    def state_label(self) -> str:
        return str(STATE_LABELS[self.state])

    @property
    def time_used(self) -> str:
        """From the start to the end, in words; empty while it goes on."""
        ended = self.attempt.ended_at
        return duration_text(ended - self.attempt.started_at) if ended else ""


def duration_text(duration: timedelta) -> str:
    """A time in at most two units, rounded down."""
    seconds = max(0, int(duration.total_seconds()))
    hours, minutes = seconds // 3600, seconds // 60
    if hours:
        return _("%(hours)d h %(minutes)d min") % {"hours": hours, "minutes": minutes % 60}
    if minutes:
        return _("%(minutes)d min %(seconds)d s") % {"minutes": minutes, "seconds": seconds % 60}
    return _("%(seconds)d s") % {"seconds": seconds}


@dataclass(frozen=True, slots=True)
class AttemptSelection:
    """Which attempts, in which order."""

    quiz_id: int
    q: str = ""
    sort: AttemptSort = "-started"
    show: AttemptShow = "all"
    page: int = 1

    @property
    def is_everything(self) -> bool:
        return not self.q and self.show == "all"

    @property
    def shows_the_newest(self) -> bool:
        """Whether an attempt that begins now belongs at the top."""
        return self.is_everything and self.sort == "-started" and self.page == 1

    def matching(self) -> QuerySet[Submission]:
        """The attempts, in order, with their students."""
        attempts = Submission.objects.filter(quiz=self.quiz_id).select_related("enrolment")
        if self.q:
            attempts = attempts.filter(enrolment__display_name__icontains=self.q)
        match self.show:
            case "open":
                attempts = attempts.filter(state=SubmissionState.OPEN)
            case "waiting":
                attempts = attempts.filter(state__in=WAITING)
            case "passed":
                attempts = attempts.filter(passed=True)
            case "failed":
                attempts = attempts.filter(passed=False)
        sign = "-" if self.sort.startswith("-") else ""
        return attempts.order_by(*(sign + name for name in SORT_FIELDS[self.sort.lstrip("-")]))


def read_attempts(selection: AttemptSelection) -> Page[AttemptRow]:
    """The rows of the page, in two queries; a number past the end gives the last page."""
    attempts = selection.matching()
    return read_page_of(
        attempts, selection.page, attempts.count(), lambda found: list(map(AttemptRow, found))
    )


def read_rows(ids: Iterable[int]) -> dict[int, AttemptRow]:
    """Rows by attempt, in one query."""
    attempts = Submission.objects.select_related("enrolment").filter(pk__in=list(ids))
    return {attempt.pk: AttemptRow(attempt) for attempt in attempts}


@dataclass(frozen=True, slots=True)
class QuizFigures:
    """The line above the table: counts, and what counts of the results, in per cent."""

    attempts: int
    students: int
    average: Decimal | None
    pass_rate: int | None
    in_progress: int
    waiting: int


def read_quiz_figures(quiz_id: int) -> QuizFigures:
    """The summary, from the standings and the attempts that wait, in two queries."""
    summed = QuizStanding.objects.filter(quiz=quiz_id).aggregate(
        attempts=Sum("attempt_count"),
        students=Count("pk"),
        average=Avg("percent"),
        graded=Count("pk", filter=Q(percent__isnull=False)),
        passed=Count("pk", filter=Q(passed=True)),
        in_progress=Count("pk", filter=Q(last_state=SubmissionState.OPEN)),
    )
    graded, average = summed["graded"], summed["average"]
    return QuizFigures(
        summed["attempts"] or 0,
        summed["students"],
        None if average is None else Decimal(str(average)),
        100 * summed["passed"] // graded if graded else None,
        summed["in_progress"],
        Submission.objects.filter(quiz=quiz_id, state__in=WAITING).count(),
    )
