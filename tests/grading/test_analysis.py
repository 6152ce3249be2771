"""Item analysis against the worked example."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wagtail_live_lms.grading.analysis import (
    MINIMUM_N,
    Scored,
    internal_consistency,
    item_analysis,
)

from .vectors import ANSWER_MATRIX, DISCRIMINATION, FACILITY, INTERNAL_CONSISTENCY


def attempts(rows: list[str]) -> list[dict[str, Scored]]:
    return [
        {
            f"q{column}": Scored(Decimal(mark), Decimal(1), (f"chose {mark}",))
            for column, mark in enumerate(row)
        }
        for row in rows
    ]


def test_the_worked_example() -> None:
    items = item_analysis(attempts(ANSWER_MATRIX), minimum=1)
    assert [item.question_id for item in items] == ["q0", "q1", "q2", "q3"]
    assert [item.facility for item in items] == pytest.approx(FACILITY, abs=1e-4)
    assert [item.discrimination for item in items] == pytest.approx(DISCRIMINATION, abs=0.01)
    assert items[3].distribution == {"chose 1": 2, "chose 0": 4}
    consistency = internal_consistency(attempts(ANSWER_MATRIX), minimum=1)
    assert consistency == pytest.approx(INTERNAL_CONSISTENCY, abs=0.01)


def test_few_attempts_have_counts_but_no_figures() -> None:
    few = attempts(["10", "01", "11"] * 3)
    assert len(few) == MINIMUM_N - 1
    for item in item_analysis(few):
        assert (item.n, item.facility, item.discrimination) == (9, None, None)
        assert sum(item.distribution.values()) == 9
    assert internal_consistency(few) is None
    enough = [*few, *attempts(["10"])]
    assert all(item.facility is not None for item in item_analysis(enough))
    assert internal_consistency(enough) is not None


def test_nothing_can_be_said_where_nothing_varies() -> None:
    same = attempts(["11"] * 12)
    assert [item.discrimination for item in item_analysis(same)] == [None, None]
    assert internal_consistency(same) is None
    assert internal_consistency(attempts(["1", "0"] * 6)) is None
    assert item_analysis([]) == []
    (alone,) = item_analysis(attempts(["1"]), minimum=1)
    assert (alone.facility, alone.discrimination) == (1.0, None)


def test_a_question_worth_nothing_has_no_facility() -> None:
    (item,) = item_analysis([{"q": Scored(Decimal(0), Decimal(0))}] * 12)
    assert item.facility is None


def test_a_question_that_some_attempts_lack_is_judged_by_the_others() -> None:
    rows = attempts(["11", "10", "01", "00"] * 3)
    for row in rows[:2]:
        del row["q1"]
    first, second = item_analysis(rows)
    assert (first.n, second.n) == (12, 10)
    assert internal_consistency(rows) == internal_consistency(rows[2:])


@given(st.lists(st.text("01", min_size=3, max_size=3), max_size=30))
def test_figures_stay_within_their_bounds(rows: list[str]) -> None:
    for item in item_analysis(attempts(rows), minimum=1):
        assert 0 <= (item.facility or 0) <= 1
        assert -100 <= (item.discrimination or 0) <= 100
    consistency = internal_consistency(attempts(rows), minimum=1)
    assert consistency is None or consistency <= 100 + 1e-9


@given(st.lists(st.text("01", min_size=3, max_size=3), min_size=2, max_size=12), st.randoms())
def test_the_order_of_attempts_does_not_matter(rows: list[str], rng: object) -> None:
    figures = item_analysis(attempts(rows), minimum=1)
    rng.shuffle(rows)  # type: ignore[attr-defined]
    assert item_analysis(attempts(rows), minimum=1) == [
        item._replace(
            facility=pytest.approx(item.facility), discrimination=pytest.approx(item.discrimination)
        )
        for item in figures
    ]
