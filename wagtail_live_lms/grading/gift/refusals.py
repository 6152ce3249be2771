"""Why a GIFT text is refused. Codes are stable; their words can be translated elsewhere."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

REASONS = {
    "characters": "It has characters that no text may hold.",
    "braces": "Braces do not pair up; write \\{ and \\} for those that belong to the text.",
    "second_answers": "It has answers twice; write \\{ and \\} for braces that belong to the text.",
    "title": "The title that begins with :: has no end.",
    "no_text": "It has no question text.",
    "before_answers": "There is text before the first answer; answers begin with = or ~.",
    "empty_answer": "An answer is empty.",
    "few_answers": "It needs at least two answers.",
    "weight": "A weight must be from 0 to 100 here.",
    "right_weights": "The right choices must share 100 % equally.",
    "wrong_weights": "Each wrong choice must take off as much as a right one gives.",
    "no_right_answer": "No answer is right.",
    "number": "This is no number.",
    "range": "A range must go from the smaller number to the larger.",
    "tolerance": "A tolerance must not be negative.",
    "other_numbers": "Feedback for all other numbers cannot be kept.",
    "pair": "A pair needs ->.",
    "few_pairs": "It needs at least two pairs.",
    "html": "This HTML cannot be kept; write [plain] before text that only looks like HTML.",
    "image": "Images cannot be imported.",
    "link": "Links must lead to http, https or mailto addresses.",
    "markdown": "This Markdown cannot be kept.",
    "invalid": "A question like this cannot be stored.",
}


class Refused(NamedTuple):
    """One refused line, counted from 1, with a code from `REASONS` and what it is about."""

    line: int
    code: str
    detail: str = ""

    @property
    def reason(self) -> str:
        return REASONS[self.code]

    def __str__(self) -> str:
        about = f" ({self.detail})" if self.detail else ""
        return f"line {self.line}: {self.reason}{about}"


class GiftErrors(ValueError):
    """The text cannot be imported as it is. `errors` names every refused line, in order."""

    def __init__(self, errors: Iterable[Refused]) -> None:
        self.errors = sorted(errors)
        super().__init__("\n".join(map(str, self.errors)))


class Unsupported(Exception):
    """A piece of text that has no counterpart. Never leaves this package."""

    def __init__(self, code: str, detail: str = "") -> None:
        self.code = code
        self.detail = detail[:80]
        super().__init__(code)
