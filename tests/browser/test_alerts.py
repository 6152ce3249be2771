"""A student asks, an instructor sees it at once and answers, and the student reads it."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from .looks import STILL, mistakes
from .people import COURSE, DASHBOARD, People, mark

pytestmark = pytest.mark.browser

ALERTS = '[data-live-component="instructor_alerts"]'
HELP = '[data-live-component="ask_for_help"]'
NOTICES = '[data-live-component="grade_notification"]'


def ask(page: Page, text: str, about: str) -> None:
    form = page.locator(HELP)
    form.locator("summary").click()
    form.locator("select").select_option(label=about)
    form.locator("textarea").fill(text)
    form.get_by_role("button", name="Send to the instructors").click()
    expect(form.locator("[data-help]", has_text=text)).to_have_attribute("data-state", "waiting")


def test_a_question_and_its_answer_travel_live(people: People, student: str) -> None:
    dashboard = people.enter("instructor").open(DASHBOARD, live=True)
    second_tab = people.present[0].open(DASHBOARD, live=True)
    page = people.enter(student).open(COURSE, live=True)
    is_same_page, is_same_dashboard = mark(page), mark(second_tab)
    ask(page, "How do I tie this?", "The course as a whole")
    row = dashboard.locator(f"{ALERTS} [data-alert]", has_text="How do I tie this?")
    expect(row).to_contain_text("Asks for help")
    other = second_tab.locator(f"{ALERTS} [data-alert]", has_text="How do I tie this?")
    expect(other).to_be_visible()
    row.get_by_role("link", name="Answer").click()
    message = dashboard.get_by_label("Message to")
    expect(message).to_be_focused()
    dashboard.get_by_label("Prepared hint").select_option(index=1)
    message.fill("Look at https://docs.example/knots")
    dashboard.get_by_role("button", name="Send").click()
    expect(other).to_have_count(0)
    expect(row).to_have_count(0)
    answer = page.locator(f'{HELP} [data-state="answered"]', has_text="How do I tie this?")
    expect(answer).to_contain_text("Look at")
    expect(answer.get_by_role("link")).to_have_attribute("rel", "nofollow")
    expect(page.locator(f"{NOTICES} [data-notification]").first).to_contain_text("Look at")
    assert is_same_page()
    assert is_same_dashboard()


def test_what_one_tab_acknowledges_leaves_the_other(people: People, student: str) -> None:
    page = people.enter(student).open(COURSE, live=True)
    ask(page, "Where is the end?", "The course as a whole")
    tabs = [people.enter("instructor").open(DASHBOARD, live=True) for _ in range(2)]
    rows = [tab.locator(f"{ALERTS} [data-alert]", has_text="Where is the end?") for tab in tabs]
    expect(rows[1]).to_be_visible()
    rows[0].get_by_role("button", name="Acknowledge").press("Enter")
    for row in rows:
        expect(row).to_have_count(0)


def test_axe_finds_nothing(people: People, student: str) -> None:
    page = people.enter(student, **STILL).open(COURSE, live=True)
    page.locator(f"{HELP} summary").click()
    dashboard = people.enter("instructor", **STILL).open(DASHBOARD, live=True)
    dashboard.locator(f"{ALERTS} [data-alert] a").first.click()
    dashboard.wait_for_selector(".live-lms-alerts__desk")
    for shown in (page, dashboard):
        assert mistakes(shown) == []


def test_without_javascript_all_of_it_is_forms_and_links(people: People, student: str) -> None:
    page = people.enter(student, java_script_enabled=False).open(COURSE)
    ask(page, "What without script?", "The course as a whole")
    dashboard = people.enter("instructor", java_script_enabled=False).open(DASHBOARD)
    row = dashboard.locator("[data-alert]", has_text="What without script?")
    row.get_by_role("link", name="Answer").click()
    dashboard.get_by_label("Message to").fill("All of it")
    dashboard.get_by_role("button", name="Send").click()
    expect(dashboard.locator(".messages")).to_contain_text("Sent.")
    page.reload()
    expect(page.locator(f'{HELP} [data-state="answered"]')).to_contain_text("All of it")
