"""From what a StreamField stores to questions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from .arrangements import Matching, Ordering
from .base import Question
from .choices import MultipleChoice, SingleChoice, TrueFalse
from .custom import CustomQuestion, Definition
from .number import Number
from .texts import Information, LongAnswer, ShortText

KINDS: dict[str, type[Question]] = {
    question.kind: question
    for question in (
        SingleChoice,
        MultipleChoice,
        TrueFalse,
        ShortText,
        Number,
        Ordering,
        Matching,
        LongAnswer,
        Information,
    )
}
_COMMON = ("text", "points", "explanation", "void")


def load_question(
    kind: str,
    id: str,
    value: Mapping[str, Any],
    *,
    custom: Mapping[str, Definition] | None = None,
) -> Question:
    """The question that a block stores. Raises ValueError for an unknown kind or a bad value."""
    if kind in KINDS:
        return KINDS[kind].model_validate({**value, "id": id})
    definition = (custom or {}).get(kind)
    if definition is None:
        raise ValueError(f"unknown kind of question {kind!r}")
    common = {name: value[name] for name in _COMMON if name in value}
    data = {name: inner for name, inner in value.items() if name not in _COMMON}
    return CustomQuestion(kind=kind, id=id, data=data, definition=definition, **common)


def load_questions(
    blocks: Iterable[Mapping[str, Any]], *, custom: Mapping[str, Definition] | None = None
) -> tuple[Question, ...]:
    """The questions of a stored StreamField, in order.

    Raises ValueError as `load_question` does, and when two questions share an id.
    """
    questions = tuple(
        load_question(block["type"], block["id"], block["value"], custom=custom) for block in blocks
    )
    if len({question.id for question in questions}) < len(questions):
        raise ValueError("two questions share an id")
    return questions
