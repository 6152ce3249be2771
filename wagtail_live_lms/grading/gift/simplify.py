"""A question reduced to what GIFT can say, with the names of what it cannot."""

from __future__ import annotations

from decimal import Decimal, localcontext
from typing import Any, NamedTuple

from ..arrangements import Matching
from ..base import Question
from ..choices import MultipleChoice, SingleChoice
from ..number import Number
from ..texts import Information, ShortText
from .refusals import Unsupported
from .richtext import FORMATTING, from_html

# Fields that GIFT has no words for.
_UNSAID: dict[str, tuple[str, ...]] = {
    "single_choice": ("shuffle",),
    "multiple_choice": ("shuffle", "method"),
    "short_text": ("match_case", "ignore_accents", "ignore_punctuation"),
    "number": ("unit", "decimal_comma"),
    "true_false": (),
    "matching": ("shuffle",),
    "long_answer": ("guidance", "min_words", "max_words"),
    "information": ("explanation",),
}
_RICH = {"text", "explanation"}


class Simplified(NamedTuple):
    question: Question
    lost: tuple[str, ...]


def simplify(question: Question) -> Simplified:
    """Raises Unsupported when nothing of the question can be said."""
    if question.kind not in _UNSAID:
        raise Unsupported("not_expressible")
    lost: dict[str, None] = {}
    value = question.model_dump()
    for name in ("points", "void", *_UNSAID[question.kind]):
        _reset(question, value, name, lost)
    _simplify_entries(question, value, lost)
    tidied = _tidy(value, lost)
    return Simplified(type(question).model_validate(tidied), tuple(lost))


def without_ids(value: Any) -> Any:
    """A question's content, to compare it with another's."""
    match value:
        case Question():
            return {"kind": value.kind} | without_ids(value.model_dump())
        case dict():
            return {name: without_ids(inner) for name, inner in value.items() if name != "id"}
        case list() | tuple():
            return [without_ids(inner) for inner in value]
    return value


def _reset(question: Question, value: dict[str, Any], name: str, lost: dict[str, None]) -> None:
    default = type(question).model_fields[name].default
    if value[name] != default:
        value[name] = default
        lost[name] = None


def _simplify_entries(question: Question, value: dict[str, Any], lost: dict[str, None]) -> None:
    match question:
        case SingleChoice() | MultipleChoice():
            _simplify_choices(value["choices"], lost)
        case Number():
            _simplify_numbers(value["answers"], lost)
        case ShortText() if question.wildcards and not _has_star(question):
            value["wildcards"] = False
            for answer in value["answers"]:
                answer["text"] = answer["text"].replace("\\*", "*")
        case Matching() if any(pair.feedback for pair in question.pairs):
            lost["feedback"] = None
            for pair in value["pairs"]:
                pair["feedback"] = ""
        case Information():
            value["points"] = Decimal(0)


def _simplify_choices(choices: list[dict[str, Any]], lost: dict[str, None]) -> None:
    for choice in choices:
        if choice["pinned"]:
            lost["pinned"] = None
        choice["pinned"] = False
        if "credit" in choice:
            choice["correct"] = choice["correct"] or choice["credit"] == 100
            choice["credit"] = 0 if choice["correct"] else choice["credit"]


def _simplify_numbers(answers: list[dict[str, Any]], lost: dict[str, None]) -> None:
    """A tolerance in percent as the amount it is of that number."""
    for answer in answers:
        if answer["relative"]:
            lost["relative"] = None
        with localcontext(prec=2000):
            share = abs(answer["value"]) * answer["relative"] / 100
        answer.update(absolute=max(answer["absolute"], share), relative=Decimal(0))


def _has_star(question: ShortText) -> bool:
    return any("*" in answer.text.replace("\\*", "") for answer in question.answers)


def _tidy(value: dict[str, Any], lost: dict[str, None]) -> dict[str, Any]:
    """All rich texts written anew, all plain ones stripped. Raises Unsupported."""
    tidied = {name: _tidy_field(name, inner, lost) for name, inner in value.items()}
    for name, inner in (("choices", "text"), ("pairs", "prompt")):
        for entry in tidied.get(name, ()):
            entry[inner] = _rewritten(entry[inner], lost)
    return tidied


def _tidy_field(name: str, value: Any, lost: dict[str, None]) -> Any:
    if isinstance(value, list | tuple):
        return [{key: _stripped(inner) for key, inner in entry.items()} for entry in value]
    return _rewritten(value, lost) if name in _RICH else _stripped(value)


def _stripped(value: Any) -> Any:
    return value.replace("\r\n", "\n").strip() if isinstance(value, str) else value


def _rewritten(source: str, lost: dict[str, None]) -> str:
    found = from_html(source)
    if found.lost_styles:
        lost[FORMATTING] = None
    return found.source
