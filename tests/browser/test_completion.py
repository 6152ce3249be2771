"""The main job: a student completes a module, and everybody concerned sees it at once."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from .people import COURSE, DASHBOARD, TOPIC, VIEWED_LESSON, People, mark, mark_complete
from .site import ExampleSite

pytestmark = pytest.mark.browser


def test_a_completion_moves_the_instructors_row_and_the_students_other_tab_without_a_reload(
    people: People, site: ExampleSite, student: str
) -> None:
    dashboard = people.enter("instructor").open(DASHBOARD, live=True)
    browser = people.enter(student)
    first, second = browser.open(COURSE, live=True), browser.open(COURSE, live=True)
    row = dashboard.locator(f"tr#{site.row_id(student)}")
    before = int(row.get_attribute("data-pct") or "")
    is_same = [mark(page) for page in (dashboard, first, second)]

    mark_complete(first)

    after = site.percentage(student)
    assert after > before
    expect(row).to_have_attribute("data-pct", str(after))
    expect(row).to_contain_text(f"{after} %")
    expect(row).to_have_class("live-lms-changed live-lms-active")
    expect(second.locator(TOPIC)).to_have_attribute("data-pct", str(after))
    expect(second.locator("progress")).to_have_attribute("value", str(after))
    assert all(check() for check in is_same)


def test_the_summary_line_follows_within_a_second_or_two(people: People, student: str) -> None:
    dashboard = people.enter("instructor").open(DASHBOARD, live=True)
    active = dashboard.locator(".live-lms-figures dd").nth(3)
    before = int(active.inner_text())

    mark_complete(people.enter(student).open(COURSE, live=True))

    expect(active).to_have_text(str(before + 1), timeout=4000)


def test_a_lesson_completed_by_viewing_is_complete_when_it_has_been_opened(
    people: People, site: ExampleSite, student: str
) -> None:
    before = site.percentage(student)
    page = people.enter(student).open(VIEWED_LESSON)
    expect(page.locator("li[data-module]")).to_have_attribute("data-done", "true")
    expect(page.locator(".live-lms-viewed")).to_have_count(0)
    assert site.percentage(student) > before


def test_completing_by_keyboard_leaves_the_focus_beside_what_was_completed(
    people: People, student: str
) -> None:
    page = people.enter(student).open(COURSE, live=True)
    button = page.locator("button[name=module_id]").first
    module = button.get_attribute("value")
    for _ in range(40):
        page.keyboard.press("Tab")
        if button.evaluate("button => button === document.activeElement"):
            break
    page.keyboard.press("Enter")

    row = page.locator(f'[data-module="{module}"]')
    expect(row).to_have_attribute("data-done", "true")
    expect(row.locator("a")).to_be_focused()


def test_a_completion_is_said_politely_to_those_who_listen(people: People, student: str) -> None:
    browser = people.enter(student)
    acting, listening = browser.open(COURSE, live=True), browser.open(COURSE, live=True)
    mark_complete(acting)
    words = listening.locator(f"{TOPIC} [data-live-summary]").get_attribute("data-live-summary")
    status = listening.locator(f"{TOPIC} [data-live-status]")
    expect(status).to_have_attribute("role", "status")
    expect(status).to_have_text(words or "")
    expect(acting.locator(f"{TOPIC} [data-live-status]")).not_to_be_empty()


COUNT_MOTION = """() => {
    window.motions = 0;
    for (const name of ["animationstart", "transitionrun"])
        document.addEventListener(name, () => { window.motions += 1; }, true);
}"""


def test_nothing_moves_where_motion_is_reduced(people: People, student: str) -> None:
    page = people.enter(student, reduced_motion="reduce").open(COURSE, live=True)
    page.evaluate(COUNT_MOTION)
    mark_complete(page)
    assert page.evaluate("window.motions") == 0

    page.emulate_media(reduced_motion="no-preference")
    mark_complete(page)
    page.wait_for_function("window.motions > 0")
