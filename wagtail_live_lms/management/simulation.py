"""Plans a believable class: who completes something when. Pure, so a seed repeats it exactly."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from typing import NamedTuple

PAUSE_CHANCE, PAUSE_FACTOR = 0.12, 4.0
"""How often somebody takes a break before the next module, and how much longer that lasts."""
BURST_CHANCE, BURST_FACTOR = 0.25, 0.15
"""How often the next module follows almost at once, and how much shorter the gap is."""


class Step(NamedTuple):
    """At this many seconds after the start, this student completes their next module."""

    at: float
    student: int


def plan_class(rng: random.Random, remaining: Mapping[int, int], seconds: float) -> list[Step]:
    """Steps in the order of time; every student is done within `seconds`.

    `remaining` maps a student to the number of modules they have left.
    """
    steps = [
        Step(at, student)
        for student, modules in remaining.items()
        for at in _plan_student(rng, modules, seconds)
    ]
    return sorted(steps)


def _plan_student(rng: random.Random, modules: int, seconds: float) -> Iterator[float]:
    gaps = [_gap(rng) for _ in range(modules)]
    # The quick finish after half of the time, the last ones at its very end.
    scale = seconds * rng.uniform(0.5, 1.0) / sum(gaps) if gaps else 0.0
    moment = 0.0
    for gap in gaps:
        moment += gap * scale
        yield min(moment, seconds)  # a sum of shares may be a hair more than the whole


def _gap(rng: random.Random) -> float:
    gap = rng.lognormvariate(0, 0.5)
    chance = rng.random()
    if chance < PAUSE_CHANCE:
        return gap * PAUSE_FACTOR
    if chance < PAUSE_CHANCE + BURST_CHANCE:
        return gap * BURST_FACTOR
    return gap
