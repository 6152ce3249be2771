"""From a save in Jupyter to the instructor's row in a browser, with its parts."""

from __future__ import annotations

import contextlib
import json
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import django
import httpx
from playwright.sync_api import Page, sync_playwright

from scripts.parts import CHROMIUM
from scripts.screenshots import DASHBOARD, open_page
from tests.browser.site import ExampleSite

from .saves import server

PATIENCE_SECONDS = 60.0
ALL = "save → row, in all"
PARTS = {
    "save → listener": ("saved", "heard"),
    "evaluate": ("heard", "judged"),
    "queue on disk": ("judged", "queued"),
    "until it is sent": ("queued", "sent"),
    "HTTP to the LMS's action": ("sent", "arrived"),
    "action and commit": ("arrived", "committed"),
    "hub reads, renders, pushes": ("committed", "pushed"),
    "browser shows the row": ("pushed", "shown"),
    ALL: ("saved", "shown"),
}
WATCH = """row => {
    const table = document.getElementById(row).closest('table');
    const percentage = () => document.getElementById(row).dataset.pct;
    const before = percentage();
    window.shown = new Promise((resolve, reject) => {
        const watcher = new MutationObserver(() => {
            if (percentage() === before) return;
            resolve((performance.timeOrigin + performance.now()) / 1000);
            watcher.disconnect();
        });
        watcher.observe(table, { attributes: true, childList: true, subtree: true });
        setTimeout(() => reject(new Error('the row did not move')), 60000);
    });
}"""


class ProbedSite(ExampleSite):
    """The demo, noting when it does what."""

    def command(self) -> list[str]:
        probes = "jupyter_extension.benchmarks.probes"
        return [sys.executable, "-m", probes, "site", str(self.moments), *super().command()[2:]]

    @property
    def moments(self) -> Path:
        return self.folder / "moments"


def measure(repetitions: int) -> dict[str, dict[str, list[float]]]:
    """Milliseconds of each part, over so many lessons of one student."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings.default")
    django.setup()
    with contextlib.ExitStack() as stack:
        site = ProbedSite()
        stack.callback(site.close)
        site.start()
        student = site.students()[0]
        made = site.run(
            "jupyter_extension.benchmarks.lessons:make",
            username=student, site=site.url, lessons=repetitions + 1,
        )  # fmt: skip
        page = stack.enter_context(_dashboard(site))
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        client = stack.enter_context(
            server(folder, site.url, is_enabled=True, token=made["token"], moments=site.moments)
        )
        row = site.row_id(student)
        rounds = [_round(site, client, page, row, notebook) for notebook in made["notebooks"]]
    return {
        part: {"ours": [(at[end] - at[start]) * 1000 for at in rounds[1:]]}  # the first warms up
        for part, (start, end) in PARTS.items()
    }


@contextlib.contextmanager
def _dashboard(site: ExampleSite) -> Iterator[Page]:
    program = CHROMIUM.find()
    assert program is not None, CHROMIUM.advice
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=str(program), args=["--no-sandbox", "--disable-gpu"]
        )
        page = open_page(browser, site, "instructor", DASHBOARD)
        page.wait_for_selector("[data-live-state=live]:has(tr[data-pct])")
        yield page
        browser.close()


def _round(
    site: ProbedSite, client: httpx.Client, page: Page, row: str, notebook: dict[str, Any]
) -> dict[str, float]:
    """Save one finished lesson, and when what happened."""
    site.moments.write_text("")
    page.evaluate(WATCH, row)
    code = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    for count, cell in enumerate(code, 1):
        cell["execution_count"] = count
    body = {"type": "notebook", "format": "json", "content": notebook}
    at = {"saved": time.time()}
    module = notebook["metadata"]["live_lms"]["module"]
    client.put(f"api/contents/{module}.ipynb", json=body).raise_for_status()
    at["shown"] = page.evaluate("window.shown")
    _wait_for_answer(site.moments)
    for moment, when in _moments(site.moments):
        # A push before the commit is another row's; only the first after it counts.
        is_early = moment == "pushed" and when < at.get("committed", float("inf"))
        if not is_early:
            at.setdefault(moment, when)
    return at


def _moments(path: Path) -> list[tuple[str, float]]:
    found = [json.loads(line) for line in path.read_text().splitlines()]
    return sorted(found, key=lambda moment: float(moment[1]))


def _wait_for_answer(path: Path) -> None:
    """Until the report is settled: its end is not measured as part of the next."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while "answered" not in path.read_text():
        assert time.monotonic() < deadline, "the report was not answered"
        time.sleep(0.05)
