"""Looking at a module and fetching its notebook."""

from __future__ import annotations

import json
from typing import Any

import nbformat
import pytest
from django.core.cache import cache
from django.db import OperationalError, connection
from django.test import Client
from wagtail.models import Page

from tests import factories
from tests.api.calls import Program, problem, program_of
from wagtail_live_lms import actions
from wagtail_live_lms.models import Enrolment, Module, NotebookLesson

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _no_counts() -> None:
    cache.clear()


@pytest.fixture
def module() -> Module:
    return factories.make_notebook_course("a", "b")[1]


@pytest.fixture
def enrolment(module: Module) -> Enrolment:
    return factories.make_student(module.course)


@pytest.fixture
def jupyter(enrolment: Enrolment) -> Program:
    return program_of(enrolment.user)


def look(program: Program, module: Module) -> dict[str, Any]:
    answer: dict[str, Any] = program.get(f"modules/{module.pk}").json()
    return answer


class TestModule:
    def test_before_anything_is_done(self, jupyter: Program, module: Module) -> None:
        assert look(jupyter, module) == {
            "id": module.pk,
            "title": module.title,
            "course": {"id": module.course_id, "title": module.course.title},
            "state": "not_started",
            "completed_at": None,
            "source": None,
            "source_label": "",
            "page_url": "",
            "manifest": {
                "digest": NotebookLesson.objects.get().digest,
                "required": [
                    {"id": "a", "label": "Exercise a"},
                    {"id": "b", "label": "Exercise b"},
                ],
                "policy": "required-cells",
            },
            "passed": [],
        }

    def test_under_way_and_completed(self, jupyter: Program, module: Module) -> None:
        jupyter.report(module, "b")
        told = look(jupyter, module)
        assert (told["state"], told["passed"]) == ("in_progress", ["b"])
        jupyter.report(module, "a")
        told = look(jupyter, module)
        assert (told["state"], told["source"]) == ("completed", "notebook")
        assert told["source_label"] == "in the notebook (self-reported)"
        assert told["completed_at"]

    def test_a_published_page_is_linked(self, jupyter: Program, module: Module) -> None:
        module.page = factories.make_page(Page(title="Lesson", slug="lesson-of-module"))
        module.save()
        assert look(jupyter, module)["page_url"].startswith("http://")
        assert look(jupyter, module)["page_url"].endswith("/lesson-of-module/")
        module.page.unpublish()
        assert look(jupyter, module)["page_url"] == ""

    def test_a_module_without_a_notebook(self, jupyter: Program, module: Module) -> None:
        other = factories.modules_of(module.course)[1]
        assert look(jupyter, other)["manifest"] is None

    def test_an_open_course_can_be_looked_at_before_joining(self, module: Module) -> None:
        assert look(program_of(factories.make_user()), module)["state"] == "not_started"

    def test_those_who_left_see_what_others_see(
        self, jupyter: Program, module: Module, enrolment: Enrolment
    ) -> None:
        jupyter.report(module, "a")
        actions.withdraw(enrolment)
        assert look(jupyter, module)["passed"] == []

    @pytest.mark.parametrize("number", ["0", str(2**63), "9" * 30])
    def test_numbers_no_table_can_hold(self, jupyter: Program, number: str) -> None:
        problem(jupyter.get(f"modules/{number}"), 422, "invalid_input")

    @pytest.mark.parametrize("path", ["modules/x", "modules/-1", "modules", "", "modules/1/x"])
    def test_paths_that_lead_nowhere(self, jupyter: Program, path: str) -> None:
        problem(jupyter.get(path), 404, "not_found")

    def test_other_methods(self, jupyter: Program, module: Module) -> None:
        response = jupyter.post(f"modules/{module.pk}", {})
        problem(response, 405, "method_not_allowed")
        assert response.headers["Allow"] == "GET"

    def test_a_fixed_number_of_queries(
        self, jupyter: Program, module: Module, django_assert_max_num_queries: Any
    ) -> None:
        jupyter.get("me")
        with django_assert_max_num_queries(9):
            look(jupyter, module)


class TestNotebook:
    def test_it_says_whose_module_it_is(self, jupyter: Program, module: Module) -> None:
        response = jupyter.get(f"modules/{module.pk}/notebook")
        assert response.headers["Content-Type"] == "application/x-ipynb+json"
        name = f"notebook-of-module-1-{module.pk}.ipynb"
        assert response.headers["Content-Disposition"] == f'attachment; filename="{name}"'
        notebook = nbformat.reads(response.content.decode(), as_version=4)
        nbformat.validate(notebook)
        assert notebook.metadata.live_lms == {
            "schema": 1,
            "site": "http://testserver",
            "course": module.course_id,
            "module": module.pk,
            "title": "Notebook of Module 1",
            "policy": "required-cells",
            "required": ["a", "b"],
            "digest": NotebookLesson.objects.get().digest,
        }

    def test_it_was_never_run(self, jupyter: Program, module: Module) -> None:
        cells = jupyter.get(f"modules/{module.pk}/notebook").json()["cells"]
        code = [cell for cell in cells if cell["cell_type"] == "code"]
        assert len(code) == 2
        assert all(cell["outputs"] == [] for cell in code)
        assert all(cell["execution_count"] is None for cell in code)

    def test_it_is_for_those_who_joined(self, module: Module) -> None:
        outsider = program_of(factories.make_user())
        problem(outsider.get(f"modules/{module.pk}/notebook"), 403, "not_enrolled")

    def test_a_module_without_one(self, jupyter: Program, module: Module) -> None:
        other = factories.modules_of(module.course)[1]
        problem(jupyter.get(f"modules/{other.pk}/notebook"), 404, "not_found")

    def test_a_browser_gets_the_same_file(
        self, jupyter: Program, module: Module, enrolment: Enrolment
    ) -> None:
        browser = Client()
        browser.force_login(enrolment.user)
        response = browser.get(f"/live-lms/modules/{module.pk}/notebook.ipynb")
        assert json.loads(response.content) == jupyter.get(f"modules/{module.pk}/notebook").json()
        assert "no-store" in response.headers["Cache-Control"]


class TestWhatEveryAnswerHas:
    def test_nothing_is_stored(self, jupyter: Program, module: Module) -> None:
        for path in ("me", f"modules/{module.pk}", f"modules/{module.pk}/notebook", "nowhere"):
            assert jupyter.get(path).headers["Cache-Control"] == "private, no-store"

    def test_an_error_of_ours_is_logged_and_says_nothing(
        self, jupyter: Program, caplog: pytest.LogCaptureFixture
    ) -> None:
        NotebookLesson.objects.update(required="broken", notebook="{")
        module = Module.objects.filter(notebook_lesson__isnull=False).get()
        told = problem(jupyter.get(f"modules/{module.pk}/notebook"), 500, "internal_error")
        reference = told["detail"].rsplit(" ", 1)[1].rstrip(".")
        assert f"Error {reference} at" in caplog.text
        assert "JSONDecodeError" not in told["detail"]

    def test_a_database_that_does_not_answer(self, jupyter: Program, module: Module) -> None:
        def break_down(*args: Any) -> None:
            raise OperationalError("the database is gone")

        with connection.execute_wrapper(break_down):
            response = jupyter.get(f"modules/{module.pk}")
        problem(response, 503, "unavailable")
        assert response.headers["Retry-After"] == "3"

    def test_a_site_may_accept_even_less(self, jupyter: Program, settings: Any) -> None:
        settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 10
        problem(jupyter.post("pairings", {"client": "Jupyter"}), 413, "too_large")
