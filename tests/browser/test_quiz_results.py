"""A quiz's results in a browser: what moves while students work, grading, and grading anew."""

from __future__ import annotations

import re
from itertools import count
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from .looks import STILL, mistakes
from .make_results import CLASS_SIZE
from .people import People, expect_state, mark
from .site import ExampleSite

pytestmark = pytest.mark.browser

_numbers = count(1)


@pytest.fixture
def made(site: ExampleSite) -> dict[str, Any]:
    """A quiz of this test's own, taken by a class of nine."""
    name = f"examinee{next(_numbers)}"
    return {"name": name, **site.run("tests.browser.make_results:make", name=name)}


def begin(people: People, made: dict[str, Any]) -> Page:
    page = people.enter(made["name"], java_script_enabled=False).open(made["taking"])
    page.get_by_role("button", name="Begin the quiz").click()
    return page


def hand_in(page: Page) -> None:
    for question, choice in (("q1", "a"), ("q2", "b")):
        page.locator(f"[name='answer-{question}'][value='{choice}']").check()
    page.get_by_role("button", name="Hand in", exact=True).click()
    expect(page.locator("[data-attempt]")).to_be_visible()


def figure(page: Page, name: str) -> Any:
    return page.locator(f".live-lms-figures div:has(dt:text-is('{name}')) dd")


def test_rows_and_figures_move_while_a_student_works(people: People, made: dict[str, Any]) -> None:
    page = people.enter("instructor").open(made["results"], live=True)
    is_same = mark(page)
    expect(page.locator("tr[data-submission]")).to_have_count(CLASS_SIZE)
    student = begin(people, made)
    row = page.locator("tr[data-submission]").first
    expect(row).to_contain_text("In progress")
    expect(row).to_contain_text(made["name"])
    expect(figure(page, "in progress")).to_have_text("1")
    hand_in(student)
    expect(row).to_contain_text("Not passed")
    expect(row).to_contain_text("16.66 %")
    expect(figure(page, "in progress")).to_have_text("0")
    expect(figure(page, "attempts")).to_have_text(str(CLASS_SIZE + 1))
    assert is_same()


def test_the_tenth_attempt_brings_the_figures_of_each_question(
    people: People, made: dict[str, Any]
) -> None:
    page = people.enter("instructor").open(made["results"], live=True)
    page.get_by_role("link", name="Questions").click()
    expect(page).to_have_url(re.compile("view=questions"))
    # Two of the nine wait for a person, so that seven count.
    first = page.locator("[data-item=q1]")
    expect(first).to_have_attribute("data-n", str(CLASS_SIZE - 2))
    expect(first).to_contain_text("too few for figures")
    grade_all(people, made)
    hand_in(begin(people, made))
    expect(first).to_have_attribute("data-n", str(CLASS_SIZE + 1))
    expect(first.locator("[data-facility]")).to_have_text("100 %")
    second = page.locator("[data-item=q2]")
    expect(second.locator("[data-facility]")).to_have_text("0 %")
    expect(second.locator("progress").nth(1)).to_have_attribute("value", str(CLASS_SIZE + 1))


def grade_all(people: People, made: dict[str, Any]) -> None:
    page = people.enter("instructor").open(f"{made['results']}?view=grading", live=True)
    page.get_by_label("Points, 0 to 4").fill("4")
    page.get_by_label("Points, 0 to 4").press("Enter")
    expect(page.get_by_text("1 of 1", exact=True)).to_be_visible()
    expect(page.get_by_label("Points, 0 to 4")).to_have_value("")
    expect(page.get_by_label("Points, 0 to 4")).to_be_focused()
    page.get_by_label("Points, 0 to 4").fill("2.5")
    page.get_by_label("Comment for the student").fill("Say why.")
    page.get_by_role("button", name="Save and go on").click()
    expect(page.get_by_text("Nothing waits to be graded")).to_be_visible()


def test_answers_are_graded_from_the_keyboard(people: People, made: dict[str, Any]) -> None:
    page = people.enter("instructor").open(f"{made['results']}?view=grading", live=True)
    expect(page.get_by_text("1 of 2", exact=True)).to_be_visible()
    page.get_by_label("Points, 0 to 4").focus()
    page.keyboard.press("Alt+ArrowDown")
    expect(page.get_by_text("2 of 2", exact=True)).to_be_visible()
    page.keyboard.press("Alt+ArrowUp")
    expect(page.get_by_text("1 of 2", exact=True)).to_be_visible()


def test_a_second_grader_is_told_and_keeps_what_they_wrote(
    people: People, made: dict[str, Any]
) -> None:
    people.excuse("status of 409")
    pages = [
        people.enter("instructor").open(f"{made['results']}?view=grading", live=True)
        for _ in range(2)
    ]
    for page, points in zip(pages, ("1", "3"), strict=True):
        page.get_by_label("Points, 0 to 4").fill(points)
        page.get_by_role("button", name="Save and go on").click()
        page.wait_for_load_state("networkidle")
    expect(pages[1].locator("[data-live-error]")).to_contain_text("1.00 of 4.00 points")
    expect(pages[1].get_by_label("Points, 0 to 4")).to_have_value("3")


def test_a_mended_key_is_reviewed_and_applied(
    people: People, site: ExampleSite, made: dict[str, Any]
) -> None:
    site.run("tests.browser.make_results:mend", quiz_id=made["quiz"])
    page = people.enter("instructor").open(made["results"], live=True)
    watching = people.enter("instructor").open(made["results"], live=True)
    page.get_by_role("link", name="Review changes").click()
    expect(page.locator("tr[data-submission]")).to_have_count(CLASS_SIZE)
    expect(page.locator("tr[data-submission]").last).to_contain_text("Question 2: 0 → 1")
    page.get_by_role("button", name=f"Apply to {CLASS_SIZE} attempts").click()
    expect(page.locator(".live-lms-finished")).to_contain_text(f"{CLASS_SIZE} results changed")
    expect(page.get_by_text("All results are up to date")).to_be_visible()
    expect(watching.locator("tr[data-submission]").first).to_contain_text("33.33 %")


def test_everything_works_without_javascript(
    people: People, site: ExampleSite, made: dict[str, Any]
) -> None:
    site.run("tests.browser.make_results:mend", quiz_id=made["quiz"])
    browser = people.enter("instructor", java_script_enabled=False)
    page = browser.open(f"{made['results']}?view=grading")
    for points in ("1", "2"):
        page.get_by_label("Points, 0 to 4").fill(points)
        page.get_by_role("button", name="Save and go on").click()
    expect(page.get_by_text("Nothing waits to be graded")).to_be_visible()
    page.get_by_role("link", name="Review changes").click()
    page.get_by_role("button", name=f"Apply to {CLASS_SIZE} attempts").click()
    expect(page.locator(".messages")).to_contain_text(f"{CLASS_SIZE} results changed")
    page.get_by_role("link", name="Attempts").click()
    expect(page.locator("tr[data-submission]")).to_have_count(CLASS_SIZE)


def test_axe_finds_nothing(people: People, site: ExampleSite, made: dict[str, Any]) -> None:
    site.run("tests.browser.make_results:mend", quiz_id=made["quiz"])
    browser = people.enter("instructor", **STILL)
    for view in ("attempts", "questions", "grading", "changes"):
        page = browser.open(f"{made['results']}?view={view}")
        expect_state(page, "live")
        assert mistakes(page) == [], view
        page.close()
