"""Figures from a database's sums are those of the attempts themselves."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wagtail_live_lms.grading.analysis import Scored, item_analysis
from wagtail_live_lms.grading.sums import Sums, item_of_sums

from .vectors import ANSWER_MATRIX, DISCRIMINATION, FACILITY


def sums_of(marks: list[int], rests: list[int]) -> Sums:
    return Sums(
        n=len(marks),
        x=sum(marks),
        xx=sum(mark * mark for mark in marks),
        r=sum(rests),
        rr=sum(rest * rest for rest in rests),
        xr=sum(mark * rest for mark, rest in zip(marks, rests, strict=True)),
        maximum=len(marks),
    )


def test_the_worked_example() -> None:
    rows = [[int(mark) for mark in row] for row in ANSWER_MATRIX]
    for column, (facility, discrimination) in enumerate(zip(FACILITY, DISCRIMINATION, strict=True)):
        marks = [row[column] for row in rows]
        rests = [sum(row) - row[column] for row in rows]
        item = item_of_sums("q", sums_of(marks, rests), {"a": 1}, minimum=1)
        assert item.facility == pytest.approx(facility, abs=1e-4)
        assert item.discrimination == pytest.approx(discrimination, abs=0.01)
        assert item.distribution == {"a": 1}


@given(st.lists(st.tuples(st.integers(0, 1), st.integers(0, 5)), max_size=25))
def test_sums_say_what_attempts_say(pairs: list[tuple[int, int]]) -> None:
    attempts = [
        {"q": Scored(Decimal(mark), Decimal(1)), "rest": Scored(Decimal(rest), Decimal(5))}
        for mark, rest in pairs
    ]
    sums = sums_of([mark for mark, _ in pairs], [rest for _, rest in pairs])
    item = item_of_sums("q", sums, {})
    for expected in item_analysis(attempts)[:1]:
        assert item.n == expected.n
        assert item.facility == pytest.approx(expected.facility)
        assert item.discrimination == pytest.approx(expected.discrimination)


def test_a_question_worth_nothing_has_no_facility() -> None:
    sums = Sums(n=12, x=0, xx=0, r=6, rr=6, xr=0, maximum=0)
    assert item_of_sums("q", sums, {})[2:4] == (None, None)
