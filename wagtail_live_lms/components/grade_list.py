"""The attempts at a quiz whose grades wait to be given or posted, and those that are posted."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from django.db.models import Count, Q
from django.utils.translation import gettext_lazy

from wagtail_live_lms import actions
from wagtail_live_lms.models import Answer, Outcome, Quiz, Submission, SubmissionState

from .grading_desk import lot, read_queue
from .item_figures import latest_paper
from .paging import Page, read_page_of

GradeShow = Literal["waiting", "posted"]

SHOW_LABELS = {"waiting": gettext_lazy("Not posted"), "posted": gettext_lazy("Posted")}

STATE_LABELS = {
    "waiting": gettext_lazy("To be graded"),
    "begun": gettext_lazy("Partly graded"),
    "ready": gettext_lazy("Ready to post"),
    "changed": gettext_lazy("Changed, ready to post"),
    "held": gettext_lazy("Being posted"),
    "posted": gettext_lazy("Posted"),
}

PILLS = {"ready": "finished", "changed": "finished", "posted": "submitted"}
"""How a state looks, where not like one that waits."""


@dataclass(frozen=True, slots=True)
class GradeRow:
    """One attempt in the list, with its answers."""

    attempt: Submission
    answers: Sequence[Answer] = ()

    @property
    def by_hand(self) -> list[Answer]:
        """Those that a person grades or graded."""
        return [
            answer
            for answer in self.answers
            if answer.outcome == Outcome.PENDING or answer.is_draft or answer.is_graded_by_hand
        ]

    @property
    def graded(self) -> int:
        return sum(not answer.is_undecided for answer in self.by_hand)

    @property
    def state(self) -> str:
        """A key of `STATE_LABELS`."""
        if self.attempt.is_being_posted:
            return "held"
        if self.attempt.is_waiting:
            return "begun" if any(answer.is_draft for answer in self.answers) else "waiting"
        if self.attempt.is_to_post:
            return "ready"
        return "changed" if any(answer.is_draft for answer in self.answers) else "posted"

    @property
    def state_label(self) -> str:
        return str(STATE_LABELS[self.state])

    @property
    def pill(self) -> str:
        return PILLS.get(self.state, "waiting")

    @property
    def can_be_posted(self) -> bool:
        return self.state in ("ready", "changed")

    @property
    def has_points(self) -> bool:
        """Whether all its answers have points."""
        return not self.attempt.is_waiting

    @property
    def points(self) -> Decimal:
        """All points so far, posted or not."""
        return sum(
            (actions.given_points(answer) or Decimal(0) for answer in self.answers), Decimal(0)
        )

    @property
    def answer_id(self) -> int | None:
        """The answer to open: the first that nobody has graded, or the first for a person."""
        undecided = (answer for answer in self.by_hand if answer.is_undecided)
        found = next(undecided, None) or next(iter(self.by_hand), None)
        return found.pk if found else None


@dataclass(frozen=True, slots=True)
class GradeSelection:
    """Which attempts of a quiz, and which page of them."""

    quiz_id: int
    q: str = ""
    show: GradeShow = "waiting"
    page: int = 1


@dataclass(frozen=True, slots=True)
class GradeFigures:
    """How far the grading of a quiz is: attempts by what is still to be done with them."""

    waiting: int
    ready: int
    held: int
    posted: int

    @property
    def total(self) -> int:
        return self.waiting + self.ready + self.held + self.posted


def read_grades(selection: GradeSelection) -> Page[GradeRow]:
    """A page of the list; the number of queries does not depend on the attempts."""
    attempts = Submission.objects.filter(quiz=selection.quiz_id)
    if selection.q:
        attempts = attempts.filter(enrolment__display_name__icontains=selection.q)
    if selection.show == "posted":
        posted = attempts.graded().order_by("-ended_at", "-pk").values_list("pk", flat=True)
        return read_page_of(posted, selection.page, posted.count(), _read_in_order)
    ids = _by_lot(selection.quiz_id, attempts.unposted().values_list("pk", "order_seed"))
    return read_page_of(ids, selection.page, len(ids), _read_in_order)


def read_grade_rows(ids: Iterable[int]) -> dict[int, GradeRow]:
    """Rows by attempt, in two queries."""
    attempts = Submission.objects.filter(pk__in=list(ids)).select_related("enrolment", "posting")
    answers = defaultdict(list)
    for answer in Answer.objects.filter(submission__in=attempts).defer("response").order_by("pk"):
        answers[answer.submission_id].append(answer)
    return {attempt.pk: GradeRow(attempt, answers[attempt.pk]) for attempt in attempts}


def read_grade_figures(quiz_id: int) -> GradeFigures:
    """The figures above the list, in one query."""
    held = Q(posting__isnull=False, posting__released_at=None)
    ended = Submission.objects.ended().filter(quiz=quiz_id)
    waiting = Q(state__in=[SubmissionState.SUBMITTED, SubmissionState.EXPIRED])
    drafts = Q(pk__in=Answer.objects.filter(drafted_at__isnull=False).values("submission"))
    counted = ended.aggregate(
        total=Count("pk"),
        waiting=Count("pk", filter=waiting),
        held=Count("pk", filter=held),
        ready=Count("pk", filter=~waiting & ~held & (Q(score=None) | drafts)),
    )
    posted = counted["total"] - counted["waiting"] - counted["held"] - counted["ready"]
    return GradeFigures(counted["waiting"], counted["ready"], counted["held"], posted)


def count_unposted(course_id: int) -> list[tuple[Quiz, int]]:
    """The course's quizzes with attempts, and how many of these are not posted, by title."""
    attempts = Submission.objects.unposted().filter(quiz__course=course_id).order_by()
    counts = dict(attempts.values_list("quiz").annotate(count=Count("pk")))
    begun = Quiz.objects.filter(course=course_id, submissions__isnull=False).distinct()
    return [(quiz, counts.get(quiz.pk, 0)) for quiz in begun.defer("questions", "introduction")]


def _read_in_order(ids: Sequence[int]) -> list[GradeRow]:
    found = read_grade_rows(ids)
    return [found[pk] for pk in ids if pk in found]


def _by_lot(quiz_id: int, attempts: Iterable[tuple[int, str]]) -> list[int]:
    """Those with an answer that nobody graded first, in the order in which they are graded."""
    paper = latest_paper(quiz_id)
    queue = read_queue(quiz_id, paper) if paper else []
    places: dict[int, int] = {}
    for place, queued in enumerate(queue):
        if not queued.is_draft:
            places.setdefault(queued.submission_id, place)
    last = len(queue)
    ordered = sorted((places.get(pk, last), lot("", seed), pk) for pk, seed in attempts)
    return [pk for _, _, pk in ordered]
