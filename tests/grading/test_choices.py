"""Single choice, multiple choice, true or false."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest

from .questions import choices, codes, listed, question, refusal_of, validate
from .vectors import FEW_RIGHT, MULTIPLE_CHOICE, MULTIPLE_CHOICE_KEY

METHODS = ["all_or_nothing", "right_minus_wrong", "each_decision"]


class TestMultipleChoice:
    @pytest.mark.parametrize("method", METHODS)
    @pytest.mark.parametrize("vector", MULTIPLE_CHOICE, ids=lambda vector: vector[0] or "blank")
    def test_worked_examples(self, method: str, vector: tuple[str, *tuple[Fraction, ...]]) -> None:
        asked = question(
            "multiple_choice", choices=choices("abcdef", MULTIPLE_CHOICE_KEY), method=method
        )
        expected = vector[1 + METHODS.index(method)]
        assert asked.grade(list(vector[0])).fraction == expected

    @pytest.mark.parametrize(("ticked", "expected"), FEW_RIGHT)
    def test_each_decision_counts_what_is_rightly_left_out(
        self, ticked: str, expected: Fraction
    ) -> None:
        asked = question("multiple_choice", choices=choices("abcdef", "a"), method="each_decision")
        assert asked.grade(list(ticked)).fraction == expected

    @pytest.mark.parametrize("method", METHODS)
    def test_a_key_for_which_ticking_all_scores_is_refused(self, method: str) -> None:
        every_one = question("multiple_choice", choices=choices("abc", "abc"), method=method)
        assert codes(every_one) == {"ticking_all_scores": True}
        assert every_one.grade(list("abc")).outcome == "correct"

    def test_more_right_than_wrong_choices_reward_ticking_all(self) -> None:
        asked = {"choices": choices("abcd", "abc")}
        assert codes(question("multiple_choice", **asked)) == {"ticking_all_scores": True}
        assert codes(question("multiple_choice", **asked, method="all_or_nothing")) == {}

    def test_counting_each_decision_rewards_it_too_and_the_author_is_warned(self) -> None:
        asked = question("multiple_choice", choices=choices("abcd", "ab"), method="each_decision")
        assert codes(asked) == {"ticking_all_scores": False}

    def test_without_a_right_choice_nothing_is_right(self) -> None:
        asked = question("multiple_choice", choices=choices("ab", ""), method="each_decision")
        assert codes(asked) == {"no_correct_answer": True}
        assert asked.correct_response() is None
        assert asked.grade(["a"]).outcome == "incorrect"

    def test_a_choice_that_an_edit_removed_counts_as_wrong(self) -> None:
        asked = question("multiple_choice", choices=choices("abcd", "ab"))
        assert asked.grade(["a", "b", "gone"]).fraction == Fraction(1, 2)
        assert asked.grade(["a", "b", 7]).fraction == 1

    def test_feedback_is_that_of_what_was_ticked_in_the_authors_order(self) -> None:
        entries = listed(*({"text": text, "feedback": f"on {text}"} for text in "xyz"))
        asked = question("multiple_choice", choices=entries)
        assert asked.grade(["c", "a"]).feedback == ("on x", "on z")

    def test_a_form_may_send_one_tick_or_many(self) -> None:
        asked = question("multiple_choice", choices=choices("abc", "ab"))
        assert validate(asked, "a") == ["a"]
        assert validate(asked, ["c", "a", "a"]) == ["a", "c"]
        assert validate(asked, []) is None
        assert refusal_of(asked, ["a", "x"]) == "unknown_choice"
        assert refusal_of(asked, {"a": "b"}) == "list_type"

    def test_the_key_and_what_was_chosen(self) -> None:
        asked = question("multiple_choice", choices=choices("abc", "ac"))
        assert asked.key_text() == ("a", "c")
        assert asked.responses_chosen(["c", "c", "", "a"]) == ["c", "a"]
        assert asked.responses_chosen("c") == []


class TestSingleChoice:
    def test_the_right_one_gets_all_others_what_they_are_worth(self) -> None:
        entries = listed(
            {"text": "right", "correct": True, "credit": 10},
            {"text": "nearly", "credit": 50, "feedback": "Nearly."},
            {"text": "wrong"},
        )
        asked = question("single_choice", choices=entries, points="2.50")
        assert asked.grade("a")[:3] == ("correct", 1, Decimal("2.50"))
        assert asked.grade("b") == ("partial", Fraction(1, 2), Decimal("1.25"), 2.5, ("Nearly.",))
        assert asked.grade("c").outcome == asked.grade("gone").outcome == "incorrect"
        assert asked.grade(["a"]).outcome == "incorrect"

    def test_several_may_be_right(self) -> None:
        asked = question("single_choice", choices=choices("abc", "bc"))
        assert codes(asked) == {}
        assert asked.correct_response() == "b"
        assert asked.key_text() == ("b", "c")

    def test_what_lint_finds(self) -> None:
        none_right = question("single_choice", choices=listed({"text": "x", "credit": 50}))
        assert codes(none_right) == {"no_correct_answer": True, "every_choice_scores": False}
        assert none_right.correct_response() == "a"
        assert codes(question("single_choice", choices=[])) == {"no_correct_answer": True}
        same = [{"text": '<p data-block-key="1">x</p>', "correct": True}, {"text": "<p>x</p>"}]
        assert codes(question("single_choice", choices=listed(*same))) == {
            "duplicate_choices": False
        }

    def test_a_form_sends_one_of_the_choices(self) -> None:
        asked = question("single_choice", choices=choices("ab", "a"))
        assert validate(asked, "b") == "b"
        assert validate(asked, "") is None
        assert refusal_of(asked, "c") == "unknown_choice"
        assert refusal_of(asked, ["a"]) == "string_type"

    def test_what_was_chosen(self) -> None:
        asked = question("single_choice", choices=choices("ab", "a"))
        assert asked.responses_chosen("a") == ["a"]
        assert asked.responses_chosen(None) == []


class TestOrder:
    def test_pinned_choices_stay_last(self) -> None:
        entries = choices("abcdefgh", "a")
        entries[0]["pinned"] = entries[3]["pinned"] = True
        asked = question("single_choice", choices=entries)
        orders = {"".join(one.id for one in asked.order(str(seed))) for seed in range(20)}
        assert len(orders) > 10
        assert all(order.endswith("ad") for order in orders)

    def test_unshuffled_it_is_as_written(self) -> None:
        asked = question("multiple_choice", choices=choices("abcd", "a"), shuffle=False)
        assert [one.id for one in asked.order("seed")] == list("abcd")

    def test_it_never_changes(self) -> None:
        asked = question("multiple_choice", choices=choices("abcd", "a"))
        assert "".join(one.id for one in asked.order("seed")) == "dcab"

    def test_questions_of_one_attempt_are_shuffled_independently(self) -> None:
        one = question("multiple_choice", choices=choices("abcdefgh", "a"))
        other = one.model_copy(update={"id": "other"})
        assert one.order("seed") != other.order("seed")


class TestTrueFalse:
    def test_the_block_stores_words(self) -> None:
        asked = question("true_false", correct="false", feedback_false="Indeed.")
        assert asked.correct is False
        assert asked.grade("false")[0::4] == ("correct", ("Indeed.",))
        assert asked.grade("true")[0::4] == ("incorrect", ())
        assert asked.grade("maybe").outcome == asked.grade(["true"]).outcome == "incorrect"

    def test_its_responses(self) -> None:
        asked = question("true_false", correct=True)
        assert asked.correct_response() == "true"
        assert asked.key_text() == ("true",)
        assert [one.id for one in asked.order("seed")] == ["true", "false"]
        assert asked.responses_chosen("true") == ["true"]
        assert asked.responses_chosen("x") == []
        assert refusal_of(asked, "True") == "unknown_choice"
