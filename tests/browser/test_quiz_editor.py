"""Writing a quiz in a real browser: blocks, checks beside questions, code, import, previews."""

from __future__ import annotations

import itertools
import json
import re
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from .looks import STILL, mistakes
from .people import People

pytestmark = pytest.mark.browser

QUIZZES = "/admin/live-lms/quizzes/"
GIFT = """Which planet is closest to the Sun? {=Mercury ~Venus ~Mars}

The sky is blue. {T}
"""
# Wagtail's rich text fields have no name, its messages little contrast in the dark and its map of
# the page small buttons: not ours to mend.
OF_WAGTAIL = [[".Draftail-Editor"], [".messages"], [".w-minimap"]]
_numbers = itertools.count(1)


@pytest.fixture
def editor(people: People) -> People:
    people.excuse("status of 404")  # the admin's icon
    return people


def import_quiz(people: People, **options: Any) -> Page:
    """The form of a new quiz with two questions."""
    page = people.enter("admin", **options).open(QUIZZES)
    page.goto(page.url + "import/?course=1")
    page.fill("[name=title]", f"Planets {next(_numbers)}")
    page.fill("[name=text]", GIFT)
    page.get_by_role("button", name="Show what can be imported").click()
    page.get_by_role("button", name="Import 2 questions").click()
    expect(page.locator("[name='questions-1-value-points']")).to_be_visible()
    return page


def tick(page: Page, choice: int) -> Locator:
    return page.locator(f"[name='questions-0-value-choices-{choice}-value-correct']")


def save(page: Page) -> None:
    page.get_by_role("button", name="Save draft").click()
    expect(page.locator(".messages")).to_contain_text("updated")


def test_a_note_comes_beside_its_question_and_goes_again(editor: People) -> None:
    page = import_quiz(editor)
    check, notes = page.locator("#live-lms-quiz-check"), page.locator(".live-lms-check-copy")
    expect(check).to_contain_text("Nothing found")
    tick(page, 0).uncheck()
    save(page)
    expect(check).to_contain_text("Say which answer is right")
    expect(notes).to_have_count(1)
    expect(notes).to_be_visible()
    inside = page.locator("section", has=notes).last
    expect(inside).to_contain_text("Which planet")
    check.get_by_role("link", name="1. Which planet").click()
    expect(page).to_have_url(re.compile("#block-"))
    tick(page, 0).check()
    save(page)
    expect(notes).to_have_count(0)


def test_what_is_wrong_cannot_be_published_and_is_shown_where_it_is(editor: People) -> None:
    page = import_quiz(editor)
    tick(page, 0).uncheck()
    publish(page)
    expect(page.locator(".messages")).to_contain_text("could not be saved due to errors")
    expect(page.locator(".live-lms-check-copy")).to_have_count(1)
    tick(page, 1).check()
    publish(page)
    expect(page.locator(".messages")).to_contain_text("updated and published")


def publish(page: Page) -> None:
    page.locator("footer [data-w-dropdown-target=toggle]").click()
    page.locator("button[name=action-publish]").click()


def test_code_keeps_its_indentation(editor: People) -> None:
    page = import_quiz(editor)
    field = page.locator("[data-contentpath=text] .public-DraftEditor-content").first
    field.click()
    page.keyboard.press("Control+End")
    page.keyboard.press("Enter")
    page.keyboard.type("```")
    page.keyboard.type("if sunny:")
    page.keyboard.press("Enter")
    page.keyboard.type("    go_out()")
    expect(page.locator("#w-autosave-indicator")).to_contain_text("Saved")
    page.wait_for_function(
        "document.querySelector('[name=\"questions-0-value-text\"]').value.includes('go_out')"
    )
    save(page)
    newest = "SELECT content FROM wagtailcore_revision ORDER BY created_at DESC LIMIT 1"
    content = json.loads(editor.site.query(newest)[0][0])
    text = json.loads(content["questions"])[0]["value"]["text"]
    assert "<code>if sunny:\n    go_out()</code>" in text
    expect(page.locator("[data-contentpath=text] pre")).to_have_count(1)


def test_axe_finds_nothing_of_ours(editor: People) -> None:
    page = import_quiz(editor, **STILL)
    tick(page, 0).uncheck()
    save(page)
    expect(page.locator(".live-lms-check-copy")).to_have_count(1)
    edit = page.url.split("?")[0].split("#")[0]
    number = edit.rstrip("/").rsplit("/", 1)[1]
    found = {"edit": mistakes_of_ours(page)}
    for path in ("", "import/?course=1", f"{number}/export/", f"inspect/{number}/"):
        page.goto(f"{editor.site.url}{QUIZZES}{path}")
        found[path] = mistakes_of_ours(page)
    assert {path: mistakes for path, mistakes in found.items() if mistakes} == {}


def mistakes_of_ours(page: Page) -> list[str]:
    ours = {"include": [["#main"]], "exclude": OF_WAGTAIL}
    return mistakes(page, context=ours, sideways=True)


def test_the_preview_shows_each_mode(editor: People) -> None:
    page = import_quiz(editor)
    page.locator("[data-side-panel-toggle=preview]").click()
    frame = page.frame_locator("[data-side-panel=preview] iframe").first
    expect(frame.locator(".live-lms-choice")).to_have_count(5)
    page.locator("[data-side-panel=preview] select").select_option("right")
    expect(frame.locator('[data-result="correct"]')).to_have_count(2)
    expect(frame.locator(".live-lms-result__figure")).to_contain_text("100 %")
