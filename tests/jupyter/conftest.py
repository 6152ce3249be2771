"""One course site, one Chromium and one JupyterLab for these tests."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

from scripts.parts import CHROMIUM
from tests.browser.conftest import CHROMIUM_ARGUMENTS
from tests.browser.site import ExampleSite
from tests.conftest import require

from .pages import Lesson
from .server import JupyterServer

MakeServer = Callable[..., JupyterServer]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A real Chromium."""
    require(CHROMIUM)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=str(CHROMIUM.find()), args=CHROMIUM_ARGUMENTS
        )
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def site() -> Iterator[ExampleSite]:
    """The demo with its practice notebooks."""
    require(CHROMIUM)
    site = ExampleSite()
    try:
        site.start()
        yield site
    finally:
        site.close()


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
    return iter([username for (username,) in site.query(sql)])


@pytest.fixture
def make_server(site: ExampleSite) -> Iterator[MakeServer]:
    """Makes Jupyter servers that a test may stop and kill."""
    made: list[JupyterServer] = []

    def make(student: str, *, has_collaboration: bool = False) -> JupyterServer:
        server = JupyterServer(site, has_collaboration=has_collaboration)
        made.append(server)
        server.connect(student)
        server.start()
        return server

    yield make
    for server in made:
        server.close()


@pytest.fixture
def student(_students: Iterator[str]) -> str:
    """A student whom no other test touches."""
    return next(_students)


@pytest.fixture(scope="session")
def lab_student(_students: Iterator[str]) -> str:
    return next(_students)


@pytest.fixture(scope="session")
def lab(site: ExampleSite, lab_student: str) -> Iterator[JupyterServer]:
    """The Jupyter of one student, shared by the tests that use different lessons."""
    server = JupyterServer(site)
    try:
        server.connect(lab_student)
        server.start()
        yield server
    finally:
        server.close()


@pytest.fixture
def open_lesson(browser: Browser) -> Iterator[Callable[..., Lesson]]:
    """Opens lessons in pages; the test fails when a request went to another host than Jupyter."""
    opened: list[Lesson] = []

    def open_lesson(server: JupyterServer, name: str, app: str = "lab") -> Lesson:
        lesson = Lesson(browser.new_context(), server)
        opened.append(lesson)
        lesson.open(name, app)
        return lesson

    yield open_lesson
    for lesson in opened:
        leaks = lesson.leaks()
        lesson.context.close()
        assert lesson.foreign == []
        assert leaks == []
