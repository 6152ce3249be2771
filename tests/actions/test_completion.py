"""Completing a module and taking it back, and what both refuse."""

from __future__ import annotations

from typing import Any

import pytest
from wagtail.models import ModelLogEntry

from tests import factories
from tests.signals import received
from wagtail_live_lms import actions, exceptions
from wagtail_live_lms.models import Course, CourseTotals, Enrolment, Progress
from wagtail_live_lms.signals import module_completed, module_reset

from .changes import recorded

pytestmark = pytest.mark.django_db


@pytest.fixture
def course() -> Course:
    return factories.make_course(4)


@pytest.fixture
def enrolment(course: Course) -> Enrolment:
    return factories.make_student(course)


class TestCompleteModule:
    def test_it_is_written_down_with_source_and_evidence(self, enrolment: Enrolment) -> None:
        module = factories.modules_of(enrolment.course)[0]
        done = actions.complete_module(
            enrolment.user, module, source="notebook", evidence={"cells": 3}
        )
        assert done.created
        stored = Progress.objects.get()
        assert (stored.enrolment, stored.module) == (enrolment, module)
        assert (stored.source, stored.evidence) == ("notebook", {"cells": 3})

    def test_the_summary_moves_with_it(self, enrolment: Enrolment) -> None:
        before = enrolment.version
        factories.complete(enrolment, factories.modules_of(enrolment.course)[0])
        assert (enrolment.completed_count, enrolment.percent) == (1, 25)
        assert enrolment.version == before + 1
        assert enrolment.is_started
        totals = CourseTotals.objects.get(course=enrolment.course)
        assert (totals.percent_sum, totals.finished_count) == (25, 0)

    def test_the_last_module_finishes_the_course(self, enrolment: Enrolment) -> None:
        factories.complete(enrolment, *factories.modules_of(enrolment.course))
        assert enrolment.is_finished
        assert CourseTotals.objects.get(course=enrolment.course).finished_count == 1

    def test_saying_it_again_changes_and_pushes_nothing(self, enrolment: Enrolment) -> None:
        module = factories.modules_of(enrolment.course)[0]
        first = actions.complete_module(enrolment.user, module)
        enrolment.refresh_from_db()
        with recorded() as said:
            again = actions.complete_module(enrolment.user, module, source="quiz")
        assert again == actions.Completion(first.progress, created=False)
        assert said == []
        version = enrolment.version
        enrolment.refresh_from_db()
        assert enrolment.version == version

    def test_student_and_instructors_are_told_once_each(self, enrolment: Enrolment) -> None:
        with recorded() as said:
            actions.complete_module(enrolment.user, factories.modules_of(enrolment.course)[0])
        assert said == [
            (f"instructor-{enrolment.course_id}", "enrolment", enrolment.pk),
            (f"student-{enrolment.user_id}", "enrolment", enrolment.pk),
        ]

    def test_other_packages_hear_of_it_after_the_commit(
        self, enrolment: Enrolment, django_capture_on_commit_callbacks: Any
    ) -> None:
        module = factories.modules_of(enrolment.course)[0]
        with received(module_completed) as calls:
            with django_capture_on_commit_callbacks(execute=True):
                done = actions.complete_module(enrolment.user, module)
                assert calls == []
        assert [call["progress"] for call in calls] == [done.progress]

    def test_what_staff_does_for_a_student_is_logged_and_is_no_activity_of_theirs(
        self, enrolment: Enrolment
    ) -> None:
        module, staff = factories.modules_of(enrolment.course)[0], factories.make_superuser()
        actions.complete_module(enrolment.user, module, source="staff", by=staff)
        enrolment.refresh_from_db()
        assert enrolment.completed_count == 1
        assert not enrolment.has_acted
        entry = ModelLogEntry.objects.get(action="wagtail_live_lms.complete_module")
        assert (entry.user, entry.data["module"]) == (staff, module.title)

    @pytest.mark.parametrize("source", ["page", "quiz", "notebook", "staff"])
    def test_people_who_do_not_take_the_course_complete_nothing(
        self, course: Course, source: str
    ) -> None:
        module = factories.modules_of(course)[0]
        with pytest.raises(exceptions.NotEnrolled):
            actions.complete_module(factories.make_user(), module, source=source)
        assert not Progress.objects.exists()

    def test_those_who_left_complete_nothing(self, enrolment: Enrolment) -> None:
        actions.withdraw(enrolment)
        with pytest.raises(exceptions.NotEnrolled):
            actions.complete_module(enrolment.user, factories.modules_of(enrolment.course)[0])

    def test_a_student_of_one_course_completes_nothing_in_another(
        self, enrolment: Enrolment
    ) -> None:
        other = factories.modules_of(factories.make_course())[0]
        with pytest.raises(exceptions.NotEnrolled):
            actions.complete_module(enrolment.user, other)

    @pytest.mark.parametrize("source", ["page", "quiz", "staff"])
    def test_an_archived_module_is_not_completed(self, enrolment: Enrolment, source: str) -> None:
        module = factories.modules_of(enrolment.course)[0]
        stale = factories.modules_of(enrolment.course)[0]
        actions.archive_module(module)
        with pytest.raises(exceptions.ModuleArchived):
            actions.complete_module(enrolment.user, stale, source=source)

    @pytest.mark.parametrize(
        ("rule", "source", "is_accepted"),
        [
            ("by_hand", "page", True),
            ("page_viewed", "page", True),
            ("quiz_passed", "page", False),
            ("notebook_finished", "page", False),
            ("quiz_passed", "quiz", True),
            ("notebook_finished", "notebook", True),
            ("quiz_passed", "staff", True),
        ],
    )
    def test_the_page_completes_only_what_its_rule_allows(
        self, rule: str, source: str, is_accepted: bool
    ) -> None:
        course = factories.make_course([rule])
        student = factories.make_student(course).user
        module = factories.modules_of(course)[0]
        if is_accepted:
            assert actions.complete_module(student, module, source=source).created
        else:
            with pytest.raises(exceptions.WrongCompletionRule):
                actions.complete_module(student, module, source=source)
            assert not Progress.objects.exists()


class TestInOrder:
    @pytest.fixture
    def course(self) -> Course:
        return factories.make_course(3, in_order=True)

    def test_a_module_waits_for_the_one_before_it(self, enrolment: Enrolment) -> None:
        first, second, _ = factories.modules_of(enrolment.course)
        with pytest.raises(exceptions.NotInOrder):
            actions.complete_module(enrolment.user, second)
        actions.complete_module(enrolment.user, first)
        assert actions.complete_module(enrolment.user, second).created

    def test_archived_modules_hold_nobody_up(self, enrolment: Enrolment) -> None:
        first, second, _ = factories.modules_of(enrolment.course)
        actions.archive_module(first)
        assert actions.complete_module(enrolment.user, second).created

    def test_somebody_elses_completion_opens_nothing(self, enrolment: Enrolment) -> None:
        first, second, _ = factories.modules_of(enrolment.course)
        factories.complete(factories.make_student(enrolment.course), first)
        with pytest.raises(exceptions.NotInOrder):
            actions.complete_module(enrolment.user, second)

    def test_staff_may_leave_the_order(self, enrolment: Enrolment) -> None:
        last = factories.modules_of(enrolment.course)[-1]
        assert actions.complete_module(enrolment.user, last, source="staff").created

    def test_what_was_completed_before_the_order_changed_stays(self, enrolment: Enrolment) -> None:
        first, second, third = factories.modules_of(enrolment.course)
        actions.complete_module(enrolment.user, first)
        actions.reorder_modules(enrolment.course, [second.pk, third.pk, first.pk])
        assert not actions.complete_module(enrolment.user, first).created
        with pytest.raises(exceptions.NotInOrder):
            actions.complete_module(enrolment.user, third)


class TestResetModule:
    def test_the_completion_is_gone_and_the_reason_is_kept(self, enrolment: Enrolment) -> None:
        module = factories.modules_of(enrolment.course)[0]
        factories.complete(enrolment, module)
        before, staff = enrolment.last_activity, factories.make_superuser()
        assert actions.reset_module(enrolment, module, by=staff, reason="Copied from a friend")
        assert not Progress.objects.exists()
        assert (enrolment.completed_count, enrolment.percent) == (0, 0)
        assert enrolment.last_activity == before
        entry = ModelLogEntry.objects.get(action="wagtail_live_lms.reset_module")
        assert entry.user == staff
        assert entry.data["reason"] == "Copied from a friend"
        assert entry.data["module"] == module.title

    def test_everybody_concerned_is_told(
        self, enrolment: Enrolment, django_capture_on_commit_callbacks: Any
    ) -> None:
        module = factories.modules_of(enrolment.course)[0]
        factories.complete(enrolment, module)
        staff = factories.make_superuser()
        commit = django_capture_on_commit_callbacks(execute=True)
        with recorded() as said, received(module_reset) as calls, commit:
            actions.reset_module(enrolment, module, by=staff, reason="A test")
        assert [topic for topic, _, _ in said] == [
            f"instructor-{enrolment.course_id}",
            f"student-{enrolment.user_id}",
        ]
        assert [(call["module"], call["by"], call["reason"]) for call in calls] == [
            (module, staff, "A test")
        ]

    @pytest.mark.parametrize("reason", ["", "  \n"])
    def test_it_takes_a_reason(self, enrolment: Enrolment, reason: str) -> None:
        module = factories.modules_of(enrolment.course)[0]
        factories.complete(enrolment, module)
        with pytest.raises(ValueError):
            actions.reset_module(enrolment, module, by=factories.make_superuser(), reason=reason)
        assert Progress.objects.exists()

    def test_what_was_not_completed_is_left_alone(self, enrolment: Enrolment) -> None:
        module = factories.modules_of(enrolment.course)[0]
        staff = factories.make_superuser()
        with recorded() as said:
            assert not actions.reset_module(enrolment, module, by=staff, reason="By mistake")
        assert said == []
        assert not ModelLogEntry.objects.filter(action="wagtail_live_lms.reset_module").exists()

    def test_an_archived_module_was_not_counted_and_is_not_subtracted(
        self, enrolment: Enrolment
    ) -> None:
        first, second, *_ = factories.modules_of(enrolment.course)
        factories.complete(enrolment, first, second)
        actions.archive_module(first)
        staff = factories.make_superuser()
        assert actions.reset_module(enrolment, first, by=staff, reason="Never did it")
        assert enrolment.completed_count == 1
        assert actions.recount_course(enrolment.course) == []
