"""One question as GIFT, in the plainest format that each of its texts can have."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import NamedTuple

from ..arrangements import Matching
from ..base import Question
from ..choices import Choice, MultipleChoice, SingleChoice, TrueFalse
from ..number import Number
from ..texts import Information, ShortText
from .richtext import escaped, plain, rich, without_tags
from .scan import formatted, hide

_ESCAPES = str.maketrans({character: f"\\{character}" for character in "\\#=~{}:"} | {"\n": "\\n"})


def render(question: Question) -> str:
    """The question with the blank line after it; parse it to see whether it is still the same."""
    texts = _Texts.of(question)
    if isinstance(question, Information):
        return f"{texts.opening}\n"
    lines = [*_answers(question, texts), *_general(question, texts)]
    mark = "#" if isinstance(question, Number) else ""
    inner = "".join(f"\n\t{line}" for line in lines) + "\n" if lines else ""
    if isinstance(question, TrueFalse):
        inner = "".join(lines)
    tail = texts.plain(getattr(question, "tail", ""))
    return f"{texts.opening} {{{mark}{inner}}}{tail and f' {tail}'}\n"


class _Texts(NamedTuple):
    """The question's own text as it opens, and the format that all others have by default."""

    opening: str
    format: str

    @classmethod
    def of(cls, question: Question) -> _Texts:
        simple = escape(without_tags(question.text))
        if simple and _reads_as(simple, "moodle", question.text) and _may_open(simple):
            return cls(simple, "moodle")
        return cls(f"[html]{escape(question.text)}", "html")

    def rich(self, source: str) -> str:
        simple = escape(without_tags(source))
        for candidate in (simple, escape(source)):
            if not candidate.startswith("%") and _reads_as(candidate, self.format, source):
                return candidate
        return f"[html]{escape(source)}"

    def plain(self, text: str) -> str:
        for candidate in (escape(text), escape(escaped(text))):
            read = plain(formatted(hide(candidate), self.format))
            if read.source == text and not candidate.startswith("%"):
                return candidate
        return f"[plain]{escape(text)}"


def _reads_as(candidate: str, default: str, source: str) -> bool:
    read = rich(formatted(hide(candidate), default))
    return read.source == source and not read.lost_styles


def _may_open(text: str) -> bool:
    """Whether it is not taken for a comment, a title or a category."""
    return not text.startswith(("//", "::", "$CATEGORY"))


def escape(text: str) -> str:
    """A text in which nothing has a meaning for GIFT."""
    return text.translate(_ESCAPES)


def _answers(question: Question, texts: _Texts) -> Iterator[str]:
    match question:
        case SingleChoice():
            yield from _single(question, texts)
        case MultipleChoice():
            yield from _multiple(question, texts)
        case TrueFalse():
            yield _true_false(question, texts)
        case ShortText():
            yield from _short_text(question, texts)
        case Number():
            yield from _number(question, texts)
        case Matching():
            yield from _matching(question, texts)


def _general(question: Question, texts: _Texts) -> Iterator[str]:
    if question.explanation:
        yield f"####{texts.rich(question.explanation)}"


def _single(question: SingleChoice, texts: _Texts) -> Iterator[str]:
    """The first right choice after =, others as worth 100 %, so that there always is a ~."""
    has_right = False
    for choice in question.choices:
        mark = "=" if choice.correct and not has_right else f"~{_weight(choice.fraction * 100)}"
        has_right = has_right or choice.correct
        yield mark + _choice(choice, texts)


def _multiple(question: MultipleChoice, texts: _Texts) -> Iterator[str]:
    right = sum(choice.correct for choice in question.choices)
    share = f"{Decimal(100) / max(right, 1):.5f}".rstrip("0").rstrip(".")
    for choice in question.choices:
        yield f"~%{'' if choice.correct else '-'}{share}%{_choice(choice, texts)}"


def _choice(choice: Choice, texts: _Texts) -> str:
    return texts.rich(choice.text) + _feedback(choice.feedback, texts)


def _true_false(question: TrueFalse, texts: _Texts) -> str:
    right, wrong = question.feedback_true, question.feedback_false
    if not question.correct:
        right, wrong = wrong, right
    last = _feedback(right, texts)
    first = _feedback(wrong, texts) or ("#" if last else "")
    return ("TRUE" if question.correct else "FALSE") + first + last


def _short_text(question: ShortText, texts: _Texts) -> Iterator[str]:
    for answer in question.answers:
        text = answer.text if question.wildcards else answer.text.replace("*", "\\*")
        is_odd = text.startswith("%") or formatted(text, "").format
        written = f"[plain]{escape(text)}" if is_odd else escape(text)
        yield f"={_weight(answer.credit, 100)}{written}{_feedback(answer.feedback, texts)}"


def _number(question: Number, texts: _Texts) -> Iterator[str]:
    for answer in question.answers:
        tolerance = f":{answer.absolute}" if answer.absolute else ""
        weight = _weight(answer.credit, 100)
        yield f"={weight}{answer.value}{tolerance}{_feedback(answer.feedback, texts)}"


def _matching(question: Matching, texts: _Texts) -> Iterator[str]:
    for pair in question.pairs:
        yield f"={texts.rich(pair.prompt)} -> {escape(pair.match)}"
    for distractor in question.distractors:
        yield f"= -> {escape(distractor.text)}"


def _feedback(feedback: str, texts: _Texts) -> str:
    return f"#{texts.plain(feedback)}" if feedback else ""


def _weight(percent: object, default: int = 0) -> str:
    return "" if percent == default else f"%{percent}%"
