"""Nothing answered is lost: without network, after a reload, in two tabs, and when time is up."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from .people import People, mark
from .quiz import Sheet, Taker

pytestmark = pytest.mark.browser

Make = Callable[..., Taker]

ENDPOINT = "**/live-lms/components/quiz/"
KEPT = "Object.keys(localStorage).filter(key => key.startsWith('live-lms-quiz:')).length"


def cut(page: Page) -> None:
    """From now on nothing that is sent arrives."""

    def refuse(route: Route) -> None:
        if route.request.method == "POST":
            route.abort()
        else:
            route.continue_()

    page.route(ENDPOINT, refuse)


@pytest.fixture
def excused(people: People) -> None:
    people.excuse("net::ERR_", "WebSocket connection")


@pytest.mark.usefixtures("excused")
class TestWithoutNetwork:
    def test_answers_are_kept_and_sent_when_it_is_back(self, taker: Make) -> None:
        student = taker()
        sheet = student.begin()
        student.person.context.set_offline(True)
        expect(sheet.page.locator(".live-lms-quiz__offline")).to_be_visible()
        sheet.choose("single", "Four")
        sheet.type("number", "299792")
        expect(sheet.saved).to_have_attribute("data-state", "kept")
        assert student.stored()["single"] is None
        assert sheet.page.evaluate(KEPT) == 1
        student.person.context.set_offline(False)
        sheet.expect_saved()
        assert (student.stored()["single"], student.stored()["number"]) == ("a", "299792")
        assert sheet.page.evaluate(KEPT) == 0

    def test_they_are_sent_after_a_reload_too(self, taker: Make) -> None:
        student = taker()
        sheet = student.begin()
        cut(sheet.page)
        sheet.choose("single", "Four")
        sheet.order("Press", "Phone", "Radio")
        expect(sheet.saved).to_have_text("Not saved, retrying")
        asked: list[str] = []
        sheet.page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
        sheet.page.reload()
        assert asked == ["beforeunload"]
        expect(sheet.question("single").locator("[value=a]")).to_be_checked()
        assert sheet.items() == ["Press", "Phone", "Radio"]
        assert student.stored()["single"] is None
        sheet.page.unroute(ENDPOINT)
        sheet.expect_saved()
        assert (student.stored()["single"], student.stored()["ordering"]) == ("a", ["a", "b", "c"])

    def test_of_two_answers_to_a_question_the_newer_is_saved(self, taker: Make) -> None:
        student = taker()
        sheet = student.begin()
        cut(sheet.page)
        sheet.choose("single", "Five")
        expect(sheet.saved).to_have_attribute("data-state", "failed")
        sheet.choose("single", "Four")
        sheet.page.unroute(ENDPOINT)
        sheet.expect_saved()
        assert student.stored()["single"] == "a"

    def test_another_person_at_the_same_browser_gets_none_of_them(
        self, people: People, taker: Make
    ) -> None:
        student = taker()
        sheet = student.begin()
        cut(sheet.page)
        sheet.choose("single", "Four")
        expect(sheet.saved).to_have_attribute("data-state", "failed")
        assert f":{sheet.root.get_attribute('data-attempt')}" in sheet.page.evaluate(
            "Object.keys(localStorage).find(key => key.startsWith('live-lms-quiz:'))"
        )
        other = taker()
        cookies: Any = other.person.context.cookies()
        sheet.page.on("dialog", lambda dialog: dialog.accept())
        student.person.context.clear_cookies()
        student.person.context.add_cookies(cookies)
        theirs = Sheet(student.person.open(other.path))
        theirs.start()
        expect(theirs.question("single").locator(":checked")).to_have_count(0)
        assert other.stored()["single"] is None


class TestTwoTabs:
    def test_what_is_answered_in_one_shows_in_the_other(self, taker: Make) -> None:
        student = taker()
        first, second = student.begin(), student.open()
        is_same = mark(second.page)
        first.choose("single", "Five")
        first.order("Press", "Phone", "Radio")
        expect(second.question("single").locator("[value=b]")).to_be_checked()
        expect(second.page.locator("[data-quiz-count]")).to_have_text("2 of 7 answered")
        expect(second.page.locator("[data-quiz-item]").first).to_contain_text("Press")
        assert is_same()

    def test_what_is_being_typed_is_never_replaced(self, taker: Make) -> None:
        student = taker()
        first, second = student.begin(), student.open()
        second.page.locator("[name=answer-short]").press_sequentially("Nai")
        first.choose("boolean", "True")
        expect(second.question("boolean").locator("[value=true]")).to_be_checked()
        second.page.locator("[name=answer-short]").press_sequentially("robi")
        expect(second.page.locator("[name=answer-short]")).to_have_value("Nairobi")
        expect(second.page.locator("[name=answer-short]")).to_be_focused()
        expect(first.page.locator("[name=answer-short]")).to_have_value("Nairobi")

    def test_handing_in_ends_both(self, taker: Make) -> None:
        student = taker()
        first, second = student.begin(), student.open()
        first.choose("single", "Four")
        first.hand_in()
        expect(second.root).to_have_attribute("data-quiz-state", "graded")
        assert student.attempts() == ["graded"]

    def test_beginning_in_one_begins_in_the_other(self, taker: Make) -> None:
        student = taker()
        first, second = student.open(), student.open()
        first.start()
        expect(second.root).to_have_attribute("data-quiz-state", "running")


class TestTheClock:
    def test_at_zero_what_is_there_is_handed_in(self, taker: Make) -> None:
        student = taker(time_limit=10)
        sheet = student.begin()
        student.set_deadline(8)
        sheet.page.reload()
        sheet.choose("single", "Four")
        sheet.type("number", "299792")
        expect(sheet.root).to_have_attribute("data-quiz-state", "graded", timeout=25_000)
        assert student.stored()["number"] == "299792"
        expect(sheet.root).to_have_attribute("data-score", "2")

    def test_the_last_minute_is_said_and_nothing_in_between(self, taker: Make) -> None:
        student = taker(time_limit=10)
        sheet = student.begin()
        student.set_deadline(64)
        sheet.page.reload()
        status = sheet.root.locator("[data-live-status]")
        expect(status).to_contain_text("Time left: 1 minute")
        words = status.inner_text()
        left = sheet.page.locator("[data-quiz-left]")
        before = left.inner_text()
        expect(left).not_to_have_text(before)
        assert status.inner_text() == words

    def test_the_time_left_is_told_when_asked(self, taker: Make) -> None:
        sheet = taker(time_limit=10).begin()
        sheet.page.get_by_role("button", name="Hear it").click()
        expect(sheet.root.locator("[data-live-status]")).to_contain_text("minutes")

    def test_a_wrong_clock_of_the_machine_changes_nothing(self, taker: Make) -> None:
        student = taker(time_limit=10)
        student.person.context.add_init_script(
            "const then = Date.now; Date.now = () => then() + 3600000;"
        )
        sheet = student.begin()
        expect(sheet.page.locator("[data-quiz-left]")).to_contain_text("9:5")
        sheet.choose("single", "Four")
        sheet.expect_saved()
        expect(sheet.page.locator("[data-quiz-left]")).to_contain_text("9:")

    def test_an_attempt_that_is_over_shows_its_result(self, people: People, taker: Make) -> None:
        people.excuse("status of 409")
        student = taker(time_limit=10)
        sheet = student.begin()
        student.set_deadline(-30)
        sheet.choose("single", "Four")
        expect(sheet.root).to_have_attribute("data-quiz-state", "graded")
