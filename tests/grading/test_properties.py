"""What holds for every question and every response."""

from __future__ import annotations

import itertools
import random
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from pydantic import ValidationError

from wagtail_live_lms.grading import (
    MultipleChoice,
    Ordering,
    Question,
    answers_schema,
    field_name,
    grade_all,
    load_question,
    responses_in,
)
from wagtail_live_lms.grading.base import points_for
from wagtail_live_lms.grading.normal import Pattern, hide_escapes

from . import strategies as some
from .questions import codes, question, validate

pairs_of = some.questions.flatmap(
    lambda question: st.tuples(
        st.just(question), some.forms(question) | some.json_values | st.text(max_size=80)
    )
)


def has_errors(question: Question) -> bool:
    return any(finding.is_error for finding in question.lint())


@given(pairs_of)
def test_a_score_is_between_nothing_and_the_points(pair: tuple[Question, Any]) -> None:
    question, response = pair
    result = question.grade(response)
    assert 0 <= result.fraction <= 1
    assert 0 <= result.points <= question.points == result.maximum
    assert result.points == round(result.points, 2)
    assert (result.outcome == "correct") == (result.fraction == 1)


@given(pairs_of)
def test_grading_gives_the_same_every_time(pair: tuple[Question, Any]) -> None:
    question, response = pair
    again = type(question).model_validate(question.model_dump())
    assert again == question
    assert question.grade(response) == question.grade(response) == again.grade(response)


@given(pairs_of)
def test_whatever_is_stored_can_be_looked_at(pair: tuple[Question, Any]) -> None:
    question, response = pair
    question.responses_chosen(response)
    question.is_blank(response)
    question.order(str(response))
    question.key_text()
    question.lint()


@given(pairs_of)
def test_what_validation_accepts_survives_storage(pair: tuple[Question, Any]) -> None:
    question, response = pair
    try:
        stored = validate(question, response)
    except ValidationError:
        return
    read = some.through_json(stored)
    assert read == stored
    assert validate(question, read) == stored
    assert question.grade(read) == question.grade(stored)


@given(some.questions)
def test_blank_scores_nothing_unless_the_question_is_void(question: Question) -> None:
    for blank in (None, "", "  ", [], {}, {"a": ""}):
        assert question.grade(blank).fraction == int(question.void)


@given(st.text("rw", min_size=1, max_size=9), some.FIELDS["multiple_choice"]["method"])
def test_ticking_all_scores_nothing_where_lint_finds_nothing(marks: str, method: str) -> None:
    choices = [
        {"id": f"id{index}", "text": f"{index}", "correct": mark == "r"}
        for index, mark in enumerate(marks)
    ]
    asked = question("multiple_choice", choices=choices, method=method)
    all_ticked = asked.grade([choice["id"] for choice in choices])
    assert all_ticked.fraction == 0 or "ticking_all_scores" in codes(asked)


@given(some.questions)
def test_the_right_answer_is_right_where_lint_finds_no_error(question: Question) -> None:
    if question.kind in {"long_answer", "information"} or has_errors(question):
        return
    right = question.correct_response()
    assert validate(question, right) == right
    assert question.grade(right).outcome == "correct"


@given(some.of_kind("multiple_choice"), st.data())
def test_one_more_right_decision_never_scores_less(
    question: MultipleChoice, data: st.DataObject
) -> None:
    ids = [choice.id for choice in question.choices]
    assume(ids)
    ticked = set(data.draw(st.lists(st.sampled_from(ids), min_size=1)))
    for choice in question.choices:
        better = ticked | {choice.id} if choice.correct else ticked - {choice.id}
        if better:
            assert question.grade(list(better)).fraction >= question.grade(list(ticked)).fraction


@given(some.of_kind("ordering"), st.data())
def test_putting_an_item_into_its_place_never_scores_less(
    question: Ordering, data: st.DataObject
) -> None:
    order = data.draw(st.permutations([item.id for item in question.items]))
    position = data.draw(st.integers(0, len(order) - 1))
    right = question.items[position].id
    better = list(order)
    better[better.index(right)], better[position] = better[position], right
    assume(len({item.text for item in question.items}) == len(question.items))
    assert question.grade(better).fraction >= question.grade(order).fraction


@given(some.of_kind("matching"), st.data())
def test_one_more_right_pair_never_scores_less(question: Any, data: st.DataObject) -> None:
    right = question.correct_response()
    answered = data.draw(some.forms(question))
    assume(answered)
    prompt = data.draw(st.sampled_from(sorted(right)))
    better = answered | {prompt: right[prompt]}
    assert question.grade(better).fraction >= question.grade(answered).fraction


@pytest.mark.parametrize("kind", ["single_choice", "multiple_choice", "matching"])
@given(data=st.data(), seed=st.integers())
def test_the_order_in_which_the_author_wrote_does_not_matter(
    kind: str, data: st.DataObject, seed: int
) -> None:
    value = data.draw(some.values(kind))
    question = load_question(kind, "q", value)
    response = data.draw(some.forms(question))
    name = "pairs" if kind == "matching" else "choices"
    entries = random.Random(seed).sample(value[name], len(value[name]))
    other = load_question(kind, "q", {**value, name: entries})
    assert other.grade(response)[:4] == question.grade(response)[:4]
    assert sorted(other.grade(response).feedback) == sorted(question.grade(response).feedback)
    if value.get("shuffle") and not any(entry.get("pinned") for entry in entries):
        assert set(other.order("seed")) == set(question.order("seed")) or kind == "matching"


@given(st.lists(some.questions, max_size=6), st.randoms(use_true_random=False), st.data())
def test_the_order_of_questions_does_not_matter(
    drawn: list[Question], rng: random.Random, data: st.DataObject
) -> None:
    quiz = [one.model_copy(update={"id": f"q{index}"}) for index, one in enumerate(drawn)]
    responses = {one.id: data.draw(some.forms(one)) for one in quiz}
    graded = grade_all(quiz, responses)
    rng.shuffle(quiz)
    assert grade_all(quiz, responses) == graded
    assert 0 <= graded.score <= graded.maximum


@given(some.questions, st.text(max_size=10))
def test_what_is_shown_is_always_the_same_set(question: Question, seed: str) -> None:
    shown = question.order(seed)
    assert shown == question.order(seed)
    assert set(shown) == set(question.order("another"))
    assert len({option.id for option in shown}) == len(shown)


@given(some.of_kind("ordering"), st.text(max_size=10))
def test_items_are_never_shown_in_the_right_order(question: Ordering, seed: str) -> None:
    shown = [option.id for option in question.order(seed)]
    assert question.judge(shown).fraction != 1 or "anything_scores" in codes(question)


@given(some.questions, st.text(max_size=80) | st.text("0123456789.,eE+- *\x00\ud800", max_size=80))
def test_hostile_text_is_accepted_or_refused_and_never_raises(
    question: Question, text: str
) -> None:
    schema = answers_schema([question])
    try:
        responses = responses_in(schema.model_validate({field_name("q"): text}))
    except ValidationError:
        responses = {}
    for response in (text, [text], {text: text}, [[text]], *responses.values()):
        question.grade(response)


@given(st.text("ab*", max_size=12), st.text("ab", max_size=12))
def test_wildcards_match_what_the_slow_definition_does(pattern: str, text: str) -> None:
    assert Pattern.with_wildcards(hide_escapes(pattern)).matches(text) == by_definition(
        pattern, text
    )


def test_a_pattern_that_covers_another_matches_all_that_the_other_does() -> None:
    patterns = [Pattern.with_wildcards(text) for text in every_text("ab*", 3)]
    texts = every_text("ab", 4)
    for one, other in itertools.product(patterns, patterns):
        if one.covers(other):
            assert all(one.matches(text) for text in texts if other.matches(text))


def every_text(letters: str, most: int) -> list[str]:
    drawn = (itertools.product(letters, repeat=length) for length in range(most + 1))
    return ["".join(text) for text in itertools.chain.from_iterable(drawn)]


def by_definition(pattern: str, text: str) -> bool:
    if not pattern:
        return not text
    if pattern[0] == "*":
        return any(by_definition(pattern[1:], text[skip:]) for skip in range(len(text) + 1))
    return text[:1] == pattern[0] and by_definition(pattern[1:], text[1:])


@given(st.fractions(0, 1, max_denominator=1000), some.points)
def test_points_are_rounded_half_up(fraction: Fraction, points: Decimal) -> None:
    exact = fraction * Fraction(points)
    rounded = Fraction(points_for(fraction, points))
    assert -Fraction(1, 200) < rounded - exact <= Fraction(1, 200)
