"""Notebooks: what reports, editors and staff do to what students have passed."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from tests import factories
from tests.actions.changes import recorded
from wagtail_live_lms import actions
from wagtail_live_lms.access import standing
from wagtail_live_lms.models import (
    Course,
    Enrolment,
    Module,
    NotebookLesson,
    NotebookProgress,
    Progress,
)
from wagtail_live_lms.testing import assert_pushes

pytestmark = pytest.mark.django_db


@pytest.fixture
def course() -> Course:
    return factories.make_notebook_course("a", "b", "c")[0]


@pytest.fixture
def module(course: Course) -> Module:
    return factories.modules_of(course)[0]


@pytest.fixture
def lesson(module: Module) -> NotebookLesson:
    return NotebookLesson.objects.get(module=module)


@pytest.fixture
def enrolment(course: Course) -> Enrolment:
    return factories.make_student(course)


def report(enrolment: Enrolment, module: Module, *passed: str) -> dict[str, Any]:
    return actions.report_notebook(enrolment.user, module, passed, key=uuid.uuid4(), evidence={})


def require(lesson: NotebookLesson, *cells: str) -> None:
    actions.save_notebook(lesson, lesson.notebook, cells)


class TestSaving:
    def test_what_is_required_comes_in_the_notebooks_order(self, lesson: NotebookLesson) -> None:
        require(lesson, "c", "a", "nowhere")
        assert lesson.required == [
            {"id": "a", "label": "Exercise a"},
            {"id": "c", "label": "Exercise c"},
        ]

    def test_the_digest_follows_what_is_required(self, lesson: NotebookLesson) -> None:
        before = lesson.digest
        require(lesson, "a")
        assert lesson.digest != before
        require(lesson, "a", "b", "c")
        assert lesson.digest == before

    def test_pages_of_the_course_follow(self, lesson: NotebookLesson, course: Course) -> None:
        with assert_pushes() as pushes:
            require(lesson, "a")
        topics = {f"course-{course.pk}", f"instructor-{course.pk}"}
        assert {push.topic for push in pushes.recorded} == topics

    def test_moving_to_another_course_tells_both(self, lesson: NotebookLesson) -> None:
        other = factories.make_course(["notebook_finished"])
        old = lesson.module.course_id
        lesson.module = factories.modules_of(other)[0]
        with assert_pushes() as pushes:
            require(lesson, "a")
        topics = {push.topic for push in pushes.recorded}
        assert {f"course-{old}", f"course-{other.pk}"} <= topics

    def test_what_was_passed_is_kept_and_counts_as_far_as_it_is_required(
        self, lesson: NotebookLesson, enrolment: Enrolment, module: Module
    ) -> None:
        report(enrolment, module, "a", "b")
        require(lesson, "b", "c")
        assert standing(enrolment, module).passed == ["b"]
        require(lesson, "a", "b", "c")
        assert standing(enrolment, module).passed == ["a", "b"]

    def test_a_completion_stays_when_more_is_required(
        self, lesson: NotebookLesson, enrolment: Enrolment, module: Module
    ) -> None:
        require(lesson, "a")
        report(enrolment, module, "a")
        require(lesson, "a", "b")
        assert standing(enrolment, module).state == "completed"


class TestSettling:
    def test_those_who_lack_nothing_any_more_are_done(
        self, lesson: NotebookLesson, enrolment: Enrolment, module: Module, course: Course
    ) -> None:
        other, editor = factories.make_student(course), factories.make_superuser()
        report(enrolment, module, "a", "b")
        report(other, module, "a")
        require(lesson, "a", "b")
        assert actions.settle_notebook(lesson, by=editor) == 1
        done = Progress.objects.get()
        assert (done.enrolment, done.source) == (enrolment, "notebook")
        assert done.evidence["mode"] == "settled"
        assert actions.settle_notebook(lesson, by=editor) == 0

    def test_it_is_no_activity_of_theirs(
        self, lesson: NotebookLesson, enrolment: Enrolment, module: Module
    ) -> None:
        report(enrolment, module, "a")
        enrolment.refresh_from_db()
        before = enrolment.last_activity
        require(lesson, "a")
        actions.settle_notebook(lesson, by=factories.make_superuser())
        enrolment.refresh_from_db()
        assert (enrolment.completed_count, enrolment.last_activity) == (1, before)

    def test_those_who_left_and_archived_modules_are_left_alone(
        self, lesson: NotebookLesson, enrolment: Enrolment, module: Module, course: Course
    ) -> None:
        stays = factories.make_student(course)
        report(enrolment, module, "a")
        report(stays, module, "a")
        actions.withdraw(enrolment)
        actions.archive_module(module)
        require(lesson, "a")
        assert actions.settle_notebook(lesson, by=factories.make_superuser()) == 0

    def test_where_nothing_is_required_nobody_is_done(
        self, lesson: NotebookLesson, enrolment: Enrolment, module: Module
    ) -> None:
        report(enrolment, module, "a")
        require(lesson)
        assert actions.settle_notebook(lesson, by=None) == 0
        lesson.module = None
        assert actions.settle_notebook(lesson, by=None) == 0


class TestGoing:
    def test_a_deleted_notebook_leaves_what_was_passed(
        self, lesson: NotebookLesson, enrolment: Enrolment, module: Module
    ) -> None:
        report(enrolment, module, "a")
        with assert_pushes() as pushes:
            actions.delete_notebook(lesson)
        assert f"course-{module.course_id}" in {push.topic for push in pushes.recorded}
        assert NotebookProgress.objects.get().passed == ["a"]
        factories.make_notebook_lesson(module, "a", "b")
        assert standing(enrolment, module).passed == ["a"]

    def test_a_deleted_module_leaves_its_notebook(
        self, lesson: NotebookLesson, module: Module
    ) -> None:
        Module.objects.filter(pk=module.pk).delete()
        lesson.refresh_from_db()
        assert lesson.module is None
        actions.delete_notebook(lesson)
        assert not NotebookLesson.objects.exists()

    def test_a_completion_taken_back_takes_what_was_passed_along(
        self, enrolment: Enrolment, module: Module
    ) -> None:
        report(enrolment, module, "a", "b", "c")
        actions.reset_module(enrolment, module, by=factories.make_superuser(), reason="Redo")
        assert standing(enrolment, module).state == "not_started"
        assert report(enrolment, module, "a")["state"] == "in_progress"


def test_one_report_is_one_change_of_the_summary(enrolment: Enrolment, module: Module) -> None:
    before = Enrolment.objects.get(pk=enrolment.pk).version
    with recorded() as changes:
        report(enrolment, module, "a", "b", "c")
    assert Enrolment.objects.get(pk=enrolment.pk).version == before + 1
    assert len(changes) == 2
