"""A student works in a real Jupyter, and the course site knows it."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.site import ExampleSite

from .conftest import MakeServer
from .lessons import as_text, run_by_hand, solve
from .pages import Lesson
from .server import JupyterServer

pytestmark = [pytest.mark.jupyter, pytest.mark.timeout(240)]

Open = Callable[..., Lesson]
SECONDS = 30.0


def records(site: ExampleSite, student: str, module: int) -> list[str]:
    """By which way the student completed a module; one entry for each record."""
    sql = (
        "SELECT source FROM wagtail_live_lms_progress p"
        " JOIN wagtail_live_lms_enrolment e ON e.id = p.enrolment_id"
        " JOIN auth_user u ON u.id = e.user_id WHERE username = ? AND module_id = ?"
    )
    return [source for (source,) in site.query(sql, student, module)]


def wait_for_record(site: ExampleSite, student: str, module: int) -> None:
    deadline = time.monotonic() + SECONDS
    while not records(site, student, module):
        assert time.monotonic() < deadline, "the course site has no record"
        time.sleep(0.1)
    assert records(site, student, module) == ["notebook"]


def put_lesson(server: JupyterServer, module: int, name: str) -> None:
    """Download a lesson and write the answers into it."""
    (server.work / name).write_text(as_text(solve(server.download(module, name))))


def assert_accessible(page: Page) -> None:
    """By the rules of WCAG 2.2 AA; Jupyter's own button element breaks one of them everywhere."""
    options = {
        "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"]},
        "rules": {"aria-allowed-attr": {"enabled": False}},
    }
    parts = [".live-lms-status", ".live-lms-finish"]
    found = Axe().run(page, context={"include": [[part] for part in parts]}, options=options)
    assert found.violations_count == 0, found.generate_report()


def test_running_and_saving_in_jupyterlab_completes_the_module(
    lab: JupyterServer, lab_student: str, site: ExampleSite, modules: list[int], open_lesson: Open
) -> None:
    put_lesson(lab, modules[0], "names.ipynb")
    lesson = open_lesson(lab, "names.ipynb")
    lesson.expect_status("Lesson: 0 of 3")
    assert_accessible(lesson.page)
    lesson.run_all()
    lesson.save()
    lesson.expect_message("Lesson completed: Practice: names and text")
    lesson.expect_status("Lesson: completed")
    wait_for_record(site, lab_student, modules[0])


def test_finish_button_in_notebook_7_completes_the_module(
    lab: JupyterServer, lab_student: str, site: ExampleSite, modules: list[int], open_lesson: Open
) -> None:
    put_lesson(lab, modules[1], "loops.ipynb")
    lesson = open_lesson(lab, "loops.ipynb", "notebooks")
    lesson.expect_status("Lesson: 0 of 3")
    lesson.run_all()
    lesson.finish_button.click()
    lesson.expect_message("Lesson completed: Practice: lists and loops")
    lesson.expect_status("Lesson: completed")
    wait_for_record(site, lab_student, modules[1])


def test_unfinished_lesson_says_what_is_left(
    lab: JupyterServer, lab_student: str, site: ExampleSite, modules: list[int], open_lesson: Open
) -> None:
    lab.download(modules[2], "functions.ipynb")
    lesson = open_lesson(lab, "functions.ipynb")
    lesson.expect_status("Lesson: 0 of 3")
    lesson.finish_button.click()
    lesson.expect_message("Cells still to pass")
    assert records(site, lab_student, modules[2]) == []


def test_other_notebooks_show_nothing_of_it(lab: JupyterServer, open_lesson: Open) -> None:
    (lab.work / "plain.ipynb").write_text(
        as_text(
            {
                "cells": [
                    {
                        "cell_type": "code", "id": "a", "source": "1", "metadata": {},
                        "outputs": [], "execution_count": None,
                    }
                ],
                "metadata": {}, "nbformat": 4, "nbformat_minor": 5,
            }
        )
    )  # fmt: skip
    lesson = open_lesson(lab, "plain.ipynb")
    expect(lesson.status).to_have_count(0)
    expect(lesson.finish_button).to_have_count(0)


def test_jupyter_starts_when_the_pages_part_is_broken(
    lab: JupyterServer, modules: list[int], open_lesson: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    lab.download(modules[2], "broken.ipynb")

    def open_broken(lesson: Lesson, name: str, app: str) -> None:
        lesson.page.route("**/remoteEntry.0.1.0.js*", lambda route: route.fulfill(body="]broken["))
        opening(lesson, name, app)

    opening = Lesson.open
    monkeypatch.setattr(Lesson, "open", open_broken)
    lesson = open_lesson(lab, "broken.ipynb")
    expect(lesson.status).to_have_count(0)


def test_course_site_that_is_away_gets_the_lesson_later(
    make_server: MakeServer, student: str, site: ExampleSite, modules: list[int], open_lesson: Open
) -> None:
    server = make_server(student)
    put_lesson(server, modules[0], "names.ipynb")
    lesson = open_lesson(server, "names.ipynb")
    lesson.expect_status("Lesson: 0 of 3")
    site.stop()
    try:
        lesson.run_all()
        lesson.finish_button.click()
        lesson.expect_message("not recorded yet")
        lesson.expect_status("Lesson: queued")
        assert "1 report not recorded yet" in server.run("status").stdout
    finally:
        site.start()
    lesson.expect_status("Lesson: completed")
    wait_for_record(site, student, modules[0])
    assert "0 reports not recorded yet" in server.run("status").stdout


def test_killed_jupyter_server_loses_nothing_and_completes_once(
    make_server: MakeServer, student: str, site: ExampleSite, modules: list[int]
) -> None:
    server = make_server(student)
    notebook = run_by_hand(solve(server.download(modules[0], "names.ipynb")))
    site.stop()
    try:
        server.save("names.ipynb", notebook)
        outbox = server.folder / "data" / "live-lms" / "outbox"
        deadline = time.monotonic() + SECONDS
        while not list(outbox.glob("*.json")):
            assert time.monotonic() < deadline, "the report was not kept"
            time.sleep(0.02)
        server.kill()
    finally:
        site.start()
    server.start()
    wait_for_record(site, student, modules[0])
    server.save("names.ipynb", notebook)
    assert server.run("finish", str(server.work / "names.ipynb")).returncode == 0
    assert records(site, student, modules[0]) == ["notebook"]


def test_collaboration_completes_the_module_without_a_save_by_hand(
    make_server: MakeServer, student: str, site: ExampleSite, modules: list[int], open_lesson: Open
) -> None:
    server = make_server(student, has_collaboration=True)
    put_lesson(server, modules[0], "names.ipynb")
    lesson = open_lesson(server, "names.ipynb")
    lesson.run_all()
    lesson.expect_message("Lesson completed")
    lesson.expect_status("Lesson: completed")
    wait_for_record(site, student, modules[0])
