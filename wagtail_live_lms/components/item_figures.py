"""How well each question of a quiz worked, in three queries whatever the number of attempts."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, F, FloatField, Sum
from django.db.models.functions import Cast
from django.utils.translation import gettext as _

from wagtail_live_lms.grading import (
    MINIMUM_N,
    Item,
    Matching,
    Ordering,
    Question,
    Sums,
    item_of_sums,
    matches_chosen,
    right_places,
)
from wagtail_live_lms.grading.base import OTHER
from wagtail_live_lms.models import Answer, Paper, QuizVersion, paper_of, plain, title_of

EASY, HARD = 0.95, 0.3
BLANK = "blank"
COUNTED_KINDS = {
    *("single_choice", "multiple_choice", "true_false", "short_text", "number"),
    *("ordering", "matching"),
}
"""Kinds whose answers, or parts of them, are few enough to count each."""


@dataclass(frozen=True, slots=True)
class ChoiceCount:
    """How often one answer was given, of `n` times that it could have been."""

    label: str
    count: int
    n: int
    is_right: bool = False

    @property
    def percent(self) -> int:
        return round(100 * self.count / self.n) if self.n else 0


@dataclass(frozen=True, slots=True)
class PromptFigures:
    """A prompt of a matching question, with how often each option was chosen for it."""

    title: str
    choices: tuple[ChoiceCount, ...]


@dataclass(frozen=True, slots=True)
class QuestionFigures:
    """One question with its figures; below MINIMUM_N answers there are none."""

    number: int
    title: str
    points: Any
    is_void: bool
    item: Item
    choices: tuple[ChoiceCount, ...] = ()
    prompts: tuple[PromptFigures, ...] = ()
    counts_places: bool = False
    """Whether `choices` tells how often each item of an order stood where it belongs."""

    @property
    def has_figures(self) -> bool:
        return self.item.n >= MINIMUM_N

    @property
    def facility(self) -> int | None:
        """Mean share of the points, in whole per cent."""
        return None if self.item.facility is None else round(100 * self.item.facility)

    @property
    def discrimination(self) -> int | None:
        """Item-rest correlation, -100 to 100."""
        found = self.item.discrimination
        return None if found is None else round(found)

    @property
    def is_suspicious(self) -> bool:
        return self.item.discrimination is not None and self.item.discrimination < 0

    @property
    def remark(self) -> str:
        """What stands out, in words."""
        facility = self.item.facility
        if self.is_suspicious:
            return _("Check the key: those who did well elsewhere got this one wrong.")
        if facility is not None and facility < HARD:
            return _("Hard: few got it right.")
        if facility is not None and facility > EASY:
            return _("Easy: it hardly tells students apart.")
        return ""


def latest_paper(quiz_id: int) -> Paper | None:
    """The questions as students got them last; None while nobody has begun."""
    versions = QuizVersion.objects.filter(quiz=quiz_id).order_by("-number").defer("content")
    latest = versions.first()
    return paper_of(latest) if latest is not None else None


def read_question_figures(quiz_id: int) -> list[QuestionFigures]:
    """Every question of the latest version, in order, over the attempts that count."""
    paper = latest_paper(quiz_id)
    if paper is None:
        return []
    questions = paper.answerable
    sums = _sums(quiz_id, list(questions))
    chosen = _chosen(quiz_id, questions)
    return [
        _figures(number, question, sums.get(question.id), chosen[question.id])
        for number, question in enumerate(questions.values(), 1)
    ]


def _figures(
    number: int, question: Question, sums: Sums | None, chosen: Counter[str]
) -> QuestionFigures:
    item = item_of_sums(question.id, sums or Sums(0, 0, 0, 0, 0, 0, 0), dict(chosen))
    title, is_shown = title_of(question), item.n >= MINIMUM_N
    return QuestionFigures(
        *(number, title, question.points, question.void, item),
        choices=tuple(_choices(question, item)) if is_shown else (),
        prompts=tuple(_prompts(question, item)) if is_shown else (),
        counts_places=isinstance(question, Ordering),
    )


def _sums(quiz_id: int, question_ids: list[str]) -> dict[str, Sums]:
    x = Cast("points", FloatField())
    r = Cast(F("submission__score") - F("points"), FloatField())
    answers = _counting(quiz_id).filter(question_id__in=question_ids).values("question_id")
    rows = answers.annotate(
        n=Count("pk"),
        sum_x=Sum(x),
        sum_xx=Sum(x * x),
        sum_r=Sum(r),
        sum_rr=Sum(r * r),
        sum_xr=Sum(x * r),
        most=Sum(Cast("maximum", FloatField())),
    ).values_list("question_id", "n", "sum_x", "sum_xx", "sum_r", "sum_rr", "sum_xr", "most")
    return {question_id: Sums(*figures) for question_id, *figures in rows}


def _chosen(quiz_id: int, questions: dict[str, Question]) -> dict[str, Counter[str]]:
    """How often each answer was given, blank ones too; equal responses are read once."""
    counted = [id for id, question in questions.items() if question.kind in COUNTED_KINDS]
    answers = _counting(quiz_id).filter(question_id__in=counted)
    rows = answers.values("question_id", "response").annotate(n=Count("pk"))
    chosen: dict[str, Counter[str]] = defaultdict(Counter)
    for question_id, response, n in rows.values_list("question_id", "response", "n"):
        for choice in questions[question_id].responses_chosen(response) or [BLANK]:
            chosen[question_id][choice] += n
    return chosen


def _counting(quiz_id: int) -> Any:
    return Answer.objects.filter(submission__quiz=quiz_id, submission__counts=True).order_by()


def _choices(question: Question, item: Item) -> Iterator[ChoiceCount]:
    """Every answer that the key lists, in its order; then what else was given, and nothing.

    Of an order, its items: how often each stood in its place. What was matched is in `_prompts`.
    """
    if isinstance(question, Matching):
        return
    if isinstance(question, Ordering):
        for share in right_places(question, item.distribution):
            yield ChoiceCount(plain(share.text), share.times, item.n)
    for id, label, is_right in _listed(question):
        yield ChoiceCount(label, item.distribution.get(id, 0), item.n, is_right)
    found = item.distribution
    yield from _others(found.get(OTHER, 0), found.get(BLANK, 0), item.n)


def _others(other: int, blank: int, n: int) -> Iterator[ChoiceCount]:
    for label, count in ((_("Another answer"), other), (_("No answer"), blank)):
        if count:
            yield ChoiceCount(label, count, n)


def _prompts(question: Question, item: Item) -> Iterator[PromptFigures]:
    if not isinstance(question, Matching):
        return
    for shares in matches_chosen(question, item.distribution):
        listed = [ChoiceCount(s.text, s.times, item.n, s.is_right) for s in shares.options]
        others = _others(shares.other, item.n - shares.answered, item.n)
        yield PromptFigures(plain(shares.prompt), (*listed, *others))


def _listed(question: Any) -> Iterator[tuple[str, str, bool]]:
    match question.kind:
        case "single_choice" | "multiple_choice":
            yield from ((c.id, plain(c.text), c.correct) for c in question.choices)
        case "true_false":
            yield "true", _("True"), question.correct
            yield "false", _("False"), not question.correct
        case "short_text":
            yield from ((a.id, a.text, a.credit == 100) for a in question.answers)
        case "number":
            yield from ((a.id, f"{a.value}", a.credit == 100) for a in question.answers)
