"""Quizzes for browser tests, each with a student of its own, and a student who takes one."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from typing import Any

from playwright.sync_api import Locator, Page, expect

from example_site.bootcamp.demo.people import PASSWORD
from tests import quizzes

from .people import People, Person, expect_state
from .site import ExampleSite

RIGHT: dict[str, Any] = {
    "single": "a",
    "multiple": ["a", "b"],
    "boolean": "true",
    "short": f"{quizzes.KEY} Nairobi",
    "number": "299792",
    "ordering": ["a", "b", "c"],
}
WRONG: dict[str, Any] = {"single": "c", "number": "12", "boolean": "false", "short": "Mombasa"}

_numbers = count(1)


@dataclass
class Taker:
    """A student at a quiz, in a browser."""

    site: ExampleSite
    person: Person
    username: str
    path: str
    quiz_id: int

    def open(self, *, live: bool = True) -> Sheet:
        """A tab with the quiz."""
        page = self.person.open(self.path)
        if live:
            expect_state(page, "live")
        return Sheet(page)

    def begin(self) -> Sheet:
        sheet = self.open()
        sheet.start()
        return sheet

    def stored(self) -> dict[str, Any]:
        """The answers of the last attempt as the database has them."""
        sql = (
            "SELECT question_id, response FROM wagtail_live_lms_answer WHERE submission_id ="
            " (SELECT MAX(id) FROM wagtail_live_lms_submission WHERE quiz_id = ?)"
        )
        rows = self.site.query(sql, self.quiz_id)
        return {ident: json.loads(response or "null") for ident, response in rows}

    def attempts(self) -> list[str]:
        """The states of all attempts, in order."""
        sql = "SELECT state FROM wagtail_live_lms_submission WHERE quiz_id = ? ORDER BY number"
        return [state for (state,) in self.site.query(sql, self.quiz_id)]

    def set_deadline(self, seconds: float) -> None:
        """So many seconds from now; a page learns it when it is loaded."""
        self.site.execute(
            "UPDATE wagtail_live_lms_submission SET deadline = datetime('now', ?)"
            " WHERE quiz_id = ? AND state = 'open'",
            f"{seconds:+.3f} seconds",
            self.quiz_id,
        )


@dataclass
class Sheet:
    """A tab that shows the quiz."""

    page: Page

    @property
    def root(self) -> Locator:
        return self.page.locator('[data-live-component="quiz"]')

    @property
    def saved(self) -> Locator:
        return self.page.locator("[data-quiz-saved]")

    def question(self, ident: str) -> Locator:
        return self.page.locator(f'[data-question="{ident}"]')

    def start(self) -> None:
        self.page.locator("[data-live-event=start] button").click()
        expect(self.root).to_have_attribute("data-quiz-state", "running")
        expect(self.root).to_have_attribute("data-quiz-scripted", "")

    def start_unless_running(self) -> None:
        if self.root.get_attribute("data-quiz-state") != "running":
            self.start()

    def choose(self, ident: str, words: str) -> None:
        self.question(ident).locator(f".live-lms-choice:has-text('{words}')").click()

    def type(self, ident: str, words: str) -> None:
        self.question(ident).locator(".live-lms-input").fill(words)

    def match(self, prompt: str, option: str) -> None:
        row = self.page.locator(f".live-lms-match:has-text('{prompt}')").first
        row.locator("select").select_option(label=option)

    def order(self, *words: str) -> None:
        """Move items up until they stand in this order."""
        for place, word in enumerate(words):
            item = self.page.locator(f"[data-quiz-item]:has-text('{word}')")
            while self.items().index(word) > place:
                item.locator("[data-quiz-move='-1']").click()

    def items(self) -> list[str]:
        shown = self.page.locator("[data-quiz-item] .live-lms-order__text").all_inner_texts()
        return [text.strip() for text in shown]

    def answer_everything(self) -> None:
        """All questions that a key grades, rightly."""
        self.choose("single", "Four")
        self.choose("multiple", "Two")
        self.choose("multiple", "Three")
        self.choose("boolean", "True")
        self.type("short", f"{quizzes.KEY} Nairobi")
        self.type("number", "299792")
        self.order("Press", "Phone", "Radio")
        self.match("Camel", "Desert")
        self.match("Whale", "Ocean")

    def expect_saved(self) -> None:
        expect(self.saved).to_have_attribute("data-state", "saved")

    def hand_in(self) -> None:
        """Press the button, once more where answers are missing."""
        self._press_twice()
        expect(self.page.locator("[data-quiz-result]")).to_be_visible()

    def hand_in_refused(self) -> None:
        """Press the button too early, and wait for the refusal."""
        with self.page.expect_response(lambda answer: answer.status == 429):
            self._press_twice()
        expect(self.page.locator("[data-quiz-wait][role=alert]")).to_be_visible()

    def _press_twice(self) -> None:
        button = self.page.locator("[data-quiz-submit]")
        button.click()
        done = "[data-quiz-result], [data-quiz-unanswered]:not([hidden])"
        self.page.wait_for_selector(done)
        if button.count():
            button.click()


def taker_in(people: People, site: ExampleSite) -> Callable[..., Taker]:
    """Makes a quiz and lets its student in; the options are those of `make_quiz.make`."""

    def make(
        questions: list[dict[str, Any]] | None = None,
        *,
        course: dict[str, Any] | None = None,
        attempts: list[dict[str, Any]] | None = None,
        browser: dict[str, Any] | None = None,
        **quiz: Any,
    ) -> Taker:
        username = f"taker{next(_numbers)}"
        made = site.run(
            "tests.browser.make_quiz:make",
            username=username,
            password=PASSWORD,
            questions=questions or quizzes.automatic(),
            course=course or {},
            quiz={"title": "Checkpoint"} | quiz,
            attempts=attempts or [],
        )
        person = people.enter(username, **(browser or {}))
        return Taker(site, person, username, made["path"], made["quiz"])

    return make
