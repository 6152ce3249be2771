"""A lesson in a real page of Jupyter, and the instructor's dashboard in another."""

from __future__ import annotations

import uuid
from contextlib import suppress

from playwright.sync_api import BrowserContext, Error, Locator, Page, Request, expect

from tests.browser.people import mark
from tests.browser.site import ExampleSite

from .lessons import LAST_WORDS
from .server import TOKEN, JupyterServer

PATIENCE_MS = 60_000
MENU_ATTEMPTS, MENU_MS = 5, 5_000
OUR_PATH = "/jupyter_live_lms/"
SECRET = "livelms_"


class Lesson:
    """What a student does and sees; requests to any host but the Jupyter server in `foreign`."""

    folder = "notebooks"

    def __init__(self, context: BrowserContext, server: JupyterServer) -> None:
        self.context = context
        self.server = server
        self.page = context.new_page()
        self.page.set_default_timeout(PATIENCE_MS)
        self.page.set_viewport_size({"width": 1280, "height": 800})
        self.foreign: list[str] = []
        self.answered: list[Request] = []
        self.page.on("request", self._check_host)
        self.page.on("requestfinished", self._note_answer)

    def open(self, name: str) -> None:
        self.page.goto(f"{self.server.url}/{self.folder}/{name}?token={TOKEN}")
        expect(self.page.locator(".jp-Notebook .jp-CodeCell").first).to_be_visible(
            timeout=PATIENCE_MS
        )

    def run_all(self) -> None:
        """By the menu, once there is a kernel; returns once the last check has passed."""
        self.server.wait_for_kernel(PATIENCE_MS / 1000)
        idle = self.page.locator(".jp-Notebook-ExecutionIndicator[data-status='idle']:visible")
        expect(idle).to_be_visible(timeout=PATIENCE_MS)
        self._choose("Run", "Run All Cells")
        output = self.page.locator(".jp-OutputArea-output", has_text=LAST_WORDS)
        expect(output).to_be_visible(timeout=PATIENCE_MS)

    def _choose(self, menu: str, command: str) -> None:
        """A page that still arranges itself may close a menu again: then open it once more."""
        item = self.page.locator(".lm-Menu-item", has_text=command).first
        for _ in range(MENU_ATTEMPTS):
            self.page.locator(".lm-MenuBar-item", has_text=menu).click()
            with suppress(Error):
                item.click(timeout=MENU_MS)
                return
            self.page.keyboard.press("Escape")
        raise AssertionError(f"{menu} does not open")

    def save(self) -> None:
        self.page.keyboard.press("Escape")
        self.page.keyboard.press("Control+s")

    @property
    def status(self) -> Locator:
        return self.page.locator(".live-lms-status:visible")

    @property
    def finish_button(self) -> Locator:
        return self.page.get_by_role("button", name="Finish lesson")

    def expect_status(self, text: str) -> None:
        expect(self.status).to_have_text(text, timeout=PATIENCE_MS)

    def expect_message(self, text: str) -> None:
        toast = self.page.locator(".Toastify__toast", has_text=text)
        expect(toast).to_be_visible(timeout=PATIENCE_MS)

    def leaks(self) -> list[str]:
        """Answers of the server extension that hold the course site's token."""
        return [request.url for request in self.answered if SECRET in _text(request)]

    def _check_host(self, request: Request) -> None:
        is_local = request.url.startswith((self.server.url, "data:", "blob:"))
        if not is_local:
            self.foreign.append(request.url)

    def _note_answer(self, request: Request) -> None:
        if OUR_PATH in request.url:
            self.answered.append(request)


class LabLesson(Lesson):
    """In JupyterLab, which would restore what was open before: so its workspace is new."""

    def open(self, name: str) -> None:
        self.folder = f"lab/workspaces/{uuid.uuid4().hex}/tree"
        super().open(name)


class ClassicLesson(Lesson):
    """In nbclassic, whose page shows nothing of ours."""

    folder = "nbclassic/notebooks"

    def open(self, name: str) -> None:
        self.page.goto(f"{self.server.url}/{self.folder}/{name}?token={TOKEN}")
        expect(self.page.locator("#notebook-container .code_cell").first).to_be_visible(
            timeout=PATIENCE_MS
        )

    def run_all(self) -> None:
        self.server.wait_for_kernel(PATIENCE_MS / 1000)
        expect(self.page.locator(".kernel_idle_icon")).to_be_visible(timeout=PATIENCE_MS)
        self.page.locator("#celllink").click()
        self.page.locator("#run_all_cells").click()
        output = self.page.locator(".output_subarea", has_text=LAST_WORDS)
        expect(output).to_be_visible(timeout=PATIENCE_MS)


APPS: dict[str, type[Lesson]] = {
    "lab": LabLesson,
    "notebooks": Lesson,
    "nbclassic": ClassicLesson,
}


class Dashboard:
    """The instructor's table; whoever asks it fails when the page was loaded anew."""

    def __init__(self, page: Page, site: ExampleSite) -> None:
        self.page = page
        self.site = site
        self.is_same = mark(page)

    def shown(self, student: str) -> int:
        """The percentage in a student's row."""
        return int(self._row(student).get_attribute("data-pct") or "")

    def expect_more(self, student: str, before: int) -> None:
        """The row shows more than before, and what the site knows."""
        known = self.site.percentage(student)
        assert known > before
        expect(self._row(student)).to_have_attribute("data-pct", str(known), timeout=PATIENCE_MS)
        assert self.is_same()

    def _row(self, student: str) -> Locator:
        return self.page.locator(f"tr#{self.site.row_id(student)}")


def _text(request: Request) -> str:
    """The answer's text; a page that is about to close may have dropped it."""
    with suppress(Error):
        response = request.response()
        return response.text() if response else ""
    return ""
