"""One course site, one Chromium and one JupyterLab for these tests."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import chain

import pytest
from playwright.sync_api import Browser

from tests.browser.people import DASHBOARD, Person
from tests.browser.site import ExampleSite

from .line import Line
from .pages import APPS, Dashboard, Lesson
from .server import JupyterServer


@pytest.fixture(scope="session")
def modules(site: ExampleSite) -> list[int]:
    """The modules with a notebook, in the course's order."""
    sql = "SELECT id FROM wagtail_live_lms_module WHERE completion_rule = ? ORDER BY sort_order"
    return [module for (module,) in site.query(sql, "notebook_finished")]


@pytest.fixture(scope="session")
def _students(site: ExampleSite) -> Iterator[str]:
    """Those who have finished no notebook yet."""
    sql = (
        "SELECT username FROM wagtail_live_lms_enrolment e JOIN auth_user u ON u.id = e.user_id"
        " WHERE withdrawn_at IS NULL AND NOT EXISTS (SELECT 1 FROM wagtail_live_lms_progress p"
        " WHERE p.enrolment_id = e.id AND p.source = 'notebook') ORDER BY username"
    )
    return chain([username for (username,) in site.query(sql)], site.more_students())


@pytest.fixture
def student(_students: Iterator[str]) -> str:
    """A student whom no other test touches."""
    return next(_students)


@pytest.fixture(scope="session")
def running_lab(site: ExampleSite) -> Iterator[JupyterServer]:
    server = JupyterServer(site)
    try:
        server.start()
        yield server
    finally:
        server.close()


@pytest.fixture
def lab(running_lab: JupyterServer, student: str) -> JupyterServer:
    """The Jupyter of all tests, connected anew for the student of this one."""
    running_lab.connect(student)
    return running_lab


@pytest.fixture
def shared_lab(site: ExampleSite, student: str) -> Iterator[JupyterServer]:
    """A Jupyter in which several people may write in one notebook."""
    server = JupyterServer(site, has_collaboration=True)
    try:
        server.connect(student)
        server.start()
        yield server
    finally:
        server.close()


@pytest.fixture
def lab_on_line(site: ExampleSite, student: str) -> Iterator[tuple[JupyterServer, Line]]:
    """A Jupyter that reaches the course site by a line which the test may cut."""
    with Line(site.port).open() as line:
        server = JupyterServer(line)
        try:
            server.connect(student)
            server.start()
            yield server, line
        finally:
            server.close()


@pytest.fixture(scope="session")
def dashboard(browser: Browser, site: ExampleSite) -> Iterator[Dashboard]:
    """The instructor's page, open in a second browser all the while."""
    instructor = Person(site, browser.new_context())
    instructor.log_in("instructor")
    yield Dashboard(instructor.open(DASHBOARD, live=True), site)
    instructor.context.close()


@pytest.fixture
def open_lesson(browser: Browser) -> Iterator[Callable[..., Lesson]]:
    """Opens lessons in pages; the test fails when a request went to another host than Jupyter."""
    opened: list[Lesson] = []

    def open_lesson(server: JupyterServer, name: str, app: str = "lab") -> Lesson:
        lesson = APPS[app](browser.new_context(), server)
        opened.append(lesson)
        lesson.open(name)
        return lesson

    yield open_lesson
    for lesson in opened:
        leaks = lesson.leaks()
        lesson.context.close()
        assert lesson.foreign == []
        assert leaks == []
