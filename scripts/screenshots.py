"""Take the pictures of the documentation from a scratch copy of the demo.

    python -m scripts.screenshots [folder]

Each picture stays below 250 KB, so that the repository stays small.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

import django
from playwright.sync_api import Browser, Page, expect, sync_playwright

from example_site.bootcamp.demo import PASSWORD
from scripts.parts import CHROMIUM
from scripts.side_by_side import take_both
from tests.browser.site import ExampleSite

FOLDER = Path(__file__).resolve().parent.parent / "docs" / "images"
LIMIT = 250_000
CHECKPOINT = "/python-bootcamp/checkpoint-first-steps/"
HELP = "My loop never ends. Where do I look first?"
EDITOR = "/admin/live-lms/quizzes/edit/1/"
COURSE, DASHBOARD = "/python-bootcamp/", "/python-bootcamp/dashboard/"
WIDE, NARROW = {"width": 1280, "height": 860}, {"width": 390, "height": 844}


@dataclass(frozen=True)
class Picture:
    """A page as one person sees it.

    `prepare` does what is to be seen, `top` is brought to the middle, and `shown` tells that the
    page is ready.
    """

    name: str
    username: str
    path: str
    options: dict[str, Any] = field(default_factory=lambda: {"viewport": WIDE})
    prepare: Callable[[Page], None] = lambda page: None
    top: str = ""
    shown: str = '[data-live-state="live"]'


def _begin(page: Page) -> None:
    page.get_by_role("button", name="Begin the quiz").click()
    questions = page.locator("fieldset[data-question]:has(input[type=radio])")
    questions.first.wait_for()
    for question in questions.all()[:2]:
        question.locator("input[type=radio]").first.check()
    expect(page.locator("[data-quiz-saved]")).to_have_attribute("data-state", "saved")


def _ask_for_help(page: Page) -> None:
    ask = page.locator("[data-live-component=ask_for_help]")
    ask.locator("summary").click()
    ask.locator("textarea").fill(HELP)
    ask.get_by_role("button", name="Send to the instructors").click()
    expect(ask.get_by_text(HELP)).to_be_visible()


PICTURES = (
    Picture("dashboard", "instructor", f"{DASHBOARD}?sort=-activity"),
    Picture("dashboard-matrix", "instructor", f"{DASHBOARD}?view=matrix&sort=-progress"),
    Picture("course", "student5", COURSE),
    Picture(
        "lesson", "student5", f"{COURSE}functions/", top="[data-live-component=course_progress]"
    ),
    Picture("quiz", "student28", CHECKPOINT, prepare=_begin, top="fieldset[data-question]"),
    Picture("quiz-result", "student15", CHECKPOINT, top=".live-lms-quiz [data-result]"),
    Picture("quiz-questions", "instructor", f"{COURSE}quiz-results/?view=questions"),
    Picture(
        "quiz-editor", "admin", EDITOR, top="#live-lms-quiz-check", shown="#live-lms-quiz-check"
    ),
    Picture("grading", "instructor", f"{COURSE}grading/"),
    Picture("student-page", "student5", f"{COURSE}my-work/"),
    Picture(
        "help", "student9", COURSE, prepare=_ask_for_help, top="[data-live-component=ask_for_help]"
    ),
    Picture("alerts", "instructor", DASHBOARD, top="[data-live-component=instructor_alerts]"),
    Picture("course-dark-narrow", "student5", COURSE, {"viewport": NARROW, "color_scheme": "dark"}),
)


def main() -> int:
    """Start the demo, let two students work, photograph it."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings.default")
    django.setup()
    folder.mkdir(parents=True, exist_ok=True)
    program = CHROMIUM.find()
    if program is None:
        print(CHROMIUM.advice)
        return 1
    site = ExampleSite()
    try:
        site.start()
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=str(program), args=["--no-sandbox", "--disable-gpu"]
            )
            return _take_all(browser, site, folder)
    finally:
        site.close()


def _take_all(browser: Browser, site: ExampleSite, folder: Path) -> int:
    for student in site.students()[-3:]:
        page = open_page(browser, site, student, COURSE)
        page.locator("button[name=module_id]").first.click()
        page.wait_for_selector(".live-lms-notice", state="attached")
        page.context.close()
    too_big = [
        picture.name for picture in PICTURES if _take(browser, site, picture, folder) > LIMIT
    ]
    if take_both(site, browser, open_page, folder / "jupyter.png") > LIMIT:
        too_big.append("jupyter")
    for name in too_big:
        print(f"{name}.png is larger than {LIMIT:,} bytes")
    return 1 if too_big else 0


def _take(browser: Browser, site: ExampleSite, picture: Picture, folder: Path) -> int:
    page = open_page(browser, site, picture.username, picture.path, **picture.options)
    page.wait_for_selector(picture.shown, state="attached")
    picture.prepare(page)
    if picture.top:
        page.locator(picture.top).first.evaluate(
            "element => element.scrollIntoView({block: 'center'})"
        )
    target = folder / f"{picture.name}.png"
    page.screenshot(path=target, animations="disabled")
    page.context.close()
    size = target.stat().st_size
    print(f"{target.name}: {size:,} bytes")
    return size


def open_page(
    browser: Browser, site: ExampleSite, username: str, path: str, **options: Any
) -> Page:
    """A page of the site as one person sees it, after the login form."""
    page = browser.new_context(**options).new_page()
    page.goto(f"{site.url}/accounts/login/?next={quote(path)}")
    page.fill("[name=username]", username)
    page.fill("[name=password]", PASSWORD)
    page.press("[name=password]", "Enter")
    page.wait_for_url(f"{site.url}{path}")
    return page


if __name__ == "__main__":
    sys.exit(main())
