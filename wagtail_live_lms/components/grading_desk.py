"""The answers of a quiz that wait for a person: one at a time, question by question."""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from wagtail_live_lms import actions
from wagtail_live_lms.grading import Question
from wagtail_live_lms.models import (
    Answer,
    Outcome,
    Paper,
    SubmissionState,
    paper_of,
    title_of,
)

from .item_figures import latest_paper

RECENT = 10
Place = tuple[int, str, int]
"""Where an answer stands in the queue: by question, then by lot."""


@dataclass(frozen=True, slots=True, order=True)
class Queued:
    """An answer for a person to grade; `is_draft` once somebody has."""

    place: Place
    question_id: str
    submission_id: int
    is_draft: bool

    @property
    def answer_id(self) -> int:
        return self.place[2]


@dataclass(frozen=True, slots=True)
class WaitingQuestion:
    """A question, how many of its answers wait, and the first of these."""

    title: str
    count: int
    first_id: int
    is_current: bool


@dataclass(frozen=True, slots=True)
class GradedAnswer:
    """An answer that a person graded, to be looked at again."""

    answer: Answer
    title: str


@dataclass(frozen=True, slots=True)
class Desk:
    """What a grader has in front of them. Without an answer, nothing waits."""

    waiting: int = 0
    drafted: int = 0
    answer: Answer | None = None
    question: Question | None = None
    place: int = 0
    previous_id: int | None = None
    next_id: int | None = None
    questions: tuple[WaitingQuestion, ...] = ()
    graded: tuple[GradedAnswer, ...] = ()

    @property
    def response(self) -> str:
        """As it was written; what is no text, as it is stored."""
        response = self.answer.response if self.answer else ""
        return response if isinstance(response, str) else json.dumps(response, ensure_ascii=False)

    @property
    def guidance(self) -> str:
        return str(getattr(self.question, "guidance", ""))

    @property
    def grader(self) -> str:
        """Who graded it, if that is known."""
        by = actions.given_by(self.answer) if self.answer else None
        return actions.display_name_of(by) if by else ""

    @property
    def revision(self) -> int:
        """What `grade_answer` compares with."""
        return actions.grading_revision(self.answer) if self.answer else 0

    @property
    def given(self) -> Decimal | str:
        """The points in the form: those given before, or none."""
        if self.answer is None or not (self.answer.is_draft or self.answer.is_graded_by_hand):
            return ""
        return actions.given_points(self.answer) or Decimal(0)

    @property
    def comment(self) -> str:
        """The comment in the form."""
        return actions.given_comment(self.answer) if self.answer else ""

    @property
    def graded_at(self) -> datetime | None:
        """When it was graded last."""
        return (self.answer.drafted_at or self.answer.graded_at) if self.answer else None


def read_desk(
    quiz_id: int, at: int | None, graded: Answer | None = None, *, goes_on: bool = False
) -> Desk:
    """The desk at the answer `at`, or behind it where it waits no more, or at the first.

    `goes_on` leads to the next that nobody has graded, where there is one. `graded` is an answer
    to be looked at again instead.
    """
    paper = latest_paper(quiz_id)
    if paper is None:
        return Desk()
    queue = read_queue(quiz_id, paper)
    ids = [queued.answer_id for queued in queue]
    index = _index(queue, at, paper, goes_on)
    current = graded.pk if graded else ids[index] if ids else None
    answer = _read(current) if current is not None else None
    return Desk(
        waiting=len(ids),
        drafted=sum(queued.is_draft for queued in queue),
        answer=answer,
        question=question_of(answer, paper) if answer else None,
        place=index + 1,
        previous_id=ids[index - 1] if not graded and index > 0 else None,
        next_id=ids[index + 1] if not graded and index + 1 < len(ids) else None,
        questions=_waiting_questions(queue, answer, paper),
        graded=_recently_graded(quiz_id, paper),
    )


def read_queue(quiz_id: int, paper: Paper) -> list[Queued]:
    """What waits for a person or to be posted, question by question.

    Within a question the order is drawn by lot, another for each question and always the same, so
    that nobody is always graded last.
    """
    answers = Answer.objects.filter(submission__quiz=quiz_id, outcome=Outcome.PENDING)
    ended = answers.exclude(submission__state=SubmissionState.OPEN)
    order = _order(paper)
    names = ("pk", "question_id", "submission", "submission__order_seed", "drafted_at")
    return sorted(
        Queued(_place(order, pk, question_id, seed), question_id, submission, drafted is not None)
        for pk, question_id, submission, seed, drafted in ended.values_list(*names)
    )


def lot(question_id: str, seed: str) -> str:
    """Where an attempt stands among others at a question: random, and always the same."""
    return hashlib.sha256(f"{seed} {question_id}".encode()).hexdigest()


def _order(paper: Paper) -> dict[str, int]:
    return {question_id: number for number, question_id in enumerate(paper.answerable)}


def _place(order: dict[str, int], pk: int, question_id: str, seed: str) -> Place:
    return order.get(question_id, len(order)), lot(question_id, seed), pk


def _index(queue: list[Queued], at: int | None, paper: Paper, goes_on: bool) -> int:
    """Where to stand; at the first undecided one where nothing else is asked for."""
    undecided = [index for index, queued in enumerate(queue) if not queued.is_draft]
    first = next(iter(undecided), 0)
    answers = Answer.objects.filter(pk=at or 0)
    found = answers.values_list("pk", "question_id", "submission__order_seed").first()
    if found is None:
        return first
    here = _place(_order(paper), *found)
    if goes_on:
        return next((index for index in undecided if queue[index].place > here), first)
    return next((index for index, queued in enumerate(queue) if queued.place >= here), 0)


def _read(answer_id: int) -> Answer | None:
    answers = Answer.objects.select_related(
        "submission__enrolment",
        "submission__version",
        "submission__graded_version",
        "submission__posting",
        "graded_by",
        "drafted_by",
    ).defer("submission__version__content", "submission__graded_version__content")
    return answers.filter(pk=answer_id).first()


def question_of(answer: Answer, paper: Paper) -> Question:
    """As the attempt was graded with it; one that was removed since, as the student got it."""
    submission = answer.submission
    for version in (submission.graded_version, submission.version):
        found = paper_of(version).by_id.get(answer.question_id) if version else None
        if found is not None:
            return found
    return paper.by_id[answer.question_id]


def _waiting_questions(
    queue: Iterable[Queued], answer: Answer | None, paper: Paper
) -> tuple[WaitingQuestion, ...]:
    undecided = [queued for queued in queue if not queued.is_draft]
    counts = Counter(queued.question_id for queued in undecided)
    first = {queued.question_id: queued.answer_id for queued in reversed(undecided)}
    current = answer.question_id if answer else ""
    return tuple(
        WaitingQuestion(_title(paper, id), counts[id], first[id], id == current) for id in counts
    )


def _title(paper: Paper, question_id: str) -> str:
    question = paper.by_id.get(question_id)
    return title_of(question) if question else "…"


def _recently_graded(quiz_id: int, paper: Paper) -> tuple[GradedAnswer, ...]:
    answers = Answer.objects.filter(submission__quiz=quiz_id, graded_at__isnull=False)
    latest = answers.select_related("submission__enrolment", "graded_by").order_by("-graded_at")
    return tuple(GradedAnswer(a, _title(paper, a.question_id)) for a in latest[:RECENT])
