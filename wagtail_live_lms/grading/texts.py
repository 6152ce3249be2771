"""Questions answered in words: short text, long answer, and text that asks for nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from typing import Annotated, Any, ClassVar

from pydantic import AfterValidator, BeforeValidator, Field

from .base import (
    OTHER,
    Item,
    Mark,
    Question,
    distinct_ids,
    flatten,
    optional,
    refusal,
)
from .choices import Percent
from .findings import Finding
from .normal import Pattern, hide_escapes, normalised

SHORT_TEXT_LENGTH = 500
LONG_ANSWER_LENGTH = 50_000


class TextAnswer(Item):
    """One accepted answer. One without credit is a known mistake that deserves feedback."""

    text: str = Field(min_length=1, max_length=SHORT_TEXT_LENGTH)
    credit: Percent = 100
    feedback: str = ""


class ShortText(Question):
    """Type a word or a phrase. The first accepted answer that matches decides.

    No credit for what is merely similar: "hypotension" is no misspelt "hypertension".
    """

    kind: ClassVar[str] = "short_text"

    answers: Annotated[
        tuple[TextAnswer, ...], BeforeValidator(flatten), AfterValidator(distinct_ids)
    ]
    match_case: bool = False
    ignore_accents: bool = False
    ignore_punctuation: bool = False
    wildcards: bool = False
    tail: str = ""

    def response_type(self) -> Any:
        return optional(Annotated[str, Field(max_length=SHORT_TEXT_LENGTH)])

    def judge(self, response: object) -> Mark:
        found = self._match(response)
        if found is None:
            return Mark(Fraction(0))
        return Mark(Fraction(found.credit, 100), (found.feedback,) if found.feedback else ())

    def correct_response(self) -> str | None:
        typed = [self._example(answer) for answer in self.answers]
        best = max(typed, key=self._worth, default=None)
        return best if best is not None and self._worth(best) else None

    def key_text(self) -> tuple[str, ...]:
        return tuple(answer.text for answer in self.answers if answer.credit == 100)

    def responses_chosen(self, response: object) -> list[str]:
        found = self._match(response)
        return [found.id] if found else [] if self.is_blank(response) else [OTHER]

    def _match(self, response: object) -> TextAnswer | None:
        if not isinstance(response, str) or self.is_blank(response):
            return None
        text = self._normalised(response)
        matching = (a for a, pattern in self._patterns if pattern.matches(text))
        return next(matching, None)

    @cached_property
    def _patterns(self) -> list[tuple[TextAnswer, Pattern]]:
        return [(answer, self._pattern(answer.text)) for answer in self.answers]

    def _pattern(self, text: str) -> Pattern:
        if self.wildcards:
            return Pattern.with_wildcards(self._normalised(hide_escapes(text)))
        return Pattern.exactly(self._normalised(text))

    def _normalised(self, text: str) -> str:
        return normalised(
            text,
            match_case=self.match_case,
            ignore_accents=self.ignore_accents,
            ignore_punctuation=self.ignore_punctuation,
        )

    def _example(self, answer: TextAnswer) -> str:
        """The shortest text that the answer accepts."""
        if not self.wildcards:
            return answer.text
        return Pattern.with_wildcards(hide_escapes(answer.text)).shortest

    def _worth(self, text: str) -> Fraction:
        return self.judge(text).fraction or Fraction(0)

    def _shadows(self, index: int) -> TextAnswer | None:
        """The earlier answer that matches all that this one does."""
        pattern = self._patterns[index][1]
        earlier = self._patterns[:index]
        return next((answer for answer, other in earlier if other.covers(pattern)), None)

    def _lint(self) -> Iterator[Finding]:
        if self._worth(self.correct_response() or "") < 1:
            yield self._error("no_correct_answer", "answers")
        for index, (answer, pattern) in enumerate(self._patterns):
            field = f"answers.{index}.text"
            if pattern.matches_anything and answer.credit:
                yield self._error("anything_scores", field)
            if shadow := self._shadows(index):
                yield self._warning("shadowed_answer", field, text=answer.text, by=shadow.text)


class LongAnswer(Question):
    """Write at length; a person marks it. The guidance is for graders and never shown.

    Word limits bind what is handed in, not what is saved on the way.
    """

    kind: ClassVar[str] = "long_answer"

    guidance: str = ""
    min_words: int = Field(default=0, ge=0)
    max_words: int = Field(default=0, ge=0)

    def response_type(self) -> Any:
        return optional(Annotated[str, Field(max_length=LONG_ANSWER_LENGTH)])

    def final_type(self) -> Any:
        return Annotated[self.response_type(), AfterValidator(self._limited())]

    def judge(self, response: object) -> Mark:
        return Mark(None)

    def _limited(self) -> Callable[[str | None], str | None]:
        def check(text: str | None) -> str | None:
            words = count_words(text or "")
            if text and words < self.min_words:
                raise refusal(
                    "too_few_words",
                    "Write at least {limit} words.",
                    limit=self.min_words,
                    words=words,
                )
            if self.max_words and words > self.max_words:
                raise refusal(
                    "too_many_words",
                    "Write at most {limit} words.",
                    limit=self.max_words,
                    words=words,
                )
            return text

        return check

    def _lint(self) -> Iterator[Finding]:
        if 0 < self.max_words < self.min_words:
            yield self._error("word_limits_cross", "max_words")


class Information(Question):
    """Text between questions: worth no points, and asks for no response."""

    kind: ClassVar[str] = "information"
    takes_response: ClassVar[bool] = False

    points: Decimal = Field(default=Decimal(0), ge=0, le=0)

    def response_type(self) -> Any:
        return optional(type(None))

    def judge(self, response: object) -> Mark:
        return Mark(Fraction(0))


def count_words(text: str) -> int:
    """Words as white space separates them."""
    return len(text.split())
