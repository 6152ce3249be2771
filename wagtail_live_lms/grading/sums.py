"""Item analysis from sums that a database made, where reading every attempt would take too long."""

from __future__ import annotations

import math
from typing import NamedTuple

from .analysis import MINIMUM_N, Item


class Sums(NamedTuple):
    """Over the attempts that had a question: x its points, r the points of the rest of the quiz."""

    n: int
    x: float
    xx: float
    r: float
    rr: float
    xr: float
    maximum: float


def item_of_sums(
    question_id: str, sums: Sums, distribution: dict[str, int], *, minimum: int = MINIMUM_N
) -> Item:
    """The same figures as `item_analysis` gives for the attempts that were summed up."""
    if sums.n < max(minimum, 1):
        return Item(question_id, sums.n, None, None, distribution)
    facility = sums.x / sums.maximum if sums.maximum else None
    return Item(question_id, sums.n, facility, _discrimination(sums), distribution)


def _discrimination(sums: Sums) -> float | None:
    """The item-rest correlation in percent; None where the points do not vary."""
    spread_x = _spread(sums.xx, sums.x, sums.n)
    spread_r = _spread(sums.rr, sums.r, sums.n)
    if not spread_x or not spread_r:
        return None
    together = sums.xr - sums.x * sums.r / sums.n
    found = 100 * together / (math.sqrt(spread_x) * math.sqrt(spread_r))
    return min(max(found, -100.0), 100.0)


def _spread(squares: float, total: float, n: int) -> float:
    """The sum of squared deviations. What is as small as an error of rounding is none."""
    found = squares - total * total / n
    return found if found > 1e-9 * max(squares, 1.0) else 0.0
