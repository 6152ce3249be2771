"""Questions answered with a number. All arithmetic is exact."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from typing import Annotated, Any, ClassVar

from pydantic import AfterValidator, BeforeValidator, Field
from pydantic_core import PydanticCustomError

from .base import OTHER, Item, Mark, Question, distinct_ids, flatten, optional, refusal
from .choices import Percent
from .findings import Finding

NUMBER_LENGTH = 64
EXPONENT_LIMIT = 400
"""Powers of ten that a number may have: more than a double, too few to exhaust the memory."""

_NUMBER = re.compile(r"([+-]?)\s*(\d+(?:[.,]\d*)?|[.,]\d+)(?:[eE]([+-]?\d{1,6}))?")


def parse_number(text: str, *, decimal_comma: bool = False) -> Fraction:
    """The exact value of a typed number.

    Accepts a sign, also a typographic minus, digits of any script, one decimal mark, a power of
    ten, white space around. Digits are never grouped, because 1,234 would have to be guessed.
    Raises PydanticCustomError with one of the codes `number_too_long`, `number_format`,
    `number_comma`, `number_point`, `number_range`.
    """
    if len(text) > NUMBER_LENGTH:
        raise refusal("number_too_long", "Write the number with fewer digits.")
    found = _NUMBER.fullmatch(text.strip().replace("\u2212", "-"))
    if found is None:
        raise refusal("number_format", "Write a number, for example 12.5 or 1e-3.")
    sign, digits, exponent = found.groups()
    mark, other = (",", ".") if decimal_comma else (".", ",")
    if other in digits:
        raise _wrong_mark(mark)
    return _bounded(f"{sign}{digits.replace(',', '.')}e{exponent or 0}")


def _bounded(text: str) -> Fraction:
    number = Decimal(text)
    if not is_in_range(number):
        raise refusal("number_range", "This number is too large or too small.")
    return Fraction(number) if number else Fraction(0)


def is_in_range(number: Decimal) -> bool:
    """Whether exact arithmetic with it stays cheap."""
    return not number or (number.is_finite() and abs(number.adjusted()) <= EXPONENT_LIMIT)


def _wrong_mark(mark: str) -> PydanticCustomError:
    if mark == ",":
        return refusal("number_point", "Write the decimals after a comma, for example 12,5.")
    return refusal("number_comma", "Write the decimals after a point, for example 12.5.")


def _usable(number: Decimal) -> Decimal:
    if not is_in_range(number) or len(str(number)) > NUMBER_LENGTH:
        raise refusal("number_range", "This number is too large, too small or too long.")
    return number


Exact = Annotated[Decimal, Field(allow_inf_nan=False), AfterValidator(_usable)]
Tolerance = Annotated[Exact, Field(ge=0)]


class NumberAnswer(Item):
    """A number, and how far off it may be: by an amount or by a percentage of it, the wider."""

    value: Exact
    absolute: Tolerance = Decimal(0)
    relative: Tolerance = Decimal(0)
    credit: Percent = 100
    feedback: str = ""

    @property
    def tolerance(self) -> Fraction:
        share = Fraction(self.relative) / 100 * abs(Fraction(self.value))
        return max(Fraction(self.absolute), share)

    def accepts(self, number: Fraction) -> bool:
        """Whether it is within the tolerance; the bounds are."""
        return abs(number - Fraction(self.value)) <= self.tolerance

    def covers(self, other: NumberAnswer) -> bool:
        """Whether all that the other one accepts is accepted by this one."""
        low, high = (Fraction(other.value) + sign * other.tolerance for sign in (-1, 1))
        return self.accepts(low) and self.accepts(high)

    @property
    def is_tighter_than_written(self) -> bool:
        """Whether a better known value rounded to the key's decimals would be refused."""
        places = -int(self.value.as_tuple().exponent)
        return places > 0 and self.tolerance < Fraction(1, 2 * 10**places)


class Number(Question):
    """Type a number. The first accepted answer that it is close enough to decides."""

    kind: ClassVar[str] = "number"

    answers: Annotated[
        tuple[NumberAnswer, ...], BeforeValidator(flatten), AfterValidator(distinct_ids)
    ]
    unit: str = ""
    decimal_comma: bool = False
    tail: str = ""

    def response_type(self) -> Any:
        """The text as typed, if it is a number."""
        return optional(str, AfterValidator(self._parseable))

    def judge(self, response: object) -> Mark:
        found = self._match(response)
        if found is None:
            return Mark(Fraction(0))
        return Mark(Fraction(found.credit, 100), (found.feedback,) if found.feedback else ())

    def correct_response(self) -> str | None:
        typed = [self._typed(answer.value) for answer in self.answers]
        best = max(typed, key=self._worth, default=None)
        return best if best is not None and self._worth(best) else None

    def key_text(self) -> tuple[str, ...]:
        """For example "9.81 \u00b1 0.01 m/s"."""
        return tuple(self._line(answer) for answer in self.answers if answer.credit == 100)

    def responses_chosen(self, response: object) -> list[str]:
        found = self._match(response)
        return [found.id] if found else [] if self.is_blank(response) else [OTHER]

    def _parseable(self, text: str | None) -> str | None:
        if text is not None:
            parse_number(text, decimal_comma=self.decimal_comma)
        return text

    def _match(self, response: object) -> NumberAnswer | None:
        try:
            number = parse_number(str(response), decimal_comma=self.decimal_comma)
        except PydanticCustomError:
            return None
        return next((answer for answer in self.answers if answer.accepts(number)), None)

    def _worth(self, text: str) -> Fraction:
        return self.judge(text).fraction or Fraction(0)

    def _typed(self, number: Decimal) -> str:
        return str(number).replace(".", "," if self.decimal_comma else ".")

    def _line(self, answer: NumberAnswer) -> str:
        tolerances = [
            f"\u00b1 {self._typed(amount)}{unit}"
            for amount, unit in ((answer.absolute, ""), (answer.relative, " %"))
            if amount
        ]
        return " ".join(
            filter(None, [self._typed(answer.value), " / ".join(tolerances), self.unit])
        )

    def _lint(self) -> Iterator[Finding]:
        if self._worth(self.correct_response() or "") < 1:
            yield self._error("no_correct_answer", "answers")
        for index, answer in enumerate(self.answers):
            field = f"answers.{index}"
            if answer.relative and not answer.value and not answer.absolute:
                yield self._warning("relative_to_zero", f"{field}.relative")
            if answer.credit and answer.is_tighter_than_written:
                yield self._warning("tolerance_too_tight", f"{field}.absolute", value=answer.value)
            earlier = self.answers[:index]
            if shadow := next((other for other in earlier if other.covers(answer)), None):
                yield self._warning("shadowed_answer", field, text=answer.value, by=shadow.value)
