"""Taking a quiz in a real browser: every type, by mouse, by keyboard, without JavaScript."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests import quizzes

from .people import People
from .quiz import RIGHT, WRONG, Taker
from .test_policy import COUNT_VIOLATIONS

pytestmark = pytest.mark.browser

Make = Callable[..., Taker]


def test_a_quiz_of_every_automatic_type_is_taken_and_completes_its_module(taker: Make) -> None:
    student = taker(answers_time="at_once")
    student.person.context.add_init_script(COUNT_VIOLATIONS)
    sheet = student.begin()
    expect(sheet.question("single")).to_be_focused()
    sheet.answer_everything()
    expect(sheet.page.locator("[data-quiz-count]")).to_have_text("7 of 7 answered")
    sheet.expect_saved()
    assert {key: student.stored()[key] for key in RIGHT} == RIGHT
    sheet.page.locator("[data-quiz-submit]").click()
    expect(sheet.page.locator("[data-quiz-result]")).to_be_focused()
    expect(sheet.root).to_have_attribute("data-percent", "100")
    outcomes = sheet.page.locator("[data-result]").evaluate_all(
        "fields => fields.map(field => field.dataset.result)"
    )
    assert outcomes == ["correct"] * 7
    expect(sheet.page.locator("[data-module]")).to_have_attribute("data-done", "true")
    assert sheet.page.evaluate("window.violations") == []


def test_what_was_answered_is_there_again_after_a_reload(taker: Make) -> None:
    sheet = taker().begin()
    sheet.answer_everything()
    sheet.expect_saved()
    sheet.page.reload()
    expect(sheet.page.locator("[data-quiz-count]")).to_have_text("7 of 7 answered")
    assert sheet.items() == ["Press", "Phone", "Radio"]
    expect(sheet.saved).to_contain_text("Saved")


def test_missing_answers_are_pointed_out_before_the_last_press(taker: Make) -> None:
    student = taker()
    sheet = student.begin()
    sheet.choose("single", "Four")
    sheet.page.locator("[data-quiz-submit]").click()
    box = sheet.page.locator("[data-quiz-unanswered]")
    expect(box).to_be_focused()
    expect(box.locator("a:visible")).to_have_count(6)
    assert student.attempts() == ["open"]
    sheet.choose("boolean", "True")
    expect(box.locator("a:visible")).to_have_count(5)
    sheet.page.get_by_role("button", name="Hand in anyway").click()
    expect(sheet.page.locator("[data-quiz-result]")).to_be_visible()
    assert student.attempts() == ["graded"]


def test_a_mistake_is_told_at_once_beside_its_field_and_when_handing_in(
    people: People, taker: Make
) -> None:
    people.excuse("status of 422")
    student = taker()
    sheet = student.begin()
    sheet.answer_everything()
    sheet.type("number", "12 km")
    sheet.page.keyboard.press("Tab")
    mistake = sheet.question("number").locator("[data-quiz-errors-of]")
    expect(mistake).to_have_text("Write a number, such as 3.14.")
    expect(sheet.saved).to_have_attribute("data-state", "refused")
    sheet.page.locator("[data-quiz-submit]").click()
    summary = sheet.page.locator("[data-quiz-errors]")
    expect(summary).to_be_focused()
    summary.get_by_role("link").click()
    expect(sheet.question("number")).to_be_focused()
    sheet.type("number", "299792")
    expect(mistake).to_be_empty()
    sheet.expect_saved()
    sheet.page.locator("[data-quiz-submit]").click()
    expect(sheet.root).to_have_attribute("data-percent", "100")


def test_enter_in_a_field_does_not_hand_the_quiz_in(taker: Make) -> None:
    student = taker()
    sheet = student.begin()
    sheet.type("short", "Nairobi")
    sheet.page.keyboard.press("Enter")
    sheet.expect_saved()
    assert student.attempts() == ["open"]


def test_the_whole_quiz_by_keyboard_alone(taker: Make) -> None:
    student = taker()
    sheet = student.open()
    press = sheet.page.keyboard.press

    def reach(selector: str) -> None:
        for _ in range(60):
            if sheet.page.evaluate("css => document.activeElement?.matches(css)", selector):
                return
            press("Tab")
        raise AssertionError(f"{selector} is not reached by Tab")

    reach("[data-live-event=start] button")
    press("Enter")
    expect(sheet.question("single")).to_be_focused()
    reach("[name=answer-single]")
    press("Space")
    reach("[name=answer-multiple][value=a]")
    press("Space")
    reach("[name=answer-boolean]")
    press("Space")
    press("ArrowDown")
    reach("[name=answer-short]")
    sheet.page.keyboard.type("Nairobi")
    reach("[name=answer-number]")
    sheet.page.keyboard.type("299792")
    reach("[data-quiz-move='1']")
    first, second, _ = sheet.items()
    press("Enter")
    assert sheet.items()[:2] == [second, first]
    expect(sheet.root.locator("[data-live-status]")).to_contain_text("in place 2 of 3")
    assert sheet.page.evaluate("document.activeElement.dataset.quizMove") == "1"
    reach("[name^='answer-matching.']")
    press("ArrowDown")
    sheet.expect_saved()
    reach("[data-quiz-submit]")
    press("Enter")
    sheet.page.wait_for_selector("[data-quiz-result], [data-quiz-unanswered]:not([hidden])")
    if student.attempts() == ["open"]:
        reach("[data-quiz-submit]")
        press("Enter")
    expect(sheet.page.locator("[data-quiz-result]")).to_be_focused()
    assert student.attempts() == ["graded"]


def test_without_javascript_answers_are_saved_and_handed_in_by_plain_forms(taker: Make) -> None:
    student = taker(browser={"java_script_enabled": False})
    page = student.open(live=False).page
    page.get_by_role("button", name="Begin the quiz").click()
    expect(page).to_have_url(re.compile(re.escape(student.path)))
    page.check("[name=answer-single][value=a]")
    page.check("[name=answer-multiple][value=a]")
    page.fill("[name=answer-number]", "299792")
    for item, place in {"a": "1", "b": "2", "c": "3"}.items():
        page.select_option(f"[name='answer-ordering.{item}']", place)
    page.get_by_role("button", name="Save answers").click()
    expect(page.locator(".messages")).to_contain_text("Your answers are saved.")
    assert student.stored()["ordering"] == ["a", "b", "c"]
    expect(page.locator("[data-quiz-unanswered]")).to_contain_text("Question 3")
    page.check("[name=answer-boolean][value=true]")
    page.get_by_role("button", name="Hand in").click()
    expect(page.locator(".messages")).to_contain_text("Not passed: 55.55 %.")
    expect(page.locator('[data-live-component="quiz"]')).to_have_attribute("data-score", "5")


def test_without_javascript_a_mistake_comes_back_with_what_was_typed(
    people: People, taker: Make
) -> None:
    people.excuse("status of 422", "status of 404")  # the page of it, and its absent icon
    student = taker(browser={"java_script_enabled": False})
    page = student.open(live=False).page
    page.get_by_role("button", name="Begin the quiz").click()
    page.check("[name=answer-single][value=a]")
    page.fill("[name=answer-number]", "twelve")
    page.press("[name=answer-number]", "Enter")
    expect(page.locator("[data-quiz-errors]")).to_contain_text("Write a number")
    expect(page.locator("[name=answer-number]")).to_have_value("twelve")
    page.fill("[name=answer-number]", "12")
    page.get_by_role("button", name="Hand in").click()
    expect(page.locator("[data-quiz-result]")).to_be_visible()
    assert student.attempts() == ["graded"]


def test_the_hour_is_counted_down_and_the_answers_stay(people: People, taker: Make) -> None:
    people.excuse("status of 429")
    student = taker(submissions_per_hour=1, attempts=[WRONG])
    sheet = student.begin()
    clock = sheet.page.locator("[data-quiz-wait] [data-quiz-clock]").first
    before = clock.inner_text()
    sheet.choose("single", "Four")
    sheet.hand_in_refused()
    assert student.attempts() == ["graded", "open"]
    expect(clock).not_to_have_text(before)
    assert student.stored()["single"] == "a"


def test_a_quiz_that_opens_shows_itself_when_its_time_has_come(taker: Make) -> None:
    sheet = taker(opens_at=12).open()
    expect(sheet.root).to_have_attribute("data-quiz-state", re.compile("early|ready"))
    expect(sheet.root).to_have_attribute("data-quiz-state", "ready")


def test_long_answers_wait_and_their_words_are_counted(taker: Make) -> None:
    student = taker([quizzes.long_answer()])
    sheet = student.begin()
    sheet.type("long", "Things fall down")
    expect(sheet.page.locator("[data-quiz-words]")).to_have_text("Words so far: 3")
    sheet.hand_in()
    expect(sheet.root).to_have_attribute("data-quiz-state", "submitted")
    expect(sheet.question("long")).to_have_attribute("data-result", "pending")
