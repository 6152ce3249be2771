"""Everything a student must do, and an instructor's searching, works without JavaScript."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from .people import COURSE, DASHBOARD, VIEWED_LESSON, People
from .site import READER, ExampleSite

pytestmark = pytest.mark.browser


def test_a_module_is_completed_by_a_plain_form(
    people: People, site: ExampleSite, student: str
) -> None:
    before = site.percentage(student)
    page = people.enter(student, java_script_enabled=False).open(COURSE)
    page.locator("button[name=module_id]").first.click()
    expect(page).to_have_url(site.url + COURSE)
    expect(page.locator(".messages")).to_contain_text("is complete")
    assert site.percentage(student) > before
    expect(page.locator("[data-pct]")).to_have_attribute("data-pct", str(site.percentage(student)))


def test_a_viewed_lesson_is_completed_by_its_button(
    people: People, site: ExampleSite, student: str
) -> None:
    before = site.percentage(student)
    page = people.enter(student, java_script_enabled=False).open(VIEWED_LESSON)
    assert site.percentage(student) == before
    page.get_by_role("button", name="Mark as read").click()
    expect(page).to_have_url(site.url + VIEWED_LESSON)
    expect(page.locator("li[data-module]")).to_have_attribute("data-done", "true")
    assert site.percentage(student) > before


def test_the_dashboard_is_searched_filtered_sorted_and_turned_by_links_and_a_form(
    people: People,
) -> None:
    page = people.enter("instructor", java_script_enabled=False).open(DASHBOARD)
    page.fill("[type=search]", "nad")
    page.get_by_role("button", name="Show").click()
    expect(page).to_have_url(re.compile("q=nad"))
    expect(page.locator("tbody th")).to_have_text(["Nadia Petrova"])
    page.get_by_role("link", name="Modules").click()
    expect(page.locator(".live-lms-matrix tbody th")).to_have_text(["Nadia Petrova"])
    page.fill("[type=search]", "")
    page.locator("select[name=show]").select_option("not_started")
    page.get_by_role("button", name="Show").click()
    expect(page.locator(".live-lms-matrix tbody tr")).to_have_count(3)
    page.get_by_role("link", name="Progress").click()
    expect(page).to_have_url(re.compile("sort=progress"))


def test_no_state_of_a_connection_is_claimed(people: People) -> None:
    page = people.enter(READER, java_script_enabled=False).open(COURSE)
    for state in page.locator(".live-lms-state").all():
        expect(state).to_be_hidden()
