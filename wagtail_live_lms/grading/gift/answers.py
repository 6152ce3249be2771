"""What stands between the braces: which kind of question it makes, and its fields."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal, localcontext
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

from .refusals import Unsupported
from .scan import formatted, reveal

if TYPE_CHECKING:
    from .reader import Reading

Value = dict[str, Any]

_WEIGHT = re.compile(r"%(-?\d{1,3}(?:\.\d{1,10})?)%")
_DECIMAL = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?", re.ASCII)
_TRUTH = {"T": True, "TRUE": True, "F": False, "FALSE": False}
_STAR = re.compile(r"(?<!\\)\*")


class Answer(NamedTuple):
    """One answer: its mark (= or ~ or none), weight in percent if stated, text, feedback."""

    mark: str
    weight: Decimal | None
    text: str
    feedback: str
    offset: int


def read(reading: Reading, body: str) -> tuple[str, Value]:
    """The kind and its fields, by the rules of the format."""
    stripped = body.strip()
    if not stripped:
        return "long_answer", {}
    if stripped.startswith("#"):
        return "number", _number(reading, body)
    if "~" in stripped:
        return _choices(reading, body)
    if "=" in stripped and "->" in stripped:
        return "matching", _matching(reading, body)
    if stripped.partition("#")[0].strip() in _TRUTH:
        return "true_false", _true_false(reading, stripped)
    return "short_text", _short_text(reading, body)


def _split(body: str, marks: str) -> Iterator[Answer]:
    """The answers, each from its mark to the next; text before the first one has no mark."""
    places = [found.start() for found in re.finditer(f"[{marks}]", body)]
    head = body[: places[0]] if places else body
    if head.strip():
        yield _answer("", head, 0)
    for start, end in pairwise([*places, len(body)]):
        yield _answer(body[start], body[start + 1 : end], start)


def _answer(mark: str, piece: str, offset: int) -> Answer:
    stripped = piece.strip()
    found = _WEIGHT.match(stripped)
    weight = Decimal(found[1]) if found else None
    text, _, feedback = (stripped[found.end() :] if found else stripped).partition("#")
    return Answer(mark, weight, text.strip(), feedback.strip(), offset)


def _number(reading: Reading, body: str) -> Value:
    start = body.index("#") + 1
    body = " " * start + body[start:]
    listed, tilde, _ = body.partition("~")
    if tilde:
        reading.refuse(len(listed), Unsupported("other_numbers"))
    entries = list(_split(listed, "="))
    if not entries:
        raise Unsupported("number")
    return {"answers": reading.listed(entries, lambda answer: _accepted_number(reading, answer))}


def _accepted_number(reading: Reading, answer: Answer) -> Value:
    value, tolerance = _interval(reveal(answer.text))
    return {
        "value": str(value),
        "absolute": str(tolerance),
        "credit": _credit(reading, answer.weight, 100),
        "feedback": reading.plain(answer.feedback),
    }


def _interval(text: str) -> tuple[Decimal, Decimal]:
    low, dots, high = text.partition("..")
    if dots:
        return _middle(_decimal(low), _decimal(high))
    value, colon, tolerance = text.partition(":")
    found = _decimal(value), _decimal(tolerance) if colon else Decimal(0)
    if found[1] < 0:
        raise Unsupported("tolerance", text)
    return found


def _middle(low: Decimal, high: Decimal) -> tuple[Decimal, Decimal]:
    """The middle of a range and half its width, exactly."""
    if low > high:
        raise Unsupported("range", f"{low}..{high}")
    with localcontext(prec=5000):
        return (low + high) / 2, (high - low) / 2


def _decimal(text: str) -> Decimal:
    if not _DECIMAL.fullmatch(text.strip()) or len(text) > 100:
        raise Unsupported("number", text.strip())
    return Decimal(text.strip())


def _credit(reading: Reading, weight: Decimal | None, default: int) -> int:
    if weight is None:
        return default
    if not 0 <= weight <= 100:
        raise Unsupported("weight", f"{weight} %")
    credit = round(weight)
    if credit != weight:
        reading.note("rounded")
    return credit


def _choices(reading: Reading, body: str) -> tuple[str, Value]:
    entries = list(_split(body, "=~"))
    if not entries[0].mark:
        raise Unsupported("before_answers", reveal(entries[0].text))
    if len(entries) < 2:
        raise Unsupported("few_answers")
    if any(answer.mark == "=" for answer in entries):
        return "single_choice", {
            "choices": reading.listed(entries, lambda answer: _single(reading, answer))
        }
    return "multiple_choice", _multiple(reading, entries)


def _single(reading: Reading, answer: Answer) -> Value:
    if answer.mark == "=" and answer.weight is not None:
        raise Unsupported("weight", f"={answer.weight} %")
    credit = _credit(reading, answer.weight, 0)
    is_correct = answer.mark == "=" or credit == 100
    return _choice(reading, answer, is_correct) | {"credit": 0 if is_correct else credit}


def _multiple(reading: Reading, entries: Sequence[Answer]) -> Value:
    _check_weights(reading, [answer.weight or Decimal(0) for answer in entries])
    return {
        "choices": reading.listed(
            entries, lambda answer: _choice(reading, answer, (answer.weight or 0) > 0)
        ),
        "method": "right_minus_wrong",
    }


def _check_weights(reading: Reading, weights: Sequence[Decimal]) -> None:
    """Right choices share 100 %, wrong ones take off as much each, or else nothing at all."""
    right = [weight for weight in weights if weight > 0]
    wrong = [weight for weight in weights if weight <= 0]
    if not right:
        raise Unsupported("no_right_answer")
    if not all(_is_share(weight, len(right)) for weight in right):
        raise Unsupported("right_weights", ", ".join(map(str, right)))
    if wrong and not any(wrong):
        reading.note("ticking_all")
    elif not all(_is_share(-weight, len(right)) for weight in wrong):
        raise Unsupported("wrong_weights", ", ".join(map(str, wrong)))


def _is_share(weight: Decimal, count: int) -> bool:
    """Whether it is 100 / count as written with its own number of places, rounded or cut off."""
    unit = Decimal(1).scaleb(int(weight.as_tuple().exponent))
    return abs(weight * count - 100) < unit * count


def _choice(reading: Reading, answer: Answer, is_correct: bool) -> Value:
    return {
        "text": _filled(reading.rich(answer.text)),
        "correct": is_correct,
        "feedback": reading.plain(answer.feedback),
    }


def _matching(reading: Reading, body: str) -> Value:
    entries = list(_split(body, "="))
    if not entries[0].mark:
        raise Unsupported("before_answers", reveal(entries[0].text))
    found = reading.listed(entries, lambda answer: _pair(reading, body, answer))
    pairs = [entry for entry in found if "prompt" in entry["value"]]
    if len(pairs) < 2:
        raise Unsupported("few_pairs")
    return {"pairs": pairs, "distractors": [entry for entry in found if entry not in pairs]}


def _pair(reading: Reading, body: str, answer: Answer) -> Value:
    """A pair, or a distractor where the prompt is empty. Neither has weight or feedback."""
    piece = body[answer.offset + 1 :].partition("=")[0]
    prompt, arrow, match = piece.partition("->")
    if not arrow:
        raise Unsupported("pair", reveal(piece).strip())
    text = _filled(reveal(match).strip())
    shown = reading.rich(prompt)
    return {"prompt": shown, "match": text} if shown else {"text": text}


def _true_false(reading: Reading, body: str) -> Value:
    truth, *feedback = body.split("#", 2)
    is_true = _TRUTH[truth.strip()]
    wrong, right = (reading.plain(piece) for piece in [*feedback, "", ""][:2])
    for_true, for_false = (right, wrong) if is_true else (wrong, right)
    correct = "true" if is_true else "false"
    return {"correct": correct, "feedback_true": for_true, "feedback_false": for_false}


def _short_text(reading: Reading, body: str) -> Value:
    entries = list(_split(body, "="))
    texts = [formatted(answer.text, "plain").content for answer in entries]
    wildcards = any(_STAR.search(text) for text in texts)
    return {
        "answers": reading.listed(
            entries, lambda answer: _accepted_text(reading, answer, wildcards)
        ),
        "wildcards": wildcards,
    }


def _accepted_text(reading: Reading, answer: Answer, wildcards: bool) -> Value:
    text = formatted(answer.text, "plain").content
    return {
        "text": _filled(text if wildcards else text.replace("\\*", "*")),
        "credit": _credit(reading, answer.weight, 100),
        "feedback": reading.plain(answer.feedback),
    }


def _filled(text: str) -> str:
    if not text:
        raise Unsupported("empty_answer")
    return text
