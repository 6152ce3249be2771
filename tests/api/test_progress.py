"""Reporting a notebook's cells: they add up, and the last one completes the module."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.test import override_settings
from django.utils import timezone

from tests import factories
from tests.api.calls import Program, problem, program_of, report_body
from wagtail_live_lms import actions
from wagtail_live_lms.models import (
    Course,
    Enrolment,
    Module,
    NotebookProgress,
    NotebookReport,
    Progress,
)
from wagtail_live_lms.testing import assert_no_pushes, assert_pushes

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
def jupyter(enrolment: Enrolment) -> Program:
    return program_of(enrolment.user)


class TestReporting:
    def test_cells_add_up(self, jupyter: Program, module: Module) -> None:
        first = jupyter.report(module, "c").json()
        assert first == {
            "state": "in_progress",
            "passed": ["c"],
            "required": ["a", "b", "c"],
            "unknown": [],
            "completed_at": None,
            "source": None,
            "created": False,
        }
        assert jupyter.report(module, "a").json()["passed"] == ["a", "c"]
        assert jupyter.report(module).json()["passed"] == ["a", "c"]

    def test_the_last_cell_completes_the_module(
        self, jupyter: Program, module: Module, enrolment: Enrolment
    ) -> None:
        jupyter.report(module, "a", "b")
        told = jupyter.report(module, "c").json()
        assert (told["state"], told["source"], told["created"]) == ("completed", "notebook", True)
        done = Progress.objects.get(enrolment=enrolment, module=module)
        assert done.source == "notebook"
        assert done.evidence["cells"] == ["a", "b", "c"]
        assert done.evidence["client"] == "jupyter-live-lms/0.1.0"
        enrolment.refresh_from_db()
        assert enrolment.percent == 50

    def test_it_completes_once(self, jupyter: Program, module: Module) -> None:
        first = jupyter.report(module, "a", "b", "c").json()
        again = jupyter.report(module, "a", "b", "c").json()
        assert (first["created"], again["created"]) == (True, False)
        assert first["completed_at"] == again["completed_at"]

    def test_cells_that_are_not_required_are_named_and_forgotten(
        self, jupyter: Program, module: Module
    ) -> None:
        told = jupyter.report(module, "a", "intro", "other").json()
        assert (told["passed"], told["unknown"]) == (["a"], ["intro", "other"])
        assert NotebookProgress.objects.get().passed == ["a"]

    def test_student_and_instructors_are_told_of_each_step(
        self, jupyter: Program, module: Module, enrolment: Enrolment
    ) -> None:
        topics = {f"student-{enrolment.user_id}", f"instructor-{enrolment.course_id}"}
        for cell in ("a", "b", "c"):
            with assert_pushes() as pushes:
                jupyter.report(module, cell)
            assert {push.topic for push in pushes.recorded} == topics
        enrolment.refresh_from_db()
        assert enrolment.has_acted

    def test_a_report_that_says_nothing_new_tells_nobody(
        self, jupyter: Program, module: Module
    ) -> None:
        jupyter.report(module, "a")
        with assert_no_pushes():
            jupyter.report(module, "a", "other")

    def test_cells_passed_after_completion_are_kept(
        self, jupyter: Program, module: Module, enrolment: Enrolment
    ) -> None:
        actions.complete_module(enrolment.user, module, source="staff")
        told = jupyter.report(module, "a").json()
        assert (told["state"], told["source"], told["passed"]) == ("completed", "staff", ["a"])


class TestTheSameReportAgain:
    def test_it_gets_the_first_answer(self, jupyter: Program, module: Module) -> None:
        key = uuid.uuid4()
        first = jupyter.report(module, "a", "b", "c", key=key).json()
        with assert_no_pushes():
            again = jupyter.report(module, "c", "b", "a", key=key).json()
        assert again == first
        assert again["created"]

    def test_a_key_is_good_for_one_report(self, jupyter: Program, module: Module) -> None:
        key = uuid.uuid4()
        jupyter.report(module, "a", key=key)
        problem(jupyter.report(module, "a", "b", key=key), 422, "idempotency_key_reused")
        assert NotebookProgress.objects.get().passed == ["a"]

    def test_another_student_may_have_the_same_key(
        self, jupyter: Program, module: Module, course: Course
    ) -> None:
        key = uuid.uuid4()
        jupyter.report(module, "a", key=key)
        other = program_of(factories.make_student(course).user)
        assert other.report(module, "b", key=key).json()["passed"] == ["b"]

    def test_a_refused_report_is_not_remembered(self, module: Module, course: Course) -> None:
        user = factories.make_user()
        jupyter, key = program_of(user), uuid.uuid4()
        problem(jupyter.report(module, "a", key=key), 409, "not_enrolled")
        actions.enrol(course, user)
        assert jupyter.report(module, "a", key=key).json()["passed"] == ["a"]

    def test_keys_are_forgotten_in_time(self, jupyter: Program, module: Module) -> None:
        key = uuid.uuid4()
        jupyter.report(module, "a", key=key)
        NotebookReport.objects.update(created_at=timezone.now() - timedelta(hours=49))
        assert jupyter.report(module, "b", key=key).json()["passed"] == ["a", "b"]
        assert NotebookReport.objects.count() == 1


class TestRefusals:
    def test_a_module_nobody_knows(self, jupyter: Program, module: Module) -> None:
        module.pk += 1000
        problem(jupyter.report(module, "a"), 404, "not_found")

    def test_a_course_for_others(self) -> None:
        _, module = factories.make_notebook_course("a", enrolment_policy="staff")
        outsider = program_of(factories.make_user())
        problem(outsider.report(module, "a"), 404, "not_found")

    def test_an_archived_module(self, jupyter: Program, module: Module) -> None:
        actions.archive_module(module)
        problem(jupyter.report(module, "a"), 409, "module_archived")

    def test_a_course_in_order(self) -> None:
        course = factories.make_course(["by_hand", "notebook_finished"], in_order=True)
        module = factories.modules_of(course)[1]
        factories.make_notebook_lesson(module, "a")
        jupyter = program_of(factories.make_student(course).user)
        answer = jupyter.report(module, "a").json()
        assert (answer["state"], answer["completed_at"]) == ("queued", None)
        assert jupyter.get(f"modules/{module.pk}").json()["state"] == "queued"

    def test_a_module_that_something_else_completes(
        self, jupyter: Program, module: Module, course: Course
    ) -> None:
        problem(jupyter.report(factories.modules_of(course)[1], "a"), 409, "wrong_completion_rule")
        Module.objects.filter(pk=module.pk).update(completion_rule="by_hand")
        problem(jupyter.report(module, "a"), 409, "wrong_completion_rule")

    def test_a_module_without_a_notebook(self, jupyter: Program, course: Course) -> None:
        module = factories.add_module(course, completion_rule="notebook_finished")
        problem(jupyter.report(module, "a"), 409, "wrong_completion_rule")

    @pytest.mark.parametrize(
        ("change", "field"),
        [
            ({"passed": "a"}, "passed"),
            ({"passed": ["not an id"]}, "passed.0"),
            ({"passed": ["a"] * 1001}, "passed"),
            ({"digest": "sha256:short"}, "digest"),
            ({"source": "print('mine')"}, "source"),
            ({"path": "/home/ada/lesson.ipynb"}, "path"),
            ({"evidence": {}}, "evidence.mode"),
            ({"evidence": report_body()["evidence"] | {"outputs": []}}, "evidence.outputs"),
            ({"evidence": report_body()["evidence"] | {"client": "/home/ada"}}, "evidence.client"),
        ],
    )
    def test_what_does_not_belong_into_a_report(
        self, jupyter: Program, module: Module, change: dict[str, Any], field: str
    ) -> None:
        told = problem(jupyter.report(module, **change), 422, "invalid_input")
        assert field in told["errors"]

    def test_a_report_needs_a_key(self, jupyter: Program, module: Module) -> None:
        told = problem(
            jupyter.post(f"modules/{module.pk}/progress", report_body("a")), 422, "invalid_input"
        )
        assert list(told["errors"]) == ["Idempotency-Key"]
        problem(jupyter.report(module, "a", key="no uuid"), 422, "invalid_input")

    def test_what_is_no_json(self, jupyter: Program, module: Module) -> None:
        path = f"modules/{module.pk}/progress"
        headers = {"Idempotency-Key": str(uuid.uuid4())}
        problem(jupyter.post(path, "{", **headers), 422, "invalid_input")
        problem(jupyter.post(path, "[" * 20_000, **headers), 422, "invalid_input")

    def test_a_body_that_is_too_large(self, jupyter: Program, module: Module) -> None:
        problem(jupyter.post(f"modules/{module.pk}/progress", " " * 65_537), 413, "too_large")

    def test_too_many_requests(self, jupyter: Program, module: Module) -> None:
        with override_settings(WAGTAIL_LIVE_LMS={"API_RATE_LIMIT": "2/m"}):
            assert [jupyter.get("me").status_code for _ in range(2)] == [200, 200]
            response = jupyter.get("me")
            assert int(response.headers["Retry-After"]) > 0
            problem(response, 429, "rate_limited")
