"""A student's whole course on one page: one socket, or none at all, and nothing axe finds."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from .looks import STILL, mistakes
from .people import COURSE, People, expect_state, mark, mark_complete
from .site import READER, ExampleSite

pytestmark = pytest.mark.browser

MY_WORK = f"{COURSE}my-work/"
PROGRESS = '[data-live-component="course_progress"]'


def test_axe_finds_nothing_and_nothing_is_too_wide(people: People) -> None:
    people.excuse("status of 404")
    page = people.enter(READER, **STILL).open(MY_WORK)
    expect_state(page, "live")
    assert mistakes(page) == []


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
