"""axe finds nothing at WCAG 2.2 AA on any page: light and dark, wide and narrow, right to left."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from .looks import OVERFLOW, RIGHT_TO_LEFT, STILL, mistakes, violations
from .people import COURSE, DASHBOARD, NOTEBOOK, VIEWED_LESSON, People, expect_state
from .site import READER

pytestmark = pytest.mark.browser

SHOW_EVERY_MESSAGE = """() => {
    const root = document.querySelector("[data-live-params]");
    root.dataset.liveState = "offline";
    for (const banner of root.querySelectorAll("[data-live-banner]")) banner.hidden = false;
}"""


def show_messages(page: Page) -> None:
    page.evaluate(SHOW_EVERY_MESSAGE)


def send_a_broken_form(page: Page) -> None:
    """A plain post that the server refuses: its page of explanation."""
    page.evaluate("""() => {
        const form = document.querySelector("form[data-live-event]").cloneNode(true);
        form.removeAttribute("hx-post");
        form.querySelector("[name=params]").value = "altered";
        document.body.append(form);
        form.submit();
    }""")
    page.wait_for_selector(".live-lms-page")


def look_into_the_notebook(page: Page) -> None:
    page.locator(".live-lms-preview summary").click()


def make_a_token(page: Page) -> None:
    page.locator("main summary").click()
    page.locator("[name=name]").fill("My laptop")
    page.locator("form[method=post] button.live-lms-button").click()
    page.wait_for_selector("#live-lms-token")


def type_a_wrong_code(page: Page) -> None:
    page.locator("[name=code]").fill("BCDF")
    page.locator("[name=code]").press("Enter")
    page.wait_for_selector("[aria-invalid]")


def wait(page: Page) -> None:
    """Nothing to do there."""


PAGES: dict[str, tuple[str | None, str, Callable[[Page], None]]] = {
    "course": (READER, COURSE, wait),
    "finished course": ("student8", COURSE, wait),
    "lesson": (READER, VIEWED_LESSON, wait),
    "notebook": (READER, NOTEBOOK, look_into_the_notebook),
    "tokens": (READER, "/live-lms/jupyter/", make_a_token),
    "code": (READER, "/live-lms/jupyter/connect/", type_a_wrong_code),
    "not enrolled": ("editor", COURSE, wait),
    "refused dashboard": (READER, DASHBOARD, wait),
    "dashboard": ("instructor", DASHBOARD, wait),
    "matrix": ("instructor", f"{DASHBOARD}?view=matrix", wait),
    "nobody found": ("instructor", f"{DASHBOARD}?q=nobody-of-that-name", wait),
    "offline with every banner": ("instructor", DASHBOARD, show_messages),
    "error page": (READER, COURSE, send_a_broken_form),
    "login": (None, "/accounts/login/", wait),
    "course for strangers": (None, COURSE, wait),
}


def open_in(people: People, name: str, **browser: Any) -> Page:
    """A page of the list in a browser, in the state that its entry asks for."""
    username, path, act = PAGES[name]
    people.excuse("status of 403", "status of 404")  # the refusal, and its page's absent icon
    page = people.enter(username, **STILL, **browser).open(path)
    expect_state(page, "live")
    act(page)
    return page


@pytest.mark.parametrize("name", PAGES)
def test_axe_finds_nothing(people: People, name: str) -> None:
    assert mistakes(open_in(people, name)) == []


@pytest.mark.parametrize("name", ["course", "notebook", "dashboard", "matrix"])
def test_axe_finds_nothing_from_right_to_left(people: People, name: str) -> None:
    assert violations(open_in(people, name, **RIGHT_TO_LEFT)) == []


def test_the_button_for_those_without_a_mouse_shows_when_it_is_reached(people: People) -> None:
    page = people.enter("instructor").open(DASHBOARD, live=True)
    button = page.locator(".live-lms-apply")
    assert (button.bounding_box() or {})["width"] <= 1
    page.locator("select[name=show]").focus()
    page.keyboard.press("Tab")
    expect(button).to_be_focused()
    assert (button.bounding_box() or {})["width"] > 40


@pytest.mark.parametrize("path", [COURSE, DASHBOARD, f"{DASHBOARD}?view=matrix"])
def test_no_page_scrolls_sideways(people: People, path: str) -> None:
    user = "instructor" if path.startswith(DASHBOARD) else READER
    page = people.enter(user).open(path, live=True)
    for width in (1280, 390, 320):
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate(OVERFLOW) <= 0, width
