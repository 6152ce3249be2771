"""Short text, long answer, information."""

from __future__ import annotations

import time
from decimal import Decimal
from fractions import Fraction

import pytest
from pydantic import ValidationError

from wagtail_live_lms.grading.normal import Pattern
from wagtail_live_lms.grading.texts import count_words

from .questions import codes, listed, question, refusal_of, validate
from .vectors import SHORT_TEXT_OPTIONS, SHORT_TEXTS


class TestShortText:
    @pytest.mark.parametrize(("accepted", "typed", "is_right"), SHORT_TEXTS)
    def test_worked_examples(self, accepted: str, typed: str, is_right: bool) -> None:
        asked = question("short_text", answers=listed({"text": accepted}))
        assert asked.grade(typed).fraction == int(is_right)

    @pytest.mark.parametrize(("option", "accepted", "typed", "is_right"), SHORT_TEXT_OPTIONS)
    def test_options(self, option: str, accepted: str, typed: str, is_right: bool) -> None:
        asked = question("short_text", answers=listed({"text": accepted}), **{option: True})
        assert asked.grade(typed).fraction == int(is_right)

    def test_the_first_answer_that_matches_decides(self) -> None:
        answers = listed(
            {"text": "colour"},
            {"text": "color", "credit": 80, "feedback": "British spelling, please."},
            {"text": "c*", "credit": 0, "feedback": "Not that one."},
        )
        asked = question("short_text", answers=answers, wildcards=True)
        assert asked.grade("Color")[:2] == ("partial", Fraction(4, 5))
        assert asked.grade("Color").feedback == ("British spelling, please.",)
        assert asked.grade("cyan")[0] == "incorrect"
        assert asked.grade("cyan").feedback == ("Not that one.",)
        assert asked.grade("red").feedback == ()
        assert asked.key_text() == ("colour",)
        assert [asked.responses_chosen(text) for text in ("colour", "red", " ")] == [
            ["a"],
            ["other"],
            [],
        ]
        assert asked.grade(5).outcome == "incorrect"

    def test_wildcards_take_linear_time(self) -> None:
        pattern = Pattern.with_wildcards("*a" * 250 + "*b")
        started = time.perf_counter()
        assert not pattern.matches("a" * 1_000_000)
        assert time.perf_counter() - started < 1

    def test_a_response_is_kept_as_typed(self) -> None:
        asked = question("short_text", answers=listed({"text": "x"}))
        assert validate(asked, " X\u2019 ") == " X\u2019 "
        assert validate(asked, " \t") is None
        assert refusal_of(asked, "x" * 501) == "string_too_long"
        assert refusal_of(asked, "\ud800") == "string_unicode"

    @pytest.mark.parametrize(
        ("answers", "options", "found"),
        [
            ([], {}, {"no_correct_answer": True}),
            ([{"text": "x", "credit": 99}], {}, {"no_correct_answer": True}),
            ([{"text": "x"}, {"text": " X "}], {}, {"shadowed_answer": False}),
            ([{"text": "x"}, {"text": "X"}], {"match_case": True}, {}),
            ([{"text": "x*"}, {"text": "x*y"}], {"wildcards": True}, {"shadowed_answer": False}),
            ([{"text": "x*y"}, {"text": "x*"}], {"wildcards": True}, {}),
            ([{"text": "**"}], {"wildcards": True}, {"anything_scores": True}),
            (
                [{"text": "*", "credit": 50}, {"text": "x"}],
                {"wildcards": True},
                {"anything_scores": True, "shadowed_answer": False, "no_correct_answer": True},
            ),
            ([{"text": "x"}, {"text": "*", "credit": 0}], {"wildcards": True}, {}),
        ],
    )
    def test_what_lint_finds(
        self, answers: list[dict[str, object]], options: dict[str, bool], found: dict[str, bool]
    ) -> None:
        found_codes = codes(question("short_text", answers=listed(*answers), **options))
        if "anything_scores" in found:
            found_codes.pop("no_correct_answer", None)
            found = {code: value for code, value in found.items() if code != "no_correct_answer"}
        assert found_codes == found

    def test_the_right_answer_is_one_that_scores(self) -> None:
        asked = question(
            "short_text", answers=listed({"text": "a*b"}, {"text": "c"}), wildcards=True
        )
        assert asked.correct_response() == "ab"
        assert question("short_text", answers=[]).correct_response() is None
        known_mistake = listed({"text": "x", "credit": 0})
        assert question("short_text", answers=known_mistake).correct_response() is None


class TestLongAnswer:
    def test_a_person_decides(self) -> None:
        asked = question("long_answer", points=10)
        assert asked.grade("My essay.") == ("pending", 0, Decimal(0), Decimal(10), ())
        assert asked.grade("  ").outcome == "incorrect"
        assert asked.correct_response() is None
        assert asked.key_text() == asked.order("seed") == ()
        assert asked.responses_chosen("text") == []

    def test_word_limits_bind_only_what_is_handed_in(self) -> None:
        asked = question("long_answer", min_words=2, max_words=3)
        for text in ("one", "one two three four"):
            assert validate(asked, text) == text
        assert refusal_of(asked, "one", final=True) == "too_few_words"
        assert refusal_of(asked, "one two three four", final=True) == "too_many_words"
        for text in ("one\ntwo", "one two three"):
            assert validate(asked, text, final=True) == text
        assert validate(asked, " ", final=True) is None
        assert validate(question("long_answer"), "word " * 900, final=True)

    def test_its_length_is_limited(self) -> None:
        assert refusal_of(question("long_answer"), "x" * 50_001) == "string_too_long"

    def test_limits_that_no_text_keeps_are_an_error(self) -> None:
        asked = question("long_answer", min_words=5, max_words=4)
        assert codes(asked) == {"word_limits_cross": True}
        assert codes(question("long_answer", min_words=5)) == {}

    def test_words_are_what_white_space_separates(self) -> None:
        assert count_words(" one  two\u00a0three\n") == 3


class TestInformation:
    def test_it_asks_for_nothing_and_is_worth_nothing(self) -> None:
        text = question("information")
        assert not text.takes_response
        assert text.points == 0
        assert text.grade("x").points == 0
        assert text.lint() == []
        assert refusal_of(text, "x") == "none_required"
        with pytest.raises(ValidationError):
            question("information", points=1)
