"""The admin's reports and forms in a real browser: axe finds nothing in them."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from example_site.bootcamp.demo.pages import COURSE_SLUG

from .looks import violations
from .people import People
from .site import ExampleSite

pytestmark = pytest.mark.browser

REPORTS = ("progress", "results", "activity", "submissions", "alerts")


def test_axe_finds_nothing_in_the_reports(people: People) -> None:
    people.excuse("status of 404")  # the admin's icon
    admin = people.enter("admin")
    for report in REPORTS:
        page = admin.open(f"/admin/reports/live-lms/{report}/")
        expect(page.get_by_role("columnheader", name="Student")).to_be_visible()
        assert violations(page, {"include": [["main"]]}) == []


def test_axe_finds_nothing_where_many_are_enrolled_and_courses_are_duplicated(
    people: People, site: ExampleSite
) -> None:
    people.excuse("status of 404")
    admin = people.enter("admin")
    within = {"include": [["main"]]}
    page = admin.open("/admin/live-lms/enrolments/")
    page.get_by_role("link", name="Enrol or withdraw many").first.click()
    expect(page.get_by_label("People")).to_be_visible()
    assert violations(page, within) == []
    ((course,),) = site.query("SELECT id FROM wagtail_live_lms_course WHERE slug = ?", COURSE_SLUG)
    page.goto(f"{site.url}/admin/live-lms/enrolments/many/?course={course}")
    page.get_by_label("People").fill("student1\nnobody\neditor")
    page.get_by_role("button", name="Show what would change").click()
    expect(page.get_by_role("button", name="Enrol 1 person")).to_be_visible()
    expect(page.get_by_text("2 lines are left out.")).to_be_visible()
    assert violations(page, within) == []
    page.goto(f"{site.url}/admin/live-lms/courses/{course}/duplicate/")
    expect(page.get_by_role("button", name="Duplicate")).to_be_visible()
    assert violations(page, within) == []
