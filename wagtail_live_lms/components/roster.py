"""The instructor's view of a roster: a window of it, searched, filtered and sorted."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from operator import getitem
from typing import Any, Literal

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext_lazy as _

from wagtail_live_lms.models import (
    CourseTotals,
    Enrolment,
    Module,
    Progress,
    Quiz,
    QuizStanding,
)

from .paging import Page, read_page_of

Sort = Literal["name", "-name", "progress", "-progress", "activity", "-activity"]
Show = Literal["all", "active", "unfinished", "finished", "not_started"]

SORT_FIELDS = {"name": (), "progress": ("percent",), "activity": ("last_activity",)}

SHOW_LABELS = {
    "all": _("All students"),
    "active": _("Active now"),
    "unfinished": _("In progress"),
    "finished": _("Finished"),
    "not_started": _("Not started"),
}

VIEW_LABELS = {"table": _("Table"), "matrix": _("Modules"), "quizzes": _("Quizzes")}


UNREAD = ("quiz__questions", "quiz__introduction")
"""What of a quiz no row shows, and is large."""


@dataclass(frozen=True, slots=True)
class RosterRecord:
    """A student's row, with the ids of the modules they completed, archived ones too, and with
    how they stand in each quiz they began."""

    enrolment: Enrolment
    done: Collection[int] = frozenset()
    standings: Mapping[int, QuizStanding] = field(default_factory=dict)

    @property
    def latest(self) -> QuizStanding | None:
        """The quiz they began or handed in last."""
        return max(self.standings.values(), key=lambda s: s.last_at, default=None)

    def in_quizzes(self, quizzes: Iterable[Quiz]) -> list[QuizStanding | None]:
        """How they stand in these quizzes; None for one they have not begun."""
        return [self.standings.get(quiz.pk) for quiz in quizzes]

    @property
    def is_gone(self) -> bool:
        return self.enrolment.withdrawn_at is not None

    @property
    def state(self) -> str:
        """`finished`, `not_started` or `in_progress`."""
        if self.enrolment.is_finished:
            return "finished"
        return "in_progress" if self.enrolment.is_started else "not_started"


@dataclass(frozen=True, slots=True)
class Figures:
    """The line above the table."""

    students: int
    average: int
    finished: int
    active: int


@dataclass(frozen=True, slots=True)
class Selection:
    """Which part of a roster, in which order."""

    course_id: int
    q: str = ""
    sort: Sort = "name"
    show: Show = "all"
    page: int = 1

    @property
    def is_whole_roster(self) -> bool:
        return not self.q and self.show == "all"

    def matching(self) -> QuerySet[Enrolment]:
        """The students, in order; the indexes of Enrolment serve each order in both directions."""
        students = Enrolment.objects.current().filter(course=self.course_id)
        if self.q:
            students = students.filter(display_name__icontains=self.q)
        match self.show:
            case "active":
                students = students.active_now()
            case "unfinished":
                students = students.started().filter(percent__lt=100)
            case "finished":
                students = students.filter(percent=100)
            case "not_started":
                students = students.not_started()
        return students.order_by(*self._order())

    def _order(self) -> list[str]:
        sign = "-" if self.sort.startswith("-") else ""
        fields = (*SORT_FIELDS[self.sort.removeprefix("-")], "display_name", "id")
        return [sign + name for name in fields]


def read_page(selection: Selection, totals: CourseTotals) -> Page[Enrolment]:
    """The rows of the page; a number past the end gives the last page."""
    students = selection.matching()
    total = totals.student_count if selection.is_whole_roster else students.count()
    return read_page_of(students, selection.page, total, list)


def read_totals(course_id: int) -> CourseTotals:
    """The course's totals; zeros for a course that has none yet."""
    totals = CourseTotals.objects.filter(course=course_id).first()
    return totals or CourseTotals(course_id=course_id)


def read_figures(course_id: int, totals: CourseTotals | None = None) -> Figures:
    """The summary, from the totals and the few who are active now."""
    totals = totals or read_totals(course_id)
    students = Enrolment.objects.current().filter(course=course_id)
    return Figures(
        totals.student_count,
        totals.average_percent,
        totals.finished_count,
        students.active_now().count(),
    )


def read_records(ids: Iterable[int]) -> Mapping[int, RosterRecord]:
    """Rows by enrolment id, in one query; one more for each thing that a view of them shows."""
    return records_of(Enrolment.objects.filter(pk__in=list(ids)))


def records_of(enrolments: Iterable[Enrolment]) -> dict[int, RosterRecord]:
    """Rows by enrolment id.

    What they completed, and how they stand in quizzes, is read for all when one of them shows it.
    """
    rows = {enrolment.pk: enrolment for enrolment in enrolments}
    done: Any = SimpleLazyObject(partial(_read_done, list(rows)))
    standings: Any = SimpleLazyObject(partial(_read_standings, list(rows)))
    return {
        pk: RosterRecord(row, _later(done, pk), _later(standings, pk)) for pk, row in rows.items()
    }


def _later(found: Any, pk: int) -> Any:
    return SimpleLazyObject(partial(getitem, found, pk))


def _read_done(ids: list[int]) -> Mapping[int, set[int]]:
    found: Mapping[int, set[int]] = defaultdict(set)
    done = Progress.objects.filter(enrolment__in=ids)
    for enrolment_id, module_id in done.values_list("enrolment", "module"):
        found[enrolment_id].add(module_id)
    return found


def _read_standings(ids: list[int]) -> Mapping[int, dict[int, QuizStanding]]:
    """From the results that are summed up: no attempts are read."""
    found: Mapping[int, dict[int, QuizStanding]] = defaultdict(dict)
    standings = QuizStanding.objects.filter(enrolment__in=ids).select_related("quiz")
    for standing in standings.defer(*UNREAD):
        found[standing.enrolment_id][standing.quiz_id] = standing
    return found


def read_quizzes(course_id: int) -> list[Quiz]:
    """The quizzes that students see or have begun, by title."""
    begun = QuizStanding.objects.filter(quiz=OuterRef("pk"))
    quizzes = Quiz.objects.filter(course=course_id).filter(Q(live=True) | Exists(begun))
    return list(quizzes.defer("questions", "introduction"))


def read_modules(course_id: int) -> list[Module]:
    """The modules that count, in order."""
    return list(Module.objects.live().filter(course=course_id))


def sort_link(current: str, column: str) -> tuple[str, str]:
    """The order a column's header leads to, and the column's `aria-sort` now."""
    is_sorted = current.removeprefix("-") == column
    is_descending = current.startswith("-")
    turned = f"-{column}" if is_sorted and not is_descending else column
    direction = ("descending" if is_descending else "ascending") if is_sorted else "none"
    return turned, direction
