"""The demo's quizzes, each taken with a network that goes, by keyboard, without JavaScript."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from example_site.bootcamp.content.quizzes import QUIZZES, QuizText

from .people import People
from .quiz import Taker
from .site import ExampleSite

pytestmark = pytest.mark.browser

ESSAY = "I read the last line first, because it names what went wrong and where. " * 3

Make = Callable[..., Taker]


@pytest.fixture(params=QUIZZES, ids=lambda text: text.lesson)
def text(request: pytest.FixtureRequest) -> QuizText:
    found: QuizText = request.param
    return found


@pytest.fixture
def taker(people: People, site: ExampleSite, text: QuizText) -> Make:
    """A student of the demo who has not begun this quiz, at its page."""
    ((quiz_id, username),) = site.query(
        "SELECT q.id, u.username FROM wagtail_live_lms_quiz q"
        " JOIN wagtail_live_lms_enrolment e ON e.course_id = q.course_id"
        " JOIN auth_user u ON u.id = e.user_id WHERE q.title = ? AND NOT EXISTS (SELECT 1"
        " FROM wagtail_live_lms_submission s WHERE s.quiz_id = q.id AND s.enrolment_id = e.id)"
        " ORDER BY u.id DESC LIMIT 1",
        text.title,
    )
    path = f"/python-bootcamp/{text.lesson}/"
    return lambda **browser: Taker(site, people.enter(username, **browser), username, path, quiz_id)


def questions(page: Page) -> list[Locator]:
    return page.locator("fieldset[data-question]").all()


def answer(question: Locator) -> None:
    """Give some answer, in whatever fields there are."""
    for kind in ("radio", "checkbox"):
        if question.locator(f"input[type={kind}]").count():
            return question.locator(f"input[type={kind}]").first.check()
    keep = question.locator("[data-quiz-keep]:visible")
    if keep.count():
        return keep.click()
    for place, select in enumerate(question.locator("select").all()):
        is_position = question.locator("[data-quiz-order]").count()
        select.select_option(index=place + 1 if is_position else 1)
    for field in question.locator("textarea, .live-lms-input:not(select):not(textarea)").all():
        field.fill(ESSAY if field.evaluate("field => field.matches('textarea')") else "6")
    return None


def expect_every_answer(student: Taker, page: Page, text: QuizText) -> None:
    """All was stored, and all of it has a result, or waits until an instructor posts it."""
    count = len(text.questions)
    if text.settings.get("posting") == "manual":
        expect(page.locator('[data-live-component="quiz"]')).to_contain_text("posts it")
        expect(page.locator("fieldset[data-question]")).to_have_count(count)
        expect(page.locator("fieldset[data-result]")).to_have_count(0)
    else:
        expect(page.locator("fieldset[data-result]")).to_have_count(count)
    stored = student.stored()
    assert len(stored) == count
    assert all(response is not None for response in stored.values())


def test_the_network_goes_in_the_middle(people: People, taker: Make, text: QuizText) -> None:
    people.excuse("net::ERR_", "WebSocket connection")
    student = taker()
    sheet = student.begin()
    first, *others = questions(sheet.page)
    answer(first)
    sheet.expect_saved()
    student.person.context.set_offline(True)
    expect(sheet.page.locator(".live-lms-quiz__offline")).to_be_visible()
    for question in others:
        answer(question)
    expect(sheet.saved).to_have_attribute("data-state", "kept")
    student.person.context.set_offline(False)
    sheet.expect_saved()
    sheet.hand_in()
    expect_every_answer(student, sheet.page, text)


def test_by_keyboard_alone(taker: Make, text: QuizText) -> None:
    student = taker()
    sheet = student.open()
    keyboard = sheet.page.keyboard

    def reach(selector: str) -> None:
        for _ in range(120):
            if sheet.page.evaluate("css => document.activeElement?.matches(css)", selector):
                return
            keyboard.press("Tab")
        raise AssertionError(f"{selector} is not reached by Tab")

    reach("[data-live-event=start] button")
    keyboard.press("Enter")
    expect(sheet.page.locator("fieldset[data-question]").first).to_be_visible()
    expect(sheet.root).to_have_attribute("data-quiz-scripted", "")
    for question in questions(sheet.page):
        inside = f'[data-question="{question.get_attribute("data-question")}"] '
        if question.locator("input[type=radio], input[type=checkbox]").count():
            reach(f"{inside}input")
            keyboard.press("Space")
        elif question.locator("[data-quiz-keep]").count():
            reach(f"{inside}[data-quiz-keep]")
            keyboard.press("Enter")
        else:
            for field in question.locator(".live-lms-input").all():
                reach(f'[id="{field.get_attribute("id")}"]')
                if field.evaluate("field => field.matches('select')"):
                    keyboard.press("ArrowDown")
                else:
                    keyboard.insert_text(ESSAY if question.locator("textarea").count() else "6")
    sheet.expect_saved()
    reach("[data-quiz-submit]")
    keyboard.press("Enter")
    expect(sheet.page.locator("[data-quiz-result]")).to_be_visible()
    expect_every_answer(student, sheet.page, text)


def test_without_javascript(people: People, taker: Make, text: QuizText) -> None:
    student = taker(java_script_enabled=False)
    page = student.open(live=False).page
    page.get_by_role("button", name="Begin the quiz").click()
    expect(page.locator("fieldset[data-question]")).to_have_count(len(text.questions))
    for question in questions(page):
        answer(question)
    page.get_by_role("button", name="Hand in", exact=True).click()
    expect_every_answer(student, page, text)
