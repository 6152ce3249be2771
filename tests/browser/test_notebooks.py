"""A student works in Jupyter: the open pages move, and the account page hands out what it takes."""

from __future__ import annotations

import json
import urllib.request
import uuid
from datetime import UTC, datetime
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from .people import DASHBOARD, NOTEBOOK, People, mark
from .site import ExampleSite

pytestmark = pytest.mark.browser

ACCOUNT = "/live-lms/jupyter/"


def call(site: ExampleSite, path: str, body: Any = None, token: str = "") -> Any:
    """What the API answers to a program."""
    headers = {"Content-Type": "application/json", "Idempotency-Key": str(uuid.uuid4())}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    request = urllib.request.Request(
        f"{site.url}/live-lms/api/v1/{path}",
        data=None if body is None else json.dumps(body).encode(),
        headers=headers,
    )
    with urllib.request.urlopen(request, timeout=20) as answer:
        return json.load(answer)


def report(site: ExampleSite, token: str, page: Page, *cells: str) -> Any:
    """Report cells of the notebook on the page, as Jupyter would."""
    module = page.locator("[data-notebook]").get_attribute("data-notebook")
    evidence = {
        "mode": "saved",
        "client": "jupyter-live-lms/0.1.0",
        "evaluated_at": datetime.now(UTC).isoformat(),
    }
    body = {"passed": list(cells), "evidence": evidence}
    return call(site, f"modules/{module}/progress", body, token)


def make_token(page: Page) -> str:
    page.locator("main summary").click()
    page.locator("[name=name]").fill("My laptop")
    page.get_by_role("button", name="Make a token").click()
    return page.locator("#live-lms-token").input_value()


def test_what_jupyter_reports_moves_the_students_page_and_the_instructors_row(
    people: People, site: ExampleSite, student: str
) -> None:
    browser = people.enter(student)
    token = make_token(browser.open(ACCOUNT))
    dashboard = people.enter("instructor").open(DASHBOARD, live=True)
    page = browser.open(NOTEBOOK, live=True)
    cells = [cell.get_attribute("data-cell") or "" for cell in page.locator("[data-cell]").all()]
    page.locator(".live-lms-preview summary").click()
    is_same = [mark(page), mark(dashboard)]
    live = page.locator("[data-notebook]")
    expect(live).to_have_attribute("data-state", "not_started")

    report(site, token, page, cells[0])
    expect(live).to_have_attribute("data-state", "in_progress")
    expect(live).to_contain_text("1 of 3 required cells")
    expect(page.locator(f'[data-cell="{cells[0]}"]')).to_have_attribute("data-done", "true")
    row = dashboard.locator(f"tr#{site.row_id(student)}")
    expect(row).to_have_class("live-lms-changed live-lms-active")

    before = site.percentage(student)
    report(site, token, page, *cells)
    expect(live).to_have_attribute("data-state", "completed")
    expect(live).to_contain_text("Finished in the notebook (self-reported)")
    after = site.percentage(student)
    assert after > before
    expect(row).to_have_attribute("data-pct", str(after))
    expect(page.locator(".live-lms-preview")).to_have_attribute("open", "")
    assert all(check() for check in is_same)


def test_a_code_is_confirmed_and_the_program_gets_its_token_without_javascript(
    people: People, site: ExampleSite, student: str
) -> None:
    page = people.enter(student, java_script_enabled=False).open(ACCOUNT)
    begun = call(site, "pairings", {"client": "Jupyter on pascal"})
    page.locator("[name=code]").fill(begun["user_code"].lower())
    page.get_by_role("button", name="Go on").click()
    expect(page.locator("main")).to_contain_text("Jupyter on pascal")
    page.get_by_role("button", name="Allow").click()
    expect(page.locator("h1")).to_have_text("Jupyter is connected")

    made = call(site, "pairings/token", {"device_code": begun["device_code"]})
    assert call(site, "me", token=made["token"])["username"] == student

    page.get_by_role("link", name="What is connected").click()
    entry = page.locator(".live-lms-tokens li", has_text="Jupyter on pascal")
    entry.get_by_role("link").click()
    page.get_by_role("button", name="Revoke").click()
    expect(page.locator(".live-lms-tokens", has_text="Jupyter on pascal")).to_have_count(0)


def test_the_notebook_is_downloaded_and_read_without_javascript(
    people: People, student: str
) -> None:
    page = people.enter(student, java_script_enabled=False).open(NOTEBOOK)
    page.locator(".live-lms-preview summary").click()
    expect(page.locator(".live-lms-cell").first).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("link", name="Download").click()
    file = json.loads(download.value.path().read_text())
    assert download.value.suggested_filename.endswith(".ipynb")
    assert file["metadata"]["live_lms"]["title"] == "Practice: functions and errors"
