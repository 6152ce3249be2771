"""A planned class is complete, in order, inside its time and repeatable."""

from __future__ import annotations

import random
from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from wagtail_live_lms.management.simulation import plan_class

classes = st.dictionaries(st.integers(1, 40), st.integers(0, 12), max_size=20)


@given(remaining=classes, seed=st.integers(), seconds=st.floats(0, 3600))
def test_everybody_finishes_in_time(remaining: dict[int, int], seed: int, seconds: float) -> None:
    steps = plan_class(random.Random(seed), remaining, seconds)
    expected = Counter({student: count for student, count in remaining.items() if count})
    assert Counter(step.student for step in steps) == expected
    assert steps == sorted(steps)
    assert all(0 <= step.at <= seconds * 1.000001 for step in steps)


def test_a_seed_repeats_a_class() -> None:
    remaining = {1: 3, 2: 5}
    first, second = (plan_class(random.Random(7), remaining, 60) for _ in range(2))
    assert first == second
    assert plan_class(random.Random(8), remaining, 60) != first
