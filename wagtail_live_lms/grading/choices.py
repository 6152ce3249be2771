"""Questions answered by picking: single choice, multiple choice, true or false."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import Annotated, Any, ClassVar, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from .base import (
    Item,
    Mark,
    Option,
    Question,
    distinct_ids,
    flatten,
    only_known,
    optional,
    shuffled,
)
from .findings import Finding, bare, duplicates

Percent = Annotated[int, Field(ge=0, le=100)]
Method = Literal["right_minus_wrong", "all_or_nothing", "each_decision"]


class Choice(Item):
    """One choice; a pinned one stays last when the others are shuffled."""

    text: str
    correct: bool = False
    feedback: str = ""
    pinned: bool = False


class CreditedChoice(Choice):
    """One choice of a single choice question; credit is for one that is not quite correct."""

    credit: Percent = 0

    @property
    def fraction(self) -> Fraction:
        return Fraction(1) if self.correct else Fraction(self.credit, 100)


class _Choosing(Question):
    """What single and multiple choice share."""

    shuffle: bool = True

    def order(self, seed: str) -> tuple[Option, ...]:
        """As written, or shuffled with the pinned choices last."""
        choices = {choice.id: choice for choice in self._choices}
        shown = list(choices)
        if self.shuffle:
            pinned = [id for id in shown if choices[id].pinned]
            loose = [id for id in shown if not choices[id].pinned]
            shown = shuffled(loose, f"{seed} {self.id}") + pinned
        return tuple(Option(id, choices[id].text) for id in shown)

    def key_text(self) -> tuple[str, ...]:
        return tuple(choice.text for choice in self._choices if choice.correct)

    def _lint(self) -> Iterator[Finding]:
        for text in duplicates(bare(choice.text) for choice in self._choices):
            yield self._warning("duplicate_choices", "choices", text=text)
        if not any(choice.correct for choice in self._choices):
            yield self._error("no_correct_answer", "choices")

    @property
    def _choices(self) -> Sequence[Choice]:
        raise NotImplementedError


class SingleChoice(_Choosing):
    """Pick one. Several may be correct; others may be worth part of the points."""

    kind: ClassVar[str] = "single_choice"

    choices: Annotated[
        tuple[CreditedChoice, ...], BeforeValidator(flatten), AfterValidator(distinct_ids)
    ]
    tail: str = ""

    @property
    def _choices(self) -> Sequence[Choice]:
        return self.choices

    def response_type(self) -> Any:
        return optional(str, AfterValidator(only_known(choice.id for choice in self.choices)))

    def judge(self, response: object) -> Mark:
        for choice in self.choices:
            if choice.id == response:
                return Mark(choice.fraction, _feedback([choice]))
        return Mark(Fraction(0))

    def correct_response(self) -> str | None:
        """The first choice worth most."""
        best = max(self.choices, key=lambda choice: choice.fraction, default=None)
        return best.id if best and best.fraction else None

    def responses_chosen(self, response: object) -> list[str]:
        return [response] if isinstance(response, str) and response.strip() else []

    def _lint(self) -> Iterator[Finding]:
        yield from super()._lint()
        if self.choices and all(choice.fraction for choice in self.choices):
            yield self._warning("every_choice_scores", "choices")


class MultipleChoice(_Choosing):
    """Tick all that apply. R and W are the right and wrong choices ticked, r of them right.

    - `right_minus_wrong`: (R - W) / r, at least 0.
    - `all_or_nothing`: 1 for exactly the right choices.
    - `each_decision`: the share of choices decided rightly, ticked or not. Ticking all then
      scores, which is a warning to the author; a blank response is worth nothing all the same.
    """

    kind: ClassVar[str] = "multiple_choice"

    choices: Annotated[tuple[Choice, ...], BeforeValidator(flatten), AfterValidator(distinct_ids)]
    method: Method = "right_minus_wrong"

    @property
    def _choices(self) -> Sequence[Choice]:
        return self.choices

    def response_type(self) -> Any:
        ids = [choice.id for choice in self.choices]
        return optional(
            list[str],
            AfterValidator(only_known(ids)),
            AfterValidator(lambda ticked: ticked and [id for id in ids if id in ticked]),
            BeforeValidator(lambda sent: [sent] if isinstance(sent, str) else sent),
        )

    def judge(self, response: object) -> Mark:
        ticked = set(self.responses_chosen(response))
        feedback = _feedback([choice for choice in self.choices if choice.id in ticked])
        return Mark(self._fraction(ticked), feedback)

    def correct_response(self) -> list[str] | None:
        return [choice.id for choice in self.choices if choice.correct] or None

    def responses_chosen(self, response: object) -> list[str]:
        if not isinstance(response, list | tuple):
            return []
        return list(dict.fromkeys(id for id in response if isinstance(id, str) and id.strip()))

    def _fraction(self, ticked: set[str]) -> Fraction:
        right = {choice.id for choice in self.choices if choice.correct}
        if not right or ticked == right or self.method == "all_or_nothing":
            return Fraction(bool(right) and ticked == right)
        hits, misses = len(ticked & right), len(ticked - right)
        if self.method == "right_minus_wrong":
            return max(Fraction(hits - misses, len(right)), Fraction(0))
        decided = hits + len(self.choices) - len(right) - misses
        return Fraction(decided, len(self.choices))

    def _lint(self) -> Iterator[Finding]:
        yield from super()._lint()
        if self.judge([choice.id for choice in self.choices]).fraction:
            is_meant = self.method == "each_decision" and not all(c.correct for c in self.choices)
            finding = self._warning if is_meant else self._error
            yield finding("ticking_all_scores", "choices")


class TrueFalse(Question):
    """Is the statement true? Responses are "true" and "false"."""

    kind: ClassVar[str] = "true_false"

    correct: bool
    feedback_true: str = ""
    feedback_false: str = ""

    def response_type(self) -> Any:
        return optional(str, AfterValidator(only_known(("true", "false"))))

    def judge(self, response: object) -> Mark:
        if response not in ("true", "false"):
            return Mark(Fraction(0))
        feedback = self.feedback_true if response == "true" else self.feedback_false
        is_right = response == self.correct_response()
        return Mark(Fraction(is_right), (feedback,) if feedback else ())

    def correct_response(self) -> str:
        return "true" if self.correct else "false"

    def key_text(self) -> tuple[str, ...]:
        return (self.correct_response(),)

    def order(self, seed: str) -> tuple[Option, ...]:
        """True, then false: their words belong to the page that shows them."""
        return Option("true", ""), Option("false", "")

    def responses_chosen(self, response: object) -> list[str]:
        return [str(response)] if response in ("true", "false") else []


def _feedback(choices: Sequence[Choice]) -> tuple[str, ...]:
    return tuple(choice.feedback for choice in choices if choice.feedback)
