"""What grading anew would change, a page of it at a time."""

from dataclasses import dataclass
from decimal import Decimal

from wagtail_live_lms import actions
from wagtail_live_lms.actions import RegradePreview, ResultChange
from wagtail_live_lms.exceptions import QuizBroken
from wagtail_live_lms.models import Quiz, title_of

from .paging import page_size


@dataclass(frozen=True, slots=True)
class ChangedAnswer:
    """A question whose answer is worth something else."""

    number: int
    title: str
    before: Decimal | None
    after: Decimal | None
    maximum: Decimal | None


@dataclass(frozen=True, slots=True)
class ChangedRow:
    """An attempt whose result changes."""

    change: ResultChange
    answers: tuple[ChangedAnswer, ...]

    @property
    def direction(self) -> str:
        """`passes`, `fails`, or nothing where that stays as it was."""
        if self.change.passes_now:
            return "passes"
        return "fails" if self.change.fails_now else ""


@dataclass(frozen=True, slots=True)
class Changes:
    """A page of the changes, and of how many attempts; `is_broken` for an unreadable key."""

    preview: RegradePreview
    rows: tuple[ChangedRow, ...] = ()
    number: int = 1
    pages: int = 1
    is_broken: bool = False

    @property
    def total(self) -> int:
        return len(self.preview.changes)

    @property
    def first(self) -> int:
        return (self.number - 1) * page_size() + 1 if self.rows else 0

    @property
    def last(self) -> int:
        return self.first + len(self.rows) - 1 if self.rows else 0

    @property
    def passing(self) -> int:
        return sum(change.passes_now for change in self.preview.changes)

    @property
    def failing(self) -> int:
        return sum(change.fails_now for change in self.preview.changes)


def read_changes(quiz: Quiz, number: int) -> Changes:
    """The changes of all attempts, and the rows of one page of them."""
    try:
        preview = actions.preview_regrade(quiz)
    except QuizBroken:
        return Changes(RegradePreview("", 0, ()), is_broken=True)
    size = page_size()
    pages = max(1, -(-len(preview.changes) // size))
    number = min(number, pages)
    shown = preview.changes[(number - 1) * size : number * size]
    titles = _titles(quiz)
    return Changes(preview, tuple(_row(change, titles) for change in shown), number, pages)


def _titles(quiz: Quiz) -> dict[str, tuple[int, str]]:
    questions = actions.published_key(quiz).paper.answerable.values()
    return {q.id: (number, title_of(q)) for number, q in enumerate(questions, 1)}


def _row(change: ResultChange, titles: dict[str, tuple[int, str]]) -> ChangedRow:
    answers = tuple(
        ChangedAnswer(
            *titles[answer.after.question_id],
            answer.before.points,
            answer.after.points,
            answer.after.maximum,
        )
        for answer in change.answers
    )
    return ChangedRow(change, answers)
