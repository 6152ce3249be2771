"""Two keys that judge alike are told from two that may not."""

from __future__ import annotations

from typing import Any

import pytest

from tests import factories
from wagtail_live_lms.grading import judgement, load_question, load_questions


def of(stored: dict[str, Any]) -> tuple[Any, ...]:
    (question,) = load_questions([stored])
    return judgement(question)


TEXTS = ({"text": "Right!", "correct": True}, {"text": "Wrong"}, {"text": "No", "feedback": "Hm"})
OTHER_KEY = ({"text": "Right"}, {"text": "Wrong", "correct": True}, {"text": "No"})
CHOICE = factories.single_choice("q1")
TYPED = factories.question("short_text", "q1", answers=factories.items({"text": "left join"}))


def changed(stored: dict[str, Any], **value: Any) -> dict[str, Any]:
    return stored | {"value": stored["value"] | value}


@pytest.mark.parametrize(
    "value",
    [
        {"text": "<p>In other words</p>"},
        {"explanation": "<p>Because.</p>"},
        {"shuffle": False},
        {"choices": factories.items(*TEXTS)},
    ],
)
def test_wording_and_feedback_judge_nothing(value: dict[str, Any]) -> None:
    assert of(CHOICE) == of(changed(CHOICE, **value))


@pytest.mark.parametrize(
    "value",
    [
        {"points": "2"},
        {"void": True},
        {"choices": factories.items(*OTHER_KEY)},
        {"choices": factories.items({"text": "Right", "correct": True}, {"text": "Wrong"})},
    ],
)
def test_points_and_key_do(value: dict[str, Any]) -> None:
    assert of(CHOICE) != of(changed(CHOICE, **value))


def test_what_is_compared_with_typed_words_does_too() -> None:
    other = changed(TYPED, answers=factories.items({"text": "inner join"}))
    assert of(TYPED) != of(other)
    assert of(TYPED) == of(changed(TYPED, tail="<p>…</p>"))


def test_items_that_become_the_same_judge_otherwise() -> None:
    items = factories.items({"text": "a"}, {"text": "b"}, {"text": "c"})
    ordering = factories.question("ordering", "q1", items=items)
    same = factories.items({"text": "a"}, {"text": "b"}, {"text": "b"})
    assert of(ordering) != of(changed(ordering, items=same))


def test_all_that_a_kind_of_the_site_stores_may_count() -> None:
    def own(text: str) -> tuple[Any, ...]:
        value = {"text": "Well?", "parts": [{"text": text}]}
        return judgement(load_question("own", "q1", value, custom={"own": Definition()}))

    assert own("a") == own("a")
    assert own("a") != own("b")


class Definition:
    def grade(self, data: Any, response: Any) -> bool:
        return bool(data["parts"][0]["text"] == response)
