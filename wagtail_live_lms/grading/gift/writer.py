"""From questions to GIFT text that reads back as the same questions."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from ..base import Question
from .reader import parse
from .refusals import GiftErrors, Unsupported
from .render import render
from .simplify import Simplified, simplify, without_ids


class Omission(NamedTuple):
    """What was left out: `field` of a question, or all of it, which has no field.

    A whole question is left out for one of the codes of `REASONS`, or as `not_expressible`.
    """

    question_id: str
    code: str
    field: str = ""


class Written(NamedTuple):
    text: str
    omitted: tuple[Omission, ...]


def write(questions: Iterable[Question]) -> Written:
    """The questions as GIFT, and what of them GIFT cannot say.

    Whatever is written reads back as it was written here, or it is left out.
    """
    texts: list[str] = []
    omitted: list[Omission] = []
    for question in questions:
        try:
            simple = simplify(question)
            texts.append(_text(simple))
            omitted += [Omission(question.id, "lost", name) for name in simple.lost]
        except Unsupported as error:
            omitted.append(Omission(question.id, error.code))
    return Written("\n".join(texts), tuple(omitted))


def _text(simple: Simplified) -> str:
    """Raises Unsupported when the text would not read back as the question."""
    text = render(simple.question)
    try:
        drafts = parse(text)
    except GiftErrors as error:
        raise Unsupported("not_expressible") from error
    meant = without_ids(simple.question)
    if [(without_ids(draft.question()), draft.notes) for draft in drafts] != [(meant, ())]:
        raise Unsupported("not_expressible")
    return text
