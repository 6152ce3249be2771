"""Ordering and matching."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from pydantic import ValidationError

from .questions import codes, listed, question, refusal_of, validate


def ordering(*texts: str, **more: Any) -> Any:
    return question("ordering", items=listed(*({"text": text} for text in texts)), **more)


def matching(*pairs: tuple[str, str], extra: tuple[str, ...] = (), **more: Any) -> Any:
    entries = [{"prompt": prompt, "match": match} for prompt, match in pairs]
    distractors = [{"id": f"x{index}", "text": text} for index, text in enumerate(extra)]
    return question("matching", pairs=listed(*entries), distractors=distractors, **more)


CAPITALS = (("France", "Paris"), ("Spain", "Madrid"), ("Italy", "Rome"))


class TestOrdering:
    def test_each_position_counts(self) -> None:
        asked = ordering("one", "two", "three", "four")
        assert asked.grade(list("abcd")).outcome == "correct"
        assert asked.grade(list("abdc"))[:2] == ("partial", Fraction(1, 2))
        assert asked.grade(list("bcda")).outcome == "incorrect"
        assert asked.grade(["a", "gone", None]).fraction == Fraction(1, 4)
        assert asked.grade({"a": 1}).outcome == asked.grade("abcd").outcome == "incorrect"

    def test_or_all_of_them(self) -> None:
        asked = ordering("one", "two", "three", method="all_or_nothing")
        assert asked.grade(list("abc")).outcome == "correct"
        assert asked.grade(list("bac")).outcome == "incorrect"

    def test_items_with_the_same_text_may_change_places(self) -> None:
        asked = ordering("<p>{</p>", '<p data-block-key="k">x</p>', "<p>x</p>")
        assert asked.grade(list("acb")).outcome == "correct"

    @pytest.mark.parametrize(
        "sent",
        [list("bca"), {"b": "1", "c": " 2", "a": "3"}, {"b": 1, "c": 2, "a": 3}],
        ids=["list", "form", "json"],
    )
    def test_a_form_sends_the_order_or_the_positions(self, sent: Any) -> None:
        assert validate(ordering("one", "two", "three"), sent) == list("bca")

    @pytest.mark.parametrize(
        "sent",
        [
            list("ab"),
            list("abb"),
            list("abx"),
            {"a": 1, "b": 2},
            {"a": 1, "b": 1, "c": 2},
            {"a": 0, "b": 1, "c": 2},
            {"a": 1, "b": 2, "c": ""},
        ],
    )
    def test_anything_but_an_order_is_refused(self, sent: Any) -> None:
        assert refusal_of(ordering("one", "two", "three"), sent) == "incomplete_order"

    def test_no_positions_at_all_are_blank(self) -> None:
        asked = ordering("one", "two")
        assert validate(asked, {"a": "", "b": None}) is None
        assert validate(asked, []) is None

    def test_it_is_never_shown_solved(self) -> None:
        asked = ordering("one", "two")
        shown = {"".join(one.id for one in asked.order(str(seed))) for seed in range(9)}
        assert shown == {"ba"}

    def test_its_key(self) -> None:
        asked = ordering("one", "two")
        assert asked.key_text() == ("one", "two")
        assert asked.correct_response() == ["a", "b"]
        assert asked.responses_chosen(["b", "a"]) == ["1:b", "2:a"]
        assert asked.responses_chosen("b") == []

    def test_items_that_are_all_the_same_are_an_error(self) -> None:
        assert codes(ordering("x", "x ")) == {"anything_scores": True}
        assert codes(ordering("x", "y", "x")) == {}

    def test_one_item_is_no_order(self) -> None:
        with pytest.raises(ValidationError):
            ordering("one")


class TestMatching:
    def test_each_pair_counts(self) -> None:
        asked = matching(*CAPITALS, extra=("Lisbon",), points=3)
        right = asked.correct_response()
        assert asked.grade(right).outcome == "correct"
        prompt = next(iter(right))
        assert asked.grade({prompt: right[prompt]}).points == 1
        assert asked.grade({**right, prompt: "gone"}).points == 2
        assert asked.grade({**right, prompt: ["gone"]}).points == 2
        assert asked.grade({"gone": "gone"}).points == 0
        assert asked.grade("Paris").points == asked.grade(["Paris"]).points == 0

    def test_feedback_is_for_what_was_matched_wrongly(self) -> None:
        pairs = listed(
            {"prompt": "France", "match": "Paris", "feedback": "The Seine."},
            {"prompt": "Spain", "match": "Madrid", "feedback": "The Prado."},
        )
        asked = question("matching", pairs=pairs)
        right = asked.correct_response()
        assert asked.grade(right).feedback == ()
        swapped = dict(zip(right, reversed(right.values()), strict=True))
        assert asked.grade(swapped).feedback == ("The Seine.", "The Prado.")

    def test_equal_options_are_one(self) -> None:
        asked = matching(("a", "vowel"), ("b", "consonant"), ("e", " vowel"), extra=("vowel", "?"))
        options = {option.text: option.id for option in asked.order("seed")}
        assert set(options) == {"vowel", "consonant", "?"}
        prompts = {prompt.text: prompt.id for prompt in asked.prompts("seed")}
        answer = {
            prompts["a"]: options["vowel"],
            prompts["b"]: options["consonant"],
            prompts["e"]: options["vowel"],
        }
        assert asked.grade(validate(asked, answer)).outcome == "correct"

    def test_what_a_page_shows_does_not_tell_what_belongs_together(self) -> None:
        asked = matching(*CAPITALS)
        shown = {one.id for one in (*asked.prompts("seed"), *asked.order("seed"))}
        assert len(shown) == 6
        assert not shown & {"a", "b", "c"}

    def test_responses_outlive_an_edit_of_the_texts(self) -> None:
        before = matching(*CAPITALS)
        after = matching(("La France", "PARIS"), *CAPITALS[1:])
        assert after.grade(before.correct_response()).outcome == "correct"

    def test_prompts_are_shuffled_if_wanted_and_options_always(self) -> None:
        seeds = [str(seed) for seed in range(20)]
        fixed, loose = matching(*CAPITALS, shuffle=False), matching(*CAPITALS)
        assert len({fixed.prompts(seed) for seed in seeds}) == 1
        assert len({loose.prompts(seed) for seed in seeds}) > 3
        assert len({fixed.order(seed) for seed in seeds}) > 3

    def test_a_form_leaves_out_what_is_blank(self) -> None:
        asked = matching(*CAPITALS)
        (first, option), (second, _), *_ = asked.correct_response().items()
        assert validate(asked, {first: option, second: ""}) == {first: option}
        assert validate(asked, {first: "", second: None}) is None
        assert refusal_of(asked, {first: "x"}) == refusal_of(asked, {"x": option})
        assert refusal_of(asked, {first: "x"}) == "unknown_choice"
        assert refusal_of(asked, "x") == "dict_type"

    def test_its_key(self) -> None:
        asked = matching(*CAPITALS)
        assert asked.key_text() == ("Paris", "Madrid", "Rome")
        assert asked.responses_chosen({"p": "o"}) == ["p:o"]
        assert asked.responses_chosen("p") == []

    @pytest.mark.parametrize(
        ("pairs", "extra", "found"),
        [
            ((("a", "x"), ("b", "x")), ("y",), {"anything_scores": True}),
            ((("a", "x"), ("a", "y")), (), {"duplicate_choices": False}),
            ((("a", "x"), ("b", "y")), ("x",), {"duplicate_choices": False}),
            ((("a", "x"), ("b", "y"), ("c", "x")), ("z",), {}),
        ],
    )
    def test_what_lint_finds(self, pairs: Any, extra: Any, found: dict[str, bool]) -> None:
        assert codes(matching(*pairs, extra=extra)) == found
