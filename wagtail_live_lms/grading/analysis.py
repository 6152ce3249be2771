"""How well the questions of a quiz worked, from the attempts that count.

Formulas of classical test theory. The discrimination is the item-rest correlation: with the item
itself in the total a bad item correlates with itself and looks harmless.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import NamedTuple

from .arrangements import Matching, Ordering, Pair

MINIMUM_N = 10
"""Below so many attempts the figures would be noise, and are None."""


class Scored(NamedTuple):
    """What one attempt got for one question, and what it chose."""

    points: Decimal
    maximum: Decimal
    chosen: tuple[str, ...] = ()


class Item(NamedTuple):
    """The figures of one question.

    `facility` is the mean share of its points, 0 to 1; `discrimination` the correlation with the
    rest of the quiz in percent, -100 to 100, None too where either does not vary.
    """

    question_id: str
    n: int
    facility: float | None
    discrimination: float | None
    distribution: dict[str, int]


class Share(NamedTuple):
    """How often one answer, or one part of it, was given."""

    text: str
    times: int
    is_right: bool


class PromptShares(NamedTuple):
    """How often each option was chosen for one prompt; `other` counts those that are gone."""

    prompt: str
    options: tuple[Share, ...]
    other: int

    @property
    def answered(self) -> int:
        return self.other + sum(option.times for option in self.options)


Attempt = Mapping[str, Scored]


def item_analysis(attempts: Iterable[Attempt], *, minimum: int = MINIMUM_N) -> list[Item]:
    """One item per question that any attempt had, in order of appearance."""
    rows = list(attempts)
    questions = dict.fromkeys(question for row in rows for question in row)
    totals = [_total(row) for row in rows]
    return [_item(question, rows, totals, minimum) for question in questions]


def right_places(question: Ordering, distribution: Mapping[str, int]) -> list[Share]:
    """How often each item, in the right order, stood in its place; items alike are one there."""
    return [
        Share(item.text, _count(names, distribution), is_right=True)
        for item, names in zip(question.items, question.placings(), strict=True)
    ]


def matches_chosen(question: Matching, distribution: Mapping[str, int]) -> list[PromptShares]:
    """For each prompt how often each option was chosen, in the order the author wrote them."""
    return [_prompt_shares(question, pair, distribution) for pair in question.pairs]


def internal_consistency(attempts: Iterable[Attempt], *, minimum: int = MINIMUM_N) -> float | None:
    """Cronbach's alpha in percent, of the attempts that had every question.

    None for fewer than two questions, too few attempts, or totals that do not vary. It is
    negative where the questions contradict each other.
    """
    rows = list(attempts)
    questions = {question for row in rows for question in row}
    complete = [row for row in rows if len(row) == len(questions)]
    if len(questions) < 2 or len(complete) < max(minimum, 2):
        return None
    spread = _variance([_total(row) for row in complete])
    if not spread:
        return None
    items = math.fsum(
        _variance([float(row[question].points) for row in complete]) for question in questions
    )
    return 100 * len(questions) / (len(questions) - 1) * (1 - items / spread)


def _item(question: str, rows: Sequence[Attempt], totals: Sequence[float], minimum: int) -> Item:
    pairs = [
        (row[question], total) for row, total in zip(rows, totals, strict=True) if question in row
    ]
    scored = [one for one, _ in pairs]
    chosen = Counter(choice for one in scored for choice in one.chosen)
    if len(scored) < max(minimum, 1):
        return Item(question, len(scored), None, None, dict(chosen))
    rests = [total - float(one.points) for one, total in pairs]
    marks = [float(one.points) for one in scored]
    return Item(question, len(scored), _facility(scored), _correlation(marks, rests), dict(chosen))


def _prompt_shares(question: Matching, pair: Pair, distribution: Mapping[str, int]) -> PromptShares:
    options = tuple(
        Share(text, _count(names, distribution), is_right=text == pair.match.strip())
        for text, names in question.choices_for(pair).items()
    )
    chosen = [name for name in distribution if question.is_choice_for(pair, name)]
    known = sum(option.times for option in options)
    return PromptShares(pair.prompt, options, _count(chosen, distribution) - known)


def _count(names: Iterable[str], distribution: Mapping[str, int]) -> int:
    return sum(distribution.get(name, 0) for name in names)


def _facility(scored: Sequence[Scored]) -> float | None:
    worth = sum(one.maximum for one in scored)
    return float(sum(one.points for one in scored) / worth) if worth else None


def _correlation(xs: Sequence[float], ys: Sequence[float]) -> float | None:
    """Pearson's, in percent; None where one of them does not vary."""
    spread = math.sqrt(_variance(xs)) * math.sqrt(_variance(ys))
    if len(xs) < 2 or not spread:
        return None
    return min(max(100 * _covariance(xs, ys) / spread, -100.0), 100.0)


def _variance(values: Sequence[float]) -> float:
    # Points have two places: what is smaller is an error of rounding.
    found = _covariance(values, values)
    return found if found > 1e-9 else 0.0


def _covariance(xs: Sequence[float], ys: Sequence[float]) -> float:
    """Of a sample, so divided by n - 1; 0 for fewer than two."""
    if len(xs) < 2:
        return 0.0
    mean_x, mean_y = math.fsum(xs) / len(xs), math.fsum(ys) / len(ys)
    products = ((x - mean_x) * (y - mean_y) for x, y in zip(xs, ys, strict=True))
    return math.fsum(products) / (len(xs) - 1)


def _total(row: Attempt) -> float:
    return float(sum(scored.points for scored in row.values()))
