"""The answers of a quiz that wait for a person: one at a time, question by question."""

import json
from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from wagtail_live_lms import actions
from wagtail_live_lms.grading import Question
from wagtail_live_lms.models import NEVER, Answer, Outcome, Paper, paper_of, title_of

from .item_figures import latest_paper

RECENT = 10
Place = tuple[int, datetime, int]
"""Where an answer stands in the queue: by question, then by when it was handed in."""


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
        by = self.answer.graded_by if self.answer else None
        return actions.display_name_of(by) if by else ""

    @property
    def revision(self) -> int:
        """What `grade_answer` compares with."""
        return actions.grading_revision(self.answer) if self.answer else 0

    @property
    def given(self) -> Decimal | str:
        """The points in the form: those given before, or none."""
        is_graded = self.answer is not None and self.answer.is_graded_by_hand
        return self.answer.points or Decimal(0) if self.answer and is_graded else ""


def read_desk(quiz_id: int, at: int | None, graded: Answer | None = None) -> Desk:
    """The desk at the answer `at`, or behind it where it waits no more, or at the first.

    `graded` is an answer to be looked at again instead.
    """
    paper = latest_paper(quiz_id)
    if paper is None:
        return Desk()
    order = {question_id: number for number, question_id in enumerate(paper.answerable)}
    queue = _queue(quiz_id, order)
    ids = [place[2] for place, _ in queue]
    index = _index(queue, at, order)
    current = graded.pk if graded else ids[index] if ids else None
    answer = _read(current) if current is not None else None
    return Desk(
        waiting=len(ids),
        answer=answer,
        question=_question(answer, paper) if answer else None,
        place=index + 1,
        previous_id=ids[index - 1] if not graded and index > 0 else None,
        next_id=ids[index + 1] if not graded and index + 1 < len(ids) else None,
        questions=_waiting_questions(queue, answer, paper),
        graded=_recently_graded(quiz_id, paper),
    )


def _queue(quiz_id: int, order: dict[str, int]) -> list[tuple[Place, str]]:
    answers = Answer.objects.filter(submission__quiz=quiz_id, outcome=Outcome.PENDING)
    rows = answers.values_list("pk", "question_id", "submission__ended_at")
    return sorted((_place(order, *row), row[1]) for row in rows)


def _place(order: dict[str, int], pk: int, question_id: str, ended_at: datetime | None) -> Place:
    return order.get(question_id, len(order)), ended_at or NEVER, pk


def _index(queue: list[tuple[Place, str]], at: int | None, order: dict[str, int]) -> int:
    answers = Answer.objects.filter(pk=at or 0)
    found = answers.values_list("pk", "question_id", "submission__ended_at").first()
    if found is None:
        return 0
    here = _place(order, *found)
    return next((index for index, (place, _) in enumerate(queue) if place >= here), 0)


def _read(answer_id: int) -> Answer | None:
    answers = Answer.objects.select_related(
        "submission__enrolment",
        "submission__version",
        "submission__graded_version",
        "graded_by",
    ).defer("submission__version__content", "submission__graded_version__content")
    return answers.filter(pk=answer_id).first()


def _question(answer: Answer, paper: Paper) -> Question:
    """As the attempt was graded with it; one that was removed since, as the student got it."""
    submission = answer.submission
    for version in (submission.graded_version, submission.version):
        found = paper_of(version).by_id.get(answer.question_id) if version else None
        if found is not None:
            return found
    return paper.by_id[answer.question_id]


def _waiting_questions(
    queue: list[tuple[Place, str]], answer: Answer | None, paper: Paper
) -> tuple[WaitingQuestion, ...]:
    counts = Counter(question_id for _, question_id in queue)
    first = {question_id: place[2] for place, question_id in reversed(queue)}
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
