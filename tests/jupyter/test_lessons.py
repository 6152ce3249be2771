"""A student works in a real Jupyter, and the course site knows it."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.site import ExampleSite

from .lessons import as_text, one_cell, run_by_hand, solve
from .line import Line, State
from .pages import Dashboard, LabLesson, Lesson
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


def test_running_and_saving_in_jupyterlab_moves_the_instructors_row(
    lab: JupyterServer, student: str, site: ExampleSite, modules: list[int],
    open_lesson: Open, dashboard: Dashboard,
) -> None:  # fmt: skip
    told = site.run("tests.jupyter.make_notice:make", username=student, title="Project plan")
    before = dashboard.shown(student)
    put_lesson(lab, modules[0], "names.ipynb")
    lesson = open_lesson(lab, "names.ipynb")
    lesson.expect_message(told)
    lesson.expect_status("Lesson: 0 of 3")
    assert_accessible(lesson.page)
    lesson.run_all()
    lesson.save()
    lesson.expect_message("Lesson completed: Practice: names and text")
    lesson.expect_status("Lesson: completed")
    wait_for_record(site, student, modules[0])
    dashboard.expect_more(student, before)


def test_finish_button_in_notebook_7_moves_the_instructors_row(
    lab: JupyterServer, student: str, site: ExampleSite, modules: list[int],
    open_lesson: Open, dashboard: Dashboard,
) -> None:  # fmt: skip
    before = dashboard.shown(student)
    put_lesson(lab, modules[1], "loops.ipynb")
    lesson = open_lesson(lab, "loops.ipynb", "notebooks")
    lesson.expect_status("Lesson: 0 of 3")
    lesson.run_all()
    lesson.finish_button.click()
    lesson.expect_message("Lesson completed: Practice: lists and loops")
    lesson.expect_status("Lesson: completed")
    wait_for_record(site, student, modules[1])
    dashboard.expect_more(student, before)


def test_running_and_saving_in_nbclassic_moves_the_instructors_row(
    lab: JupyterServer, student: str, site: ExampleSite, modules: list[int],
    open_lesson: Open, dashboard: Dashboard,
) -> None:  # fmt: skip
    pytest.importorskip("nbclassic")
    before = dashboard.shown(student)
    put_lesson(lab, modules[0], "classic.ipynb")
    lesson = open_lesson(lab, "classic.ipynb", "nbclassic")
    lesson.run_all()
    lesson.save()
    wait_for_record(site, student, modules[0])
    dashboard.expect_more(student, before)


def test_unfinished_lesson_says_what_is_left(
    lab: JupyterServer, student: str, site: ExampleSite, modules: list[int], open_lesson: Open
) -> None:
    lab.download(modules[2], "functions.ipynb")
    lesson = open_lesson(lab, "functions.ipynb")
    lesson.expect_status("Lesson: 0 of 3")
    lesson.finish_button.click()
    lesson.expect_message("Cells still to pass")
    assert records(site, student, modules[2]) == []


def test_other_notebooks_show_nothing_of_it(running_lab: JupyterServer, open_lesson: Open) -> None:
    (running_lab.work / "plain.ipynb").write_text(one_cell())
    lesson = open_lesson(running_lab, "plain.ipynb")
    expect(lesson.status).to_have_count(0)
    expect(lesson.finish_button).to_have_count(0)


def test_jupyter_starts_when_the_pages_part_is_broken(
    running_lab: JupyterServer, open_lesson: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    (running_lab.work / "broken.ipynb").write_text(one_cell(live_lms={"schema": 1}))

    def open_broken(lesson: Lesson, name: str) -> None:
        lesson.page.route("**/remoteEntry.0.1.0.js*", lambda route: route.fulfill(body="]broken["))
        opening(lesson, name)

    opening = LabLesson.open
    monkeypatch.setattr(LabLesson, "open", open_broken)
    lesson = open_lesson(running_lab, "broken.ipynb")
    expect(lesson.status).to_have_count(0)


def test_course_site_that_is_away_gets_the_lesson_later(
    lab: JupyterServer, student: str, site: ExampleSite, modules: list[int],
    open_lesson: Open, dashboard: Dashboard,
) -> None:  # fmt: skip
    before = dashboard.shown(student)
    put_lesson(lab, modules[0], "away.ipynb")
    lesson = open_lesson(lab, "away.ipynb")
    lesson.expect_status("Lesson: 0 of 3")
    site.stop()
    try:
        lesson.run_all()
        lesson.finish_button.click()
        lesson.expect_message("not recorded yet")
        lesson.expect_status("Lesson: queued")
        assert "1 report not recorded yet" in lab.run("status").stdout
    finally:
        site.start()
    lesson.expect_status("Lesson: completed")
    wait_for_record(site, student, modules[0])
    dashboard.expect_more(student, before)
    assert "0 reports not recorded yet" in lab.run("status").stdout


@pytest.mark.parametrize("state", [State.CUT, State.ONE_WAY], ids=["cut", "answers lost"])
def test_broken_line_loses_nothing_and_completes_once(
    lab_on_line: tuple[JupyterServer, Line], student: str, site: ExampleSite, modules: list[int],
    dashboard: Dashboard, state: State,
) -> None:  # fmt: skip
    before = dashboard.shown(student)
    lab, line = lab_on_line
    notebook = run_by_hand(solve(lab.download(modules[0], "line.ipynb")))
    line.break_(state)
    lab.save("line.ipynb", notebook)
    assert line.lost.wait(SECONDS)
    assert "1 report not recorded yet" in lab.run("status").stdout
    if state is State.CUT:
        assert records(site, student, modules[0]) == []
    else:
        wait_for_record(site, student, modules[0])
    line.mend()
    wait_for_record(site, student, modules[0])
    dashboard.expect_more(student, before)
    lab.wait_until_sent(SECONDS)
    assert records(site, student, modules[0]) == ["notebook"]
    assert "0 reports not recorded yet" in lab.run("status").stdout


def test_killed_jupyter_server_loses_nothing_and_completes_once(
    lab: JupyterServer, student: str, site: ExampleSite, modules: list[int], dashboard: Dashboard
) -> None:
    before = dashboard.shown(student)
    notebook = run_by_hand(solve(lab.download(modules[0], "killed.ipynb")))
    site.stop()
    try:
        lab.save("killed.ipynb", notebook)
        deadline = time.monotonic() + SECONDS
        while not lab.unsent():
            assert time.monotonic() < deadline, "the report was not kept"
            time.sleep(0.02)
        lab.kill()
    finally:
        site.start()
        lab.restart()
    wait_for_record(site, student, modules[0])
    lab.save("killed.ipynb", notebook)
    assert lab.run("finish", str(lab.work / "killed.ipynb")).returncode == 0
    assert records(site, student, modules[0]) == ["notebook"]
    dashboard.expect_more(student, before)


def test_collaboration_moves_the_instructors_row_without_a_save_by_hand(
    shared_lab: JupyterServer, student: str, site: ExampleSite, modules: list[int],
    open_lesson: Open, dashboard: Dashboard,
) -> None:  # fmt: skip
    before = dashboard.shown(student)
    put_lesson(shared_lab, modules[0], "names.ipynb")
    lesson = open_lesson(shared_lab, "names.ipynb")
    lesson.run_all()
    lesson.expect_message("Lesson completed")
    lesson.expect_status("Lesson: completed")
    wait_for_record(site, student, modules[0])
    dashboard.expect_more(student, before)
