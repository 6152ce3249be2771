"""Losing the server, the network or the right to be here: the page says so, and recovers."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from .people import (
    COURSE,
    DASHBOARD,
    TOPIC,
    People,
    expect_state,
    mark,
    mark_complete,
    rows,
)
from .site import READER, ExampleSite

pytestmark = pytest.mark.browser


def banner(page: Page, code: int | str) -> Locator:
    return page.locator(f'{TOPIC} [data-live-banner="{code}"]')


def test_pages_survive_the_death_of_the_server_and_then_show_what_they_missed(
    people: People, own_site: Callable[..., ExampleSite]
) -> None:
    people.site = site = own_site()
    student = site.students()[0]
    people.excuse("WebSocket", "Failed to load resource")
    dashboard = people.enter("instructor").open(DASHBOARD, live=True)
    course = people.enter(student).open(COURSE, live=True)
    is_same = [mark(dashboard), mark(course)]

    site.kill()
    for page in (dashboard, course):
        expect_state(page, "offline")
        expect(page.locator(f"{TOPIC} .live-lms-state")).to_contain_text("Offline")
    expect(dashboard.locator(f"{TOPIC} [data-live-status]")).to_contain_text("Offline")
    site.run("tests.browser.make_changes:complete_next", username=student)
    site.start()

    for page in (dashboard, course):
        expect_state(page, "live")
    assert rows(dashboard) == site.percentages()
    percent = str(site.percentage(student))
    expect(course.locator(TOPIC)).to_have_attribute("data-pct", percent)
    assert all(check() for check in is_same)


def test_a_page_older_than_its_parameters_may_be_asks_to_be_reloaded(
    people: People, own_site: Callable[..., ExampleSite]
) -> None:
    people.site = site = own_site()
    people.excuse("WebSocket", "Failed to load resource")
    page = people.enter("instructor").open(DASHBOARD, live=True)
    site.kill()
    site.options = {"TOKEN_MAX_AGE": 1}
    site.start()
    expect(banner(page, 4409)).to_be_visible()
    expect_state(page, "offline")
    site.kill()
    site.options = {}
    site.start()
    page.locator(TOPIC).get_by_role("link", name="Reload the page").click()
    expect_state(page, "live")


def test_logging_out_in_another_tab_is_seen_at_once_and_leads_back(people: People) -> None:
    browser = people.enter("instructor", own_session=True)
    dashboard, other = browser.open(f"{DASHBOARD}?q=a", live=True), browser.open(COURSE)
    other.get_by_role("button", name="Log out").click()
    expect(banner(dashboard, 4401)).to_be_visible()
    expect(dashboard.locator(f"{TOPIC} [data-live-status]")).to_contain_text("logged out")
    expect(dashboard.locator(f"{TOPIC} .live-lms-state")).to_have_text(
        re.compile("No longer updated")
    )

    dashboard.locator(TOPIC).get_by_role("link", name="Log in again").click()
    expect(dashboard).to_have_url(re.compile("/accounts/login/"))
    dashboard.fill("[name=username]", "instructor")
    dashboard.fill("[name=password]", "live-lms-demo")
    dashboard.press("[name=password]", "Enter")
    expect(dashboard).to_have_url(re.compile(re.escape(f"{DASHBOARD}?q=a")))
    expect_state(dashboard, "live")


def test_searching_after_a_logout_leads_to_the_page_that_says_so(people: People) -> None:
    browser = people.enter("instructor", own_session=True)
    dashboard, other = browser.open(DASHBOARD, live=True), browser.open(COURSE)
    other.get_by_role("button", name="Log out").click()
    expect(banner(dashboard, 4401)).to_be_visible()
    dashboard.locator("[type=search]").press_sequentially("ama")
    expect(dashboard.get_by_role("link", name="Log in").first).to_be_visible()
    expect(dashboard.locator(TOPIC)).to_have_count(0)


def test_an_instructor_who_is_taken_off_the_course_is_told(
    people: People, own_site: Callable[..., ExampleSite]
) -> None:
    people.site = site = own_site()
    page = people.enter("instructor").open(DASHBOARD, live=True)
    site.run("tests.browser.make_changes:take_instructor_off_the_course")
    expect(banner(page, 4403)).to_be_visible()
    expect(page.locator(TOPIC)).to_have_attribute("data-live-state", "offline")
    expect(page.locator("header [data-live-params]")).to_have_attribute("data-live-state", "live")


def test_without_sockets_polling_keeps_the_page_current_and_says_so(
    people: People, own_site: Callable[..., ExampleSite]
) -> None:
    people.site = site = own_site(wsgi=True)
    people.excuse("WebSocket", "Failed to load resource")
    student = site.students()[0]
    dashboard = people.enter("instructor").open(DASHBOARD)
    is_same = mark(dashboard)
    expect(dashboard.locator(f"{TOPIC} .live-lms-state")).to_contain_text(
        "Updated every few seconds"
    )
    mark_complete(people.enter(student).open(COURSE))
    row = dashboard.locator(f"tr#{site.row_id(student)}")
    expect(row).to_have_attribute("data-pct", str(site.percentage(student)))
    assert is_same()


def test_the_browser_going_offline_and_online_again_is_noticed(people: People) -> None:
    people.excuse("WebSocket", "Failed to load resource", "ERR_INTERNET_DISCONNECTED")
    browser = people.enter("instructor")
    page = browser.open(DASHBOARD, live=True)
    browser.context.set_offline(True)
    expect_state(page, "offline")
    browser.context.set_offline(False)
    expect_state(page, "live")


def test_coming_back_to_a_page_finds_it_live(people: People) -> None:
    page = people.enter(READER).open(COURSE, live=True)
    page.goto(people.site.url + "/")
    page.go_back()
    expect_state(page, "live")


def test_a_late_answer_does_not_undo_a_newer_push(
    people: People, site: ExampleSite, student: str
) -> None:
    browser = people.enter(student)
    slow, quick = browser.open(COURSE, live=True), browser.open(COURSE, live=True)

    def answer_late(route: Route) -> None:
        answer = route.fetch()
        mark_complete(quick)
        shown = slow.locator(TOPIC)
        expect(shown).to_have_attribute("data-pct", str(site.percentage(student)))
        route.fulfill(response=answer)

    slow.route("**/live-lms/components/**", answer_late, times=1)
    with slow.expect_response("**/live-lms/components/**"):
        slow.locator("button[name=module_id]").first.click()
    expect_state(slow, "live")
    percent = str(site.percentage(student))
    expect(slow.locator(TOPIC)).to_have_attribute("data-pct", percent)
    expect(slow.locator('li[data-done="true"]')).to_have_count(
        quick.locator('li[data-done="true"]').count()
    )


def test_an_answer_of_a_broken_gateway_is_not_put_into_the_page(
    people: People, student: str
) -> None:
    people.excuse("Failed to load resource", "Response Status Error Code")
    page = people.enter(student).open(COURSE, live=True)
    page.route(
        "**/live-lms/components/**",
        lambda route: route.fulfill(status=502, body="<h1>Bad gateway</h1>"),
        times=1,
    )
    page.locator("button[name=module_id]").first.click()
    expect(banner(page, "lost")).to_be_visible()
    expect(page.get_by_text("Bad gateway")).to_have_count(0)
    mark_complete(page)
    expect(banner(page, "lost")).to_be_hidden()


def press_until_refused(page: Page) -> Locator:
    """Press "Mark complete" until the limit refuses; its window may end between two presses."""
    error = page.locator(f"{TOPIC} [data-live-error]")
    for _ in range(3):
        button = page.locator("button[name=module_id]").first
        done = page.locator(f'[data-module="{button.get_attribute("value")}"][data-done="true"]')
        button.click()
        expect(error.or_(done)).to_be_visible()
        if error.count():
            break
    return error


def test_being_too_fast_counts_down_and_then_lets_one_try_again(
    people: People, own_site: Callable[..., ExampleSite]
) -> None:
    people.site = site = own_site(EVENT_RATE_LIMIT="1/10s")
    people.excuse("Failed to load resource", "Response Status Error Code")
    page = people.enter(site.students()[0]).open(COURSE, live=True)
    error = press_until_refused(page)
    expect(error).to_be_in_viewport()
    left = int(error.get_attribute("data-live-countdown") or "")
    assert 0 < left <= 10
    expect(error).not_to_have_attribute("data-live-countdown", str(left))
    expect(error).to_have_count(0)
    mark_complete(page)
