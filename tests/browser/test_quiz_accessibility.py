"""axe finds nothing in any state of a quiz: light, dark and narrow, right to left."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from tests import quizzes

from .looks import OVERFLOW, RIGHT_TO_LEFT, STILL, mistakes, violations
from .people import People
from .quiz import RIGHT, WRONG, Sheet, Taker
from .test_accessibility import show_messages

pytestmark = pytest.mark.browser

EVERYTHING = quizzes.everything()


def wait(sheet: Sheet) -> None:
    """Nothing to do there."""


def answer(sheet: Sheet) -> None:
    sheet.start_unless_running()
    sheet.choose("single", "Four")
    sheet.order("Press", "Phone", "Radio")


def make_mistakes(sheet: Sheet) -> None:
    answer(sheet)
    sheet.type("number", "x")
    sheet.page.locator("[data-quiz-submit]").click()
    sheet.page.locator("[data-quiz-submit]").click()
    expect(sheet.page.locator("[data-quiz-errors]")).to_be_visible()


def ask(sheet: Sheet) -> None:
    answer(sheet)
    sheet.page.locator("[data-quiz-submit]").click()
    expect(sheet.page.locator("[data-quiz-unanswered]")).to_be_visible()


def offline(sheet: Sheet) -> None:
    sheet.start_unless_running()
    show_messages(sheet.page)


STATES: dict[str, tuple[dict[str, Any], Callable[[Sheet], None]]] = {
    "ready": ({"time_limit": 90, "attempts_allowed": 3}, wait),
    "early": ({"opens_at": 3600}, wait),
    "closed": ({"closes_at": -60}, wait),
    "broken": ({"questions": [quizzes.passage()]}, wait),
    "waiting": ({"course": {"in_order": True, "rules": ["by_hand", "quiz_passed"]}}, wait),
    "running": ({"questions": EVERYTHING, "time_limit": 30}, answer),
    "unanswered": ({"questions": EVERYTHING}, ask),
    "mistaken": ({"questions": EVERYTHING}, make_mistakes),
    "offline": ({}, offline),
    "limited": ({"attempts": [WRONG], "submissions_per_hour": 1}, answer),
    "submitted": ({"questions": EVERYTHING, "attempts": [RIGHT | {"long": "It falls"}]}, wait),
    "failed": ({"attempts": [WRONG], "answers_time": "at_once"}, wait),
    "passed": ({"attempts": [WRONG, RIGHT]}, wait),
    "exhausted": ({"attempts": [WRONG], "attempts_allowed": 1, "feedback_time": "never"}, wait),
}


@pytest.mark.parametrize("name", STATES)
def test_axe_finds_nothing(people: People, taker: Callable[..., Taker], name: str) -> None:
    people.excuse("status of 422")
    options, act = STATES[name]
    sheet = taker(browser=STILL, **options).open()
    act(sheet)
    assert mistakes(sheet.page) == []


@pytest.mark.parametrize("name", ["running", "submitted"])
def test_axe_finds_nothing_from_right_to_left(taker: Callable[..., Taker], name: str) -> None:
    options, act = STATES[name]
    sheet = taker(browser=STILL | RIGHT_TO_LEFT, **options).open()
    act(sheet)
    assert violations(sheet.page) == []


def test_a_narrow_running_quiz_does_not_scroll_sideways(taker: Callable[..., Taker]) -> None:
    code = "<pre><code>" + "print('a long line of code') " * 8 + "</code></pre>"
    questions = [quizzes.single(text=f"<p>What does it print?</p>{code}"), *EVERYTHING[2:]]
    sheet = taker(questions, browser={"viewport": {"width": 320, "height": 700}}).begin()
    assert sheet.page.evaluate(OVERFLOW) <= 0
