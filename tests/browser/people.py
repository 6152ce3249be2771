"""People at their browsers: each has a context of their own, as on a machine of their own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page, expect

from example_site.bootcamp.demo import PASSWORD

from .site import ExampleSite

COURSE = "/python-bootcamp/"
DASHBOARD = "/python-bootcamp/dashboard/"
VIEWED_LESSON = "/python-bootcamp/a-small-web-app/"
NOTEBOOK = "/python-bootcamp/practice-functions-and-errors/"
PATIENCE_MS = 15_000
BESIDE = ("grade_notification", "ask_for_help", "instructor_alerts")
TOPIC = "[data-live-component]" + "".join(
    f':not([data-live-component="{name}"])' for name in BESIDE
)
"""What a page is about, beside the notices, the alerts and the way to ask for help."""

LEFT_EARLY = "WebSocket is closed before the connection is established"
"""What Chromium says of a page that is left, or loaded anew, while its socket opens."""

Sessions = dict[tuple[str, str | None], Any]
"""Cookies of those who have logged in, by site and name."""

expect.set_options(timeout=PATIENCE_MS)


@dataclass
class Person:
    """Somebody with a browser. Whatever its console complains about is kept in `complaints`."""

    site: ExampleSite
    context: BrowserContext
    complaints: list[str] = field(default_factory=list)

    def open(self, path: str, *, live: bool = False) -> Page:
        """A new tab; with `live`, once its components are told of every change."""
        page = self.context.new_page()
        page.set_default_timeout(PATIENCE_MS)
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.goto(self.site.url + path)
        if live:
            expect_state(page, "live")
        return page

    def log_in(self, username: str) -> None:
        """By the login form."""
        page = self.open("/accounts/login/")
        page.fill("[name=username]", username)
        page.fill("[name=password]", PASSWORD)
        page.press("[name=password]", "Enter")
        page.wait_for_selector(".site-user, form[action*=logout]")
        page.close()

    def _hear(self, message: Any) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(message.text)


class People:
    """Opens browser contexts, and closes them when the test is over."""

    def __init__(self, browser: Browser, site: ExampleSite, sessions: Sessions) -> None:
        self.browser = browser
        self.site = site
        self.sessions = sessions
        self.present: list[Person] = []
        self.excused: tuple[str, ...] = ()

    def enter(
        self, username: str | None = None, *, own_session: bool = False, **options: Any
    ) -> Person:
        """Somebody with a browser, logged in unless nameless; options are Playwright's.

        Sessions are shared between tests; a test that logs out asks for one of its own.
        """
        options = {"viewport": {"width": 1280, "height": 900}} | options
        known = None if own_session else self.sessions.get((self.site.url, username))
        context = self.browser.new_context(storage_state=known, **options)
        person = Person(self.site, context)
        self.present.append(person)
        if username and known is None:
            person.log_in(username)
            if not own_session:
                self.sessions[self.site.url, username] = context.storage_state()
        return person

    def excuse(self, *words: str) -> None:
        """Complaints with these words are what the test is about."""
        self.excused = words

    def complaints(self) -> list[str]:
        """What the consoles said that nobody expected."""
        said = [text for person in self.present for text in person.complaints]
        excused = (LEFT_EARLY, *self.excused)
        return [text for text in said if not any(words in text for words in excused)]

    def leave(self) -> None:
        for person in self.present:
            person.context.close()


def expect_state(page: Page, state: str) -> None:
    """Wait until every component of the page says so."""
    expect(page.locator(f'[data-live-params]:not([data-live-state="{state}"])')).to_have_count(0)


def mark(page: Page) -> Callable[[], bool]:
    """Mark a page; the result tells whether it is still the same, never reloaded."""
    page.evaluate("window.isMarked = true")
    return lambda: bool(page.evaluate("window.isMarked === true"))


def rows(page: Page) -> dict[str, str]:
    """Percentages on a dashboard by the row's id."""
    script = "rows => Object.fromEntries(rows.map(row => [row.id, row.dataset.pct]))"
    shown: dict[str, str] = page.eval_on_selector_all("tr[data-pct]", script)
    return shown


def mark_complete(page: Page) -> None:
    """Press the first "Mark complete", and wait for the row to say that it is."""
    button = page.locator("button[name=module_id]").first
    module = button.get_attribute("value")
    button.click()
    expect(page.locator(f'[data-module="{module}"]')).to_have_attribute("data-done", "true")
