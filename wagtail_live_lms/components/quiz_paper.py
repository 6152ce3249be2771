"""A quiz's questions as a page shows them: what may be answered, and what may be seen.

`present` needs no request, person or database, so an editor's preview shows what a student gets.
Nothing that the policy withholds is in what it returns: templates cannot give the key away.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import singledispatch
from typing import Any

from wagtail_live_lms.grading import (
    CustomQuestion,
    LongAnswer,
    Matching,
    MultipleChoice,
    Number,
    Ordering,
    Question,
    ShortText,
    SingleChoice,
    TrueFalse,
    field_name,
)
from wagtail_live_lms.grading.base import shuffled
from wagtail_live_lms.models import Answer, Paper

ANSWERS = "wagtail_live_lms/quiz/answers"


@dataclass(frozen=True, slots=True)
class Policy:
    """What whoever looks at the questions may do and see, and how they are arranged."""

    is_open: bool = False
    shows_results: bool = False
    shows_feedback: bool = False
    shows_answers: bool = False
    shuffles_questions: bool = False
    shuffles_choices: bool = True


@dataclass(frozen=True, slots=True)
class Judged:
    """What one answer turned out to be worth; `comment` is from the person who graded it."""

    outcome: str
    points: Decimal | None = None
    maximum: Decimal | None = None
    comment: str = ""


@dataclass(frozen=True, slots=True)
class OptionView:
    """A choice, or an item to be put in order. `is_right` is None unless it may be seen."""

    id: str
    text: str
    is_chosen: bool = False
    is_right: bool | None = None
    position: str = ""


@dataclass(frozen=True, slots=True)
class PromptView:
    """Something for which its match is looked for; `right` is empty unless it may be seen."""

    id: str
    text: str
    chosen: str = ""
    chosen_text: str = ""
    right: str = ""
    is_right: bool | None = None


@dataclass(frozen=True, slots=True)
class QuestionView:
    """A question, the answer so far, and of the result what may be seen.

    `place` tells which question it is; text between questions has none. `data` is what a type
    of the site's own needs to draw its field.
    """

    id: str
    kind: str
    element_id: str
    text: str
    points: Decimal
    template: str
    name: str = ""
    place: int = 0
    is_open: bool = False
    is_answered: bool = False
    response: Any = field(default=None, hash=False)
    sequence: int = 0
    options: tuple[OptionView, ...] = ()
    prompts: tuple[PromptView, ...] = ()
    tail: str = ""
    unit: str = ""
    decimal_comma: bool = False
    min_words: int = 0
    max_words: int = 0
    data: Mapping[str, Any] = field(default_factory=dict, hash=False)
    errors: tuple[str, ...] = ()
    judged: Judged | None = None
    feedback: tuple[str, ...] = ()
    explanation: str = ""
    key: tuple[str, ...] = ()
    is_void: bool = False


@dataclass(frozen=True, slots=True)
class PaperView:
    """All that `quiz/paper.html` shows."""

    items: tuple[QuestionView, ...]

    @property
    def questions(self) -> list[QuestionView]:
        """What can be answered, in the order it is shown."""
        return [item for item in self.items if item.place]

    @property
    def answered(self) -> int:
        return sum(item.is_answered for item in self.questions)

    @property
    def unanswered(self) -> list[QuestionView]:
        return [item for item in self.questions if not item.is_answered]

    @property
    def mistaken(self) -> list[QuestionView]:
        """Questions whose answer cannot be accepted as it is."""
        return [item for item in self.questions if item.errors]


@dataclass(frozen=True)
class Presenter:
    """Turns questions into views, all under one policy."""

    policy: Policy
    seed: str = ""
    prefix: str = "quiz"
    responses: Mapping[str, Any] = field(default_factory=dict)
    sequences: Mapping[str, int] = field(default_factory=dict)
    results: Mapping[str, Judged] = field(default_factory=dict)
    errors: Mapping[str, Iterable[str]] = field(default_factory=dict)

    def with_answers(self, answers: Iterable[Answer]) -> Presenter:
        """The same with these answers as they are stored."""
        new = {answer.question_id: answer for answer in answers}
        return replace(
            self,
            responses={**self.responses, **{key: a.response for key, a in new.items()}},
            sequences={**self.sequences, **{key: a.sequence for key, a in new.items()}},
        )

    def paper(self, paper: Paper) -> PaperView:
        """All questions, in the order that the seed and the policy give."""
        arranged = list(paper.questions)
        if self.policy.shuffles_questions:
            arranged = list(arrange(arranged, self.seed))
        places = [question.id for question in arranged if question.takes_response]
        return PaperView(
            tuple(
                self.question(question, places.index(question.id) + 1)
                if question.takes_response
                else self.text(question)
                for question in arranged
            )
        )

    def text(self, question: Question) -> QuestionView:
        """Text between questions."""
        return QuestionView(
            question.id, question.kind, self._element_id(question), question.text, Decimal(0), ""
        )

    def question(self, question: Question, place: int) -> QuestionView:
        """A question that can be answered."""
        if not self.policy.shuffles_choices and hasattr(question, "shuffle"):
            question = question.model_copy(update={"shuffle": False})
        response = self.responses.get(question.id)
        return QuestionView(
            id=question.id,
            kind=question.kind,
            element_id=self._element_id(question),
            text=question.text,
            points=question.points,
            template=_template(question),
            name=field_name(question.id),
            place=place,
            is_open=self.policy.is_open,
            is_answered=not question.is_blank(response),
            response=response,
            sequence=self.sequences.get(question.id, 0),
            errors=tuple(self.errors.get(question.id, ())),
            **_answer(question, self, response),
            **self._result(question, response),
        )

    def _element_id(self, question: Question) -> str:
        return f"{self.prefix}-{question.id}"

    def _result(self, question: Question, response: Any) -> dict[str, Any]:
        judged = self.results.get(question.id)
        if judged is None:
            return {}
        told: dict[str, Any] = {}
        if self.policy.shows_results:
            told |= {"judged": judged, "is_void": question.void}
        if self.policy.shows_feedback:
            told["feedback"] = question.grade(response).feedback
            told["explanation"] = question.explanation
        if self.policy.shows_answers:
            told["key"] = question.key_text()
        return told

    def right(self, question: Question) -> Any:
        """The right response where it may be seen, otherwise None."""
        is_known = self.policy.shows_answers and question.id in self.results
        return question.correct_response() if is_known else None


def present(
    paper: Paper,
    responses: Mapping[str, Any],
    results: Mapping[str, Judged],
    seed: str,
    policy: Policy,
    **options: Any,
) -> PaperView:
    """The questions of a paper for `quiz/paper.html`.

    Responses and results are by question id. Options: `prefix` of element ids, `sequences` and
    `errors` by question id.
    """
    presenter = Presenter(policy, seed, responses=responses, results=results, **options)
    return presenter.paper(paper)


def arrange(questions: Iterable[Question], seed: str) -> Iterator[Question]:
    """The questions shuffled, each staying below the text that introduces it."""
    waiting: list[Question] = []
    for question in questions:
        if not question.takes_response:
            yield from _shuffled(waiting, seed)
            waiting = []
            yield question
        else:
            waiting.append(question)
    yield from _shuffled(waiting, seed)


def _shuffled(questions: list[Question], seed: str) -> list[Question]:
    by_id = {question.id: question for question in questions}
    return [by_id[id] for id in shuffled(list(by_id), f"{seed} questions")]


def _template(question: Question) -> str:
    if isinstance(question, CustomQuestion):
        return str(getattr(question.definition, "answer_template", f"{ANSWERS}/short_text.html"))
    return f"{ANSWERS}/{question.kind}.html"


@singledispatch
def _answer(question: Any, by: Presenter, response: Any) -> dict[str, Any]:
    """What only this kind of question shows."""
    return {}


@_answer.register
def _(question: CustomQuestion, by: Presenter, response: Any) -> dict[str, Any]:
    return {"data": question.data}


@_answer.register
def _(question: SingleChoice, by: Presenter, response: Any) -> dict[str, Any]:
    right = {choice.id for choice in question.choices if choice.correct}
    return {"options": _options(question, by, _ids(response), right), "tail": question.tail}


@_answer.register
def _(question: MultipleChoice, by: Presenter, response: Any) -> dict[str, Any]:
    right = {choice.id for choice in question.choices if choice.correct}
    return {"options": _options(question, by, _ids(response), right)}


@_answer.register
def _(question: TrueFalse, by: Presenter, response: Any) -> dict[str, Any]:
    return {"options": _options(question, by, _ids(response), {question.correct_response()})}


@_answer.register
def _(question: ShortText, by: Presenter, response: Any) -> dict[str, Any]:
    return {"tail": question.tail}


@_answer.register
def _(question: Number, by: Presenter, response: Any) -> dict[str, Any]:
    return {
        "tail": question.tail,
        "unit": question.unit,
        "decimal_comma": question.decimal_comma,
    }


@_answer.register
def _(question: LongAnswer, by: Presenter, response: Any) -> dict[str, Any]:
    return {"min_words": question.min_words, "max_words": question.max_words}


@_answer.register
def _(question: Ordering, by: Presenter, response: Any) -> dict[str, Any]:
    texts = dict(question.order(by.seed))
    positions = _positions(response)
    known = [id for id in sorted(positions, key=lambda id: _rank(positions[id])) if id in texts]
    shown = [*known, *(id for id in texts if id not in positions)]
    right = [texts[id] for id in (known and by.right(question)) or ()]
    return {
        "options": tuple(
            OptionView(
                id,
                texts[id],
                position=positions.get(id, ""),
                is_right=right[place] == texts[id] if right else None,
            )
            for place, id in enumerate(shown)
        )
    }


@_answer.register
def _(question: Matching, by: Presenter, response: Any) -> dict[str, Any]:
    options = dict(question.order(by.seed))
    chosen = response if isinstance(response, Mapping) else {}
    right = by.right(question) or {}
    prompts = [
        PromptView(
            id,
            text,
            chosen=str(chosen.get(id, "")),
            chosen_text=options.get(chosen.get(id, ""), ""),
            right=options[right[id]] if id in right else "",
            is_right=right[id] == chosen.get(id) if id in right else None,
        )
        for id, text in question.prompts(by.seed)
    ]
    shown = tuple(OptionView(id, text) for id, text in options.items())
    return {"prompts": tuple(prompts), "options": shown}


def _options(
    question: Question, by: Presenter, chosen: set[str], right: set[str]
) -> tuple[OptionView, ...]:
    is_known = by.right(question) is not None
    return tuple(
        OptionView(id, text, id in chosen, id in right if is_known else None)
        for id, text in question.order(by.seed)
    )


def _ids(response: Any) -> set[str]:
    """What was picked, of one choice or several."""
    picked = response if isinstance(response, list | tuple) else [response]
    return {id for id in picked if isinstance(id, str)}


def _positions(response: Any) -> dict[str, str]:
    """Positions from 1 by item: of a stored order, or as a form sent them."""
    if isinstance(response, Mapping):
        return {str(id): str(position).strip() for id, position in response.items() if position}
    if isinstance(response, list | tuple):
        return {str(id): str(place) for place, id in enumerate(response, 1)}
    return {}


def _rank(position: str) -> tuple[int, str]:
    is_number = position.isascii() and position.isdigit() and len(position) < 6
    return (int(position), "") if is_number else (10**6, position)
