"""A notebook on its page: what it shows, and what moves when Jupyter reports."""

from __future__ import annotations

import uuid
from functools import partial

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import override_settings
from django.test.utils import CaptureQueriesContext

from tests import factories
from tests.notebook_files import code, markdown, notebook_file
from tests.rendering import element, ids_of, patches_after, render_component, texts
from wagtail_live_lms import actions
from wagtail_live_lms.components import notebook_lesson
from wagtail_live_lms.components.notebook_lesson import read_notebook_record
from wagtail_live_lms.live import Component, NotFound
from wagtail_live_lms.models import Course, Enrolment, Module, NotebookLesson
from wagtail_live_lms.notebooks import read_notebook
from wagtail_live_lms.testing import mount

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _no_counts() -> None:
    cache.clear()


@pytest.fixture
def course() -> Course:
    return factories.make_notebook_course("a", "b", "c")[0]


@pytest.fixture
def module(course: Course) -> Module:
    return factories.modules_of(course)[0]


@pytest.fixture
def enrolment(course: Course) -> Enrolment:
    return factories.make_student(course, "Ada Lovelace")


@pytest.fixture
def component(enrolment: Enrolment, module: Module) -> Component:
    return mount(
        "notebook_lesson",
        user=enrolment.user,
        course_id=enrolment.course_id,
        module_id=module.pk,
    )


def report(enrolment: Enrolment, module: Module, *passed: str) -> None:
    actions.report_notebook(enrolment.user, module, passed, key=uuid.uuid4(), evidence={})


def show(enrolment: Enrolment, module: Module) -> str:
    ids = {"course_id": module.course_id, "module_id": module.pk}
    return render_component(enrolment.user, "notebook_lesson", **ids)


def state_of(html: str) -> dict[str, str]:
    live = element(html, "//div[@data-notebook]")
    cells = live.xpath(".//li[@data-cell]")
    return {
        "state": live.get("data-state"),
        "figure": " ".join(live.xpath("./p")[0].text_content().split()),
        "passed": " ".join(c.get("data-cell") for c in cells if c.get("data-done") == "true"),
    }


class TestWhatItShows:
    def test_before_anything_is_done(self, enrolment: Enrolment, module: Module) -> None:
        html = show(enrolment, module)
        assert state_of(html)["state"] == "not_started"
        assert state_of(html)["figure"].startswith("Not started")
        assert "0 of 3 required cells" in html
        labels = texts(html, '//span[@class="live-lms-cells__label"]')
        assert labels[0] == "Exercise a: not passed yet"

    def test_under_way(self, enrolment: Enrolment, module: Module) -> None:
        report(enrolment, module, "c", "a")
        assert state_of(show(enrolment, module)) == {
            "state": "in_progress",
            "figure": "2 of 3 required cells",
            "passed": "a c",
        }
        bar = element(show(enrolment, module), "//progress")
        assert (bar.get("value"), bar.get("max")) == ("2", "3")

    def test_finished_with_time_and_source(self, enrolment: Enrolment, module: Module) -> None:
        report(enrolment, module, "a", "b", "c")
        told = state_of(show(enrolment, module))
        assert told["state"] == "completed"
        assert told["figure"].startswith("Finished in the notebook (self-reported),")
        assert told["passed"] == "a b c"

    def test_finished_by_staff(self, enrolment: Enrolment, module: Module) -> None:
        actions.complete_module(enrolment.user, module, source="staff")
        told = state_of(show(enrolment, module))
        assert told["figure"].startswith("Finished by staff")
        assert told["passed"] == ""

    def test_the_file_can_be_downloaded_without_javascript(
        self, enrolment: Enrolment, module: Module
    ) -> None:
        link = element(show(enrolment, module), "//a[@download]")
        assert link.get("href") == f"/live-lms/modules/{module.pk}/notebook.ipynb"

    def test_it_opens_in_jupyter_where_the_site_says_how(
        self, enrolment: Enrolment, module: Module
    ) -> None:
        assert "Open in Jupyter" not in show(enrolment, module)
        pattern = "https://hub.example/user-redirect/lab/tree/{course_slug}/{file}?m={module}"
        with override_settings(WAGTAIL_LIVE_LMS={"JUPYTER_LINK": pattern}):
            link = element(show(enrolment, module), '//a[@target="_blank"]')
        name = f"notebook-of-module-1-{module.pk}.ipynb"
        assert link.get("href") == (
            f"https://hub.example/user-redirect/lab/tree/{module.course.slug}/{name}?m={module.pk}"
        )
        assert link.get("rel") == "noopener"

    def test_the_preview_shows_the_cells(self, enrolment: Enrolment, module: Module) -> None:
        details = element(show(enrolment, module), "//details")
        assert details.get("open") is None
        assert "A lesson" in details.text_content()
        assert details.text_content().count("Required") == 3

    def test_a_preview_is_rendered_once_for_each_version(
        self, enrolment: Enrolment, module: Module
    ) -> None:
        show(enrolment, module)
        with CaptureQueriesContext(connection) as queries:
            show(enrolment, module)
        assert not any('"notebook"' in query["sql"] for query in queries)
        lesson = NotebookLesson.objects.get(module=module)
        upload = read_notebook(notebook_file(markdown("# Another"), code("1", "a")))
        actions.save_notebook(lesson, upload.text, ["a"])
        assert "Another" in show(enrolment, module)

    def test_a_long_notebook_says_that_it_goes_on(
        self, enrolment: Enrolment, module: Module
    ) -> None:
        lesson = NotebookLesson.objects.get(module=module)
        upload = read_notebook(notebook_file(*(code("1", f"c{n}") for n in range(160))))
        actions.save_notebook(lesson, upload.text, ["c0"])
        assert "The notebook goes on" in show(enrolment, module)

    def test_no_required_cells_yet(self, enrolment: Enrolment, module: Module) -> None:
        lesson = NotebookLesson.objects.get(module=module)
        actions.save_notebook(lesson, lesson.notebook, [])
        assert "It is not decided yet which cells count." in show(enrolment, module)

    def test_those_who_could_join_are_asked_to(self, module: Module) -> None:
        ids = {"course_id": module.course_id, "module_id": module.pk}
        html = render_component(factories.make_user(), "notebook_lesson", **ids)
        assert "Join this course" in html
        assert "A lesson" not in html

    def test_a_module_without_a_notebook(self, enrolment: Enrolment, course: Course) -> None:
        other = factories.modules_of(course)[1]
        html = show(enrolment, other)
        assert "There is no notebook here at the moment." in html
        assert "Download" not in html

    def test_a_notebook_that_is_taken_away_leaves_the_page_alive(
        self, component: Component, module: Module
    ) -> None:
        component.load()
        lesson = NotebookLesson.objects.get(module=module)
        assert patches_after(component, partial(actions.delete_notebook, lesson)) is None
        component.load()
        assert "There is no notebook here at the moment." in component.render_snapshot()

    def test_another_courses_module(self, enrolment: Enrolment) -> None:
        other = factories.make_notebook_course("a")[1]
        ids = {"course_id": enrolment.course_id, "module_id": other.pk}
        with pytest.raises(NotFound):
            mount("notebook_lesson", user=enrolment.user, **ids)


class TestInOrder:
    @pytest.fixture
    def course(self) -> Course:
        course = factories.make_course(["by_hand", "notebook_finished"], in_order=True)
        factories.make_notebook_lesson(factories.modules_of(course)[1], "a", "b", "c")
        return course

    @pytest.fixture
    def module(self, course: Course) -> Module:
        return factories.modules_of(course)[1]

    def test_it_says_what_comes_first(
        self, component: Component, enrolment: Enrolment, module: Module
    ) -> None:
        assert "The modules before this one come first" in show(enrolment, module)
        earlier = factories.modules_of(module.course)[0]
        component.load()
        patches = patches_after(component, lambda: actions.complete_module(enrolment.user, earlier))
        assert patches is not None
        assert "The modules before this one" not in str(patches[0].html)

    def test_what_passed_before_its_turn_is_queued(
        self, component: Component, enrolment: Enrolment, module: Module
    ) -> None:
        component.load()
        patches = patches_after(component, lambda: report(enrolment, module, "a", "b", "c"))
        assert patches is not None
        html = str(patches[0].html)
        assert state_of(html)["state"] == "queued"
        assert state_of(html)["figure"].startswith("Queued")
        assert "3 of 3 required cells" in html
        assert "you need not run anything again" in html
        earlier = factories.modules_of(module.course)[0]
        patches = patches_after(component, lambda: actions.complete_module(enrolment.user, earlier))
        assert patches is not None
        assert state_of(str(patches[0].html))["state"] == "completed"
        assert "Finished in the notebook (self-reported)" in str(patches[0].html)

    def test_an_archived_module_waits_for_nobody(
        self, enrolment: Enrolment, module: Module
    ) -> None:
        actions.archive_module(module)
        assert "The modules before this one" not in show(enrolment, module)


class TestWhatIsPushed:
    def test_each_report_patches_the_state_and_nothing_else(
        self, component: Component, enrolment: Enrolment, module: Module
    ) -> None:
        component.load()
        patches = patches_after(component, lambda: report(enrolment, module, "b"))
        assert ids_of(patches) == [f"{component.element_id}-live"]
        assert patches is not None
        assert state_of(str(patches[0].html))["figure"] == "1 of 3 required cells"

    def test_what_is_pushed_equals_what_a_reload_shows(
        self, component: Component, enrolment: Enrolment, module: Module
    ) -> None:
        component.load()
        for cells in (["a"], ["b", "c"]):
            patches = patches_after(
                component, lambda cells=cells: report(enrolment, module, *cells)
            )
            assert patches is not None
            fresh = mount("notebook_lesson", user=enrolment.user, **component.params)
            assert patches[0].html == fresh.render_snapshot()

    def test_another_course_of_the_person_changes_nothing(
        self, component: Component, enrolment: Enrolment
    ) -> None:
        other = factories.make_course()
        component.load()
        assert patches_after(component, lambda: actions.enrol(other, enrolment.user)) == []

    def test_a_new_version_is_shown_whole(
        self, component: Component, module: Module, enrolment: Enrolment
    ) -> None:
        component.load()
        lesson = NotebookLesson.objects.get(module=module)
        saving = partial(actions.save_notebook, lesson, lesson.notebook, ["a"])
        assert patches_after(component, saving) is None
        component.load()
        assert "0 of 1 required cell" in component.render_snapshot()

    def test_a_record_is_of_one_moment(
        self, enrolment: Enrolment, module: Module, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A report between two reads must not be shown under the version before it."""
        stale = Enrolment.objects.get(pk=enrolment.pk)
        report(enrolment, module, "a")
        record = read_notebook_record(stale)
        assert record.enrolment.version == Enrolment.objects.get(pk=enrolment.pk).version
        assert record.passed[module.pk] == {"a"}

    def test_somebody_deleted_is_nobody(self, enrolment: Enrolment) -> None:
        stale = Enrolment.objects.select_related("course").get(pk=enrolment.pk)
        enrolment.user.delete()
        assert read_notebook_record(stale).passed == {}

    def test_it_listens_to_its_person_and_its_course(self, component: Component) -> None:
        topics = set(component.topics())
        assert topics == {
            f"student-{component.user.pk}",
            f"course-{component.params['course_id']}",
        }
        loaded = notebook_lesson.NotebookLessonView.load_changes("course-1", "course", [1])
        assert loaded == {}
