"""axe finds nothing in any state of a quiz: light, dark and narrow, right to left."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests import quizzes

from .people import People, expect_state
from .quiz import RIGHT, WRONG, Sheet, Taker
from .test_accessibility import DUPLICATES, LOOKS, OPTIONS, show_messages

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
    student = taker(browser={"reduced_motion": "reduce"}, **options)
    for look in LOOKS.values():
        person = people.enter(student.username, reduced_motion="reduce", **look)
        sheet = Sheet(person.open(student.path))
        expect_state(sheet.page, "live")
        act(sheet)
        results = Axe().run(sheet.page, options=OPTIONS)
        assert results.violations_count == 0, results.generate_report()
        assert sheet.page.evaluate(DUPLICATES) == []
        assert sheet.page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_narrow_running_quiz_does_not_scroll_sideways(taker: Callable[..., Taker]) -> None:
    code = "<pre><code>" + "print('a long line of code') " * 8 + "</code></pre>"
    questions = [quizzes.single(text=f"<p>What does it print?</p>{code}"), *EVERYTHING[2:]]
    sheet = taker(questions, browser={"viewport": {"width": 320, "height": 700}}).begin()
    assert sheet.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
