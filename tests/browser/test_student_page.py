"""A student's whole course on one page: one socket, or none at all, and nothing axe finds."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from .people import COURSE, People, expect_state, mark, mark_complete
from .site import READER, ExampleSite
from .test_accessibility import DUPLICATES, LOOKS, OPTIONS

pytestmark = pytest.mark.browser

MY_WORK = f"{COURSE}my-work/"
PROGRESS = '[data-live-component="course_progress"]'


@pytest.mark.parametrize("look", ["light", "narrow and dark"])
def test_axe_finds_nothing_and_nothing_is_too_wide(people: People, look: str) -> None:
    people.excuse("status of 404")
    page = people.enter(READER, reduced_motion="reduce", **LOOKS[look]).open(MY_WORK)
    expect_state(page, "live")
    results = Axe().run(page, options=OPTIONS)
    assert results.violations_count == 0, results.generate_report()
    assert page.evaluate(DUPLICATES) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_one_socket_serves_all_components_and_moves_the_one_that_changed(
    people: People, student: str
) -> None:
    browser = people.enter(student)
    page = browser.context.new_page()
    sockets: list[str] = []
    page.on("websocket", lambda socket: sockets.append(socket.url))
    page.goto(browser.site.url + MY_WORK)
    expect_state(page, "live")
    assert page.locator("[data-live-params]").count() >= 4
    assert len(sockets) == 1
    is_same = mark(page)
    quiz = page.locator('[data-live-component="quiz"]')
    quiz.evaluate("element => { element.isMarked = true }")
    mark_complete(browser.open(COURSE, live=True))
    percent = str(browser.site.percentage(student))
    expect(page.locator(PROGRESS)).to_have_attribute("data-pct", percent)
    assert quiz.evaluate("element => element.isMarked")
    assert is_same()
    assert len(sockets) == 1


def test_under_wsgi_it_refreshes_itself_by_polling(
    people: People, own_site: Callable[..., ExampleSite]
) -> None:
    people.site = site = own_site(wsgi=True, SHELLS=True)
    people.excuse("WebSocket", "Failed to load resource")
    student = site.students()[0]
    page = people.enter(student).open(MY_WORK)
    is_same = mark(page)
    expect(page.locator(f"{PROGRESS} .live-lms-state")).to_contain_text("Updated every few seconds")
    mark_complete(people.enter(student).open(COURSE))
    expect(page.locator(PROGRESS)).to_have_attribute("data-pct", str(site.percentage(student)))
    assert is_same()
