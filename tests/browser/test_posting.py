"""Grading and posting in a browser: what students see before, and what the moment it is posted."""

from __future__ import annotations

from itertools import count
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from .looks import STILL, mistakes
from .people import People, expect_state, mark
from .site import ExampleSite

pytestmark = pytest.mark.browser

LATER = "Your result comes when your instructor posts it"
MAKE = "tests.browser.make_posting"
NOTICES = '[data-live-component="grade_notification"]'
POINTS = "Points, 0 to 4"

_numbers = count(1)


def make(site: ExampleSite, *, undo: bool, essay: bool = True) -> dict[str, Any]:
    name = f"writer{next(_numbers)}"
    made: dict[str, Any] = site.run(f"{MAKE}:make", name=name, undo=undo, essay=essay)
    return made | {"students": [f"{name}-1", f"{name}-2"]}


def grade(page: Page, points: str) -> None:
    page.get_by_label(POINTS).fill(points)
    page.get_by_role("button", name="Save draft").click()
    expect(page.locator(".live-lms-finished")).to_contain_text("Draft saved")


def row(page: Page, attempt: int) -> Any:
    return page.locator(f'tr[data-submission="{attempt}"]')


def unread(page: Page) -> Any:
    return page.locator(NOTICES).first


def test_a_grade_reaches_its_student_the_moment_it_is_posted_and_nobody_else(
    people: People, site: ExampleSite
) -> None:
    made = make(site, undo=False)
    first, second = (
        people.enter(name).open(made["taking"], live=True) for name in made["students"]
    )
    are_same = [mark(page) for page in (first, second)]
    page = people.enter("instructor").open(made["grading"], live=True)
    link = row(page, made["attempts"][0]).get_by_role("link").first
    page.goto(f"{site.url}{made['grading']}{link.get_attribute('href')}")
    expect_state(page, "live")
    expect(page.locator(".live-lms-answer__response")).to_contain_text(made["students"][0])
    grade(page, "0")
    expect(row(page, made["attempts"][0])).to_have_attribute("data-state", "ready")
    for student in (first, second):
        expect(student.get_by_text(LATER)).to_be_visible()
        expect(student.locator("[data-score], [data-result]")).to_have_count(0)
    row(page, made["attempts"][0]).get_by_role("checkbox").check()
    page.get_by_role("button", name="Post chosen").click()
    expect(page.locator(".live-lms-finished")).to_contain_text("1 grade posted")
    expect(first.locator('[data-score="1"]')).to_be_visible()
    expect(unread(first)).to_have_attribute("data-unread", "1")
    expect(second.get_by_text(LATER)).to_be_visible()
    expect(unread(second)).to_have_attribute("data-unread", "0")
    assert all(is_same() for is_same in are_same)


def test_posting_is_undone_and_the_keyboard_goes_through_the_answers(
    people: People, site: ExampleSite
) -> None:
    made = make(site, undo=True)
    page = people.enter("instructor").open(made["grading"], live=True)
    expect(page.get_by_text("1 of 2", exact=True)).to_be_visible()
    page.get_by_label(POINTS).focus()
    page.keyboard.press("Alt+ArrowDown")
    expect(page.get_by_text("2 of 2", exact=True)).to_be_visible()
    page.keyboard.press("Alt+ArrowUp")
    expect(page.get_by_text("1 of 2", exact=True)).to_be_visible()
    grade(page, "4")
    page.get_by_role("button", name="Post all that are ready").click()
    expect(page.locator('tr[data-state="held"]')).to_have_count(1)
    expect(page.locator("[data-live-seconds]")).to_be_visible()
    student = people.enter(made["students"][0]).open(made["taking"], live=True)
    expect(student.get_by_text(LATER)).to_be_visible()
    page.get_by_role("button", name="Undo").click()
    expect(page.locator(".live-lms-finished")).to_contain_text("nobody was told")
    expect(page.locator('tr[data-state="ready"]')).to_have_count(1)


def test_what_was_chosen_stays_chosen_when_a_colleague_changes_its_row(
    people: People, site: ExampleSite
) -> None:
    made = make(site, undo=True, essay=False)
    attempt = made["attempts"][0]
    page = people.enter("instructor").open(made["grading"], live=True)
    row(page, attempt).get_by_role("checkbox").check()
    revision = row(page, attempt).get_attribute("data-v")
    site.run(f"{MAKE}:touch", attempt=attempt)
    expect(row(page, attempt)).not_to_have_attribute("data-v", revision)
    expect(row(page, attempt).get_by_role("checkbox")).to_be_checked()


def notices(site: ExampleSite, made: dict[str, Any]) -> list[Any]:
    """How many each student has in the database."""
    sql = (
        "SELECT count(*) FROM wagtail_live_lms_notification n JOIN auth_user u ON u.id = n.user_id"
        " WHERE u.username = ?"
    )
    return [site.query(sql, name)[0][0] for name in made["students"]]


def test_a_process_killed_between_commit_and_push_has_told_each_student_once(
    people: People, site: ExampleSite
) -> None:
    made = make(site, undo=False, essay=False)
    pages = [people.enter(name).open(made["taking"], live=True) for name in made["students"]]
    with pytest.raises(RuntimeError, match="The process ended"):
        site.run(f"{MAKE}:post_and_be_killed", quiz=made["quiz"])
    for page in pages:
        expect(unread(page)).to_have_attribute("data-unread", "1")
        expect(page.locator('[data-score="1"]')).to_be_visible()
    assert site.run(f"{MAKE}:post_again", quiz=made["quiz"]) == "nothing_to_post"
    for page in pages:
        page.reload()
        expect(unread(page)).to_have_attribute("data-unread", "1")
        expect(page.locator(f"{NOTICES} >> nth=0 >> [data-notification]")).to_have_count(1)
    assert notices(site, made) == [1, 1]


def test_what_a_killed_process_was_to_release_is_released_by_whoever_looks(
    people: People, site: ExampleSite
) -> None:
    made = make(site, undo=True, essay=False)
    with pytest.raises(RuntimeError, match="The process ended"):
        site.run(f"{MAKE}:post_and_be_killed", quiz=made["quiz"])
    first, second = (people.enter(name) for name in made["students"])
    assert notices(site, made) == [0, 0]
    site.execute(
        "UPDATE wagtail_live_lms_posting SET release_at = datetime('now', '-1 second')"
        " WHERE quiz_id = ?",
        made["quiz"],
    )
    # Not the quiz's page: a page of the course with nothing but the notices will do.
    page = first.open(made["grading"].replace("/grading/", "/"), live=True)
    expect(unread(page)).to_have_attribute("data-unread", "1")
    page = second.open(made["taking"], live=True)
    expect(unread(page)).to_have_attribute("data-unread", "1")
    assert notices(site, made) == [1, 1]


def test_it_works_without_javascript(people: People, site: ExampleSite) -> None:
    made = make(site, undo=False)
    page = people.enter("instructor", java_script_enabled=False).open(made["grading"])
    for points in ("1", "2"):
        page.get_by_label(POINTS).fill(points)
        page.get_by_role("button", name="Save draft").click()
    page.get_by_role("button", name="Post all that are ready").click()
    expect(page.locator(".messages")).to_contain_text("2 grades posted")


def test_axe_finds_nothing(people: People, site: ExampleSite) -> None:
    made = make(site, undo=True)
    browser = people.enter("instructor", **STILL)
    page = browser.open(made["grading"], live=True)
    grade(page, "3")
    states = ("", f"?preview={made['attempts'][0]}", "?show=posted")
    for state in states:
        page.goto(f"{site.url}{made['grading']}{state}")
        expect_state(page, "live")
        assert mistakes(page) == [], state
    page.goto(f"{site.url}{made['grading']}")
    page.get_by_role("button", name="Post all that are ready").click()
    expect(page.get_by_role("button", name="Undo")).to_be_visible()
    assert mistakes(page) == []
