"""A strict Content Security Policy holds on every page, and pages stay small."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from .people import COURSE, DASHBOARD, TOPIC, VIEWED_LESSON, People, expect_state, mark_complete
from .site import READER

pytestmark = pytest.mark.browser

COUNT_VIOLATIONS = """
window.violations = [];
document.addEventListener("securitypolicyviolation", event => window.violations.push(
    `${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}:${event.lineNumber}`));
"""


@pytest.mark.parametrize(
    ("username", "path"),
    [
        (READER, COURSE),
        (READER, VIEWED_LESSON),
        (READER, DASHBOARD),
        ("editor", COURSE),
        ("instructor", DASHBOARD),
        ("instructor", f"{DASHBOARD}?view=matrix"),
        (None, "/"),
        (None, COURSE),
        (None, "/accounts/login/"),
    ],
)
def test_no_page_breaks_the_policy(people: People, username: str | None, path: str) -> None:
    browser = people.enter(username)
    browser.context.add_init_script(COUNT_VIOLATIONS)
    page = browser.open(path)
    expect_state(page, "live")
    policy = page.request.get(people.site.url + path).headers["content-security-policy"]
    assert "script-src 'self';" in f"{policy};"
    assert "style-src 'self';" in f"{policy};"
    assert page.evaluate("window.violations") == []


def test_using_the_pages_does_not_break_it_either(people: People, student: str) -> None:
    browser, teacher = people.enter(student), people.enter("instructor")
    for person in (browser, teacher):
        person.context.add_init_script(COUNT_VIOLATIONS)
    course, dashboard = browser.open(COURSE, live=True), teacher.open(DASHBOARD, live=True)
    mark_complete(course)
    dashboard.locator("[type=search]").press_sequentially("a")
    expect(dashboard.locator(f"{TOPIC} [data-live-status]")).not_to_be_empty()
    assert course.evaluate("window.violations") == []
    assert dashboard.evaluate("window.violations") == []


def test_a_dashboard_page_is_small(people: People) -> None:
    page = people.enter("instructor").open(DASHBOARD)
    html = page.request.get(people.site.url + DASHBOARD).text()
    rows = [part.partition("</tr>")[0] for part in html.split("<tr id=")[1:]]
    assert 30 <= len(rows) <= 50
    longest = max(len(row.encode()) for row in rows)
    assert longest < 900
    assert len(html.encode()) + (50 - len(rows)) * longest < 60_000
