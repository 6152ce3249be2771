"""Item analysis against the worked example."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wagtail_live_lms.grading.analysis import (
    MINIMUM_N,
    Scored,
    internal_consistency,
    item_analysis,
    matches_chosen,
    right_places,
)

from .questions import listed, question
from .vectors import (
    ANSWER_MATRIX,
    DISCRIMINATION,
    FACILITY,
    INTERNAL_CONSISTENCY,
    MATCHES,
    ORDERS,
)


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


def distribution_of(asked: Any, responses: Iterable[Any]) -> Counter[str]:
    return Counter(choice for response in responses for choice in asked.responses_chosen(response))


def test_how_often_each_item_stood_in_its_place() -> None:
    asked = question("ordering", items=listed(*({"text": t} for t in ("one", "two", "three"))))
    shares = right_places(asked, distribution_of(asked, map(list, ORDERS)))
    assert shares == [("one", 3, True), ("two", 4, True), ("three", 2, True)]


def test_items_alike_stand_right_in_each_others_place() -> None:
    texts = ("<p>x</p>", "<p>y</p>", '<p data-block-key="k">x</p>')
    asked = question("ordering", items=listed(*({"text": text} for text in texts)))
    shares = right_places(asked, distribution_of(asked, [list("cba"), list("bac"), None]))
    assert [share.times for share in shares] == [1, 1, 2]


def matching(*pairs: tuple[str, str], extra: str) -> Any:
    entries = listed(*({"prompt": prompt, "match": match} for prompt, match in pairs))
    return question("matching", pairs=entries, distractors=[{"id": "x", "text": extra}])


def matched(asked: Any, *texts: str) -> dict[str, str]:
    """A response that gives the prompts these options, an empty text none."""
    options = {option.text: option.id for option in asked.order("seed")} | {"gone": "gone"}
    pairs = zip(asked.correct_response(), texts, strict=True)
    return {prompt: options[text] for prompt, text in pairs if text}


def test_how_often_each_option_was_chosen_for_each_prompt() -> None:
    asked = matching(("France", "Paris"), ("Spain", "Madrid"), extra="Rome")
    chosen = distribution_of(asked, [matched(asked, *row) for row in MATCHES])
    france, spain = matches_chosen(asked, chosen)
    assert france.options == (("Paris", 3, True), ("Madrid", 1, False), ("Rome", 0, False))
    assert spain.options == (("Paris", 1, False), ("Madrid", 2, True), ("Rome", 1, False))
    assert [(one.prompt, one.other, one.answered) for one in (france, spain)] == [
        ("France", 1, 5),
        ("Spain", 0, 4),
    ]


def test_options_alike_are_counted_as_one() -> None:
    asked = matching(("a", "vowel"), ("b", "consonant"), ("e", "vowel "), extra="vowel")
    right = asked.correct_response()
    for shares in matches_chosen(asked, distribution_of(asked, [right, right])):
        assert [option.text for option in shares.options] == ["vowel", "consonant"]
        assert [option.times for option in shares.options if option.is_right] == [2]


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
