"""Joining and leaving a course, being renamed, and accounts that are deleted."""

from __future__ import annotations

from typing import Any

import pytest
from wagtail.models import ModelLogEntry

from tests import factories
from tests.signals import received
from wagtail_live_lms import actions, exceptions
from wagtail_live_lms.models import Course, CourseTotals, Enrolment
from wagtail_live_lms.signals import student_enrolled, student_withdrawn

from .changes import recorded

pytestmark = pytest.mark.django_db


def totals_of(course: Course) -> CourseTotals:
    return CourseTotals.objects.get(course=course)


class TestEnrol:
    def test_anybody_may_join_an_open_course(self) -> None:
        course = factories.make_course()
        user = factories.make_user("Ada Lovelace")
        enrolment = actions.enrol(course, user)
        assert enrolment.display_name == "Ada Lovelace"
        assert (enrolment.completed_count, enrolment.percent) == (0, 0)
        assert not enrolment.is_started
        assert totals_of(course).student_count == 1

    def test_nobody_joins_by_themselves_where_staff_enrols(self) -> None:
        course = factories.make_course(enrolment_policy="staff")
        with pytest.raises(exceptions.EnrolmentClosed):
            actions.enrol(course, factories.make_user())
        assert not Enrolment.objects.exists()

    def test_staff_enrols_and_it_is_logged(self) -> None:
        course = factories.make_course(enrolment_policy="staff")
        staff = factories.make_superuser()
        enrolment = actions.enrol(course, factories.make_user(), by=staff)
        entry = ModelLogEntry.objects.get(action="wagtail_live_lms.enrol")
        assert (entry.user, entry.object_id) == (staff, str(enrolment.pk))

    def test_joining_twice_is_joining_once(self) -> None:
        course = factories.make_course()
        user = factories.make_user()
        first = actions.enrol(course, user)
        with recorded() as said:
            assert actions.enrol(course, user) == first
        assert said == []
        assert totals_of(course).student_count == 1

    def test_who_comes_back_finds_what_they_had_completed(self) -> None:
        course = factories.make_course(2)
        enrolment = factories.make_student(course)
        factories.complete(enrolment, factories.modules_of(course)[0])
        actions.withdraw(enrolment)
        factories.add_module(course)
        factories.add_module(course)
        actions.refresh_course(course)
        back = actions.enrol(course, enrolment.user)
        assert back.pk == enrolment.pk
        assert back.withdrawn_at is None
        assert (back.completed_count, back.percent) == (1, 25)
        assert totals_of(course).percent_sum == 25

    def test_a_person_without_a_full_name_goes_by_the_user_name(self) -> None:
        enrolment = actions.enrol(factories.make_course(), factories.make_user(username="ada"))
        assert enrolment.display_name == "ada"

    def test_both_sides_are_told_and_open_sockets_look_again(
        self, django_capture_on_commit_callbacks: Any
    ) -> None:
        course = factories.make_course()
        user = factories.make_user()
        commit = django_capture_on_commit_callbacks(execute=True)
        with received(student_enrolled) as calls, recorded() as said, commit:
            enrolment = actions.enrol(course, user)
        assert said == [
            (f"instructor-{course.pk}", "enrolment", enrolment.pk),
            (f"student-{user.pk}", "enrolment", enrolment.pk),
            (f"student-{user.pk}", "access", 0),
        ]
        assert [call["enrolment"] for call in calls] == [enrolment]


class TestWithdraw:
    def test_the_student_is_not_counted_any_more_and_keeps_what_was_completed(self) -> None:
        course = factories.make_course(1)
        enrolment = factories.make_student(course)
        factories.complete(enrolment, *factories.modules_of(course))
        actions.withdraw(enrolment)
        assert enrolment.withdrawn_at is not None
        assert enrolment.progress.count() == 1
        totals = totals_of(course)
        assert (totals.student_count, totals.percent_sum, totals.finished_count) == (0, 0, 0)

    def test_leaving_twice_is_leaving_once(self) -> None:
        course = factories.make_course()
        enrolment = factories.make_student(course)
        stale = Enrolment.objects.get()
        actions.withdraw(enrolment)
        with recorded() as said:
            actions.withdraw(stale)
        assert said == []
        assert totals_of(course).student_count == 0

    def test_both_sides_are_told_and_open_sockets_look_again(
        self, django_capture_on_commit_callbacks: Any
    ) -> None:
        enrolment = factories.make_student(factories.make_course())
        commit = django_capture_on_commit_callbacks(execute=True)
        with received(student_withdrawn) as calls, recorded() as said, commit:
            actions.withdraw(enrolment)
        assert (f"student-{enrolment.user_id}", "access", 0) in said
        assert (f"instructor-{enrolment.course_id}", "enrolment", enrolment.pk) in said
        assert [call["enrolment"] for call in calls] == [enrolment]

    def test_staff_withdraws_and_it_is_logged(self) -> None:
        enrolment = factories.make_student(factories.make_course())
        staff = factories.make_superuser()
        actions.withdraw(enrolment, by=staff)
        assert ModelLogEntry.objects.get(action="wagtail_live_lms.withdraw").user == staff


class TestRename:
    def test_every_roster_shows_the_new_name(self) -> None:
        user = factories.make_user("Ada Byron")
        enrolments = [actions.enrol(factories.make_course(), user) for _ in range(2)]
        type(user).objects.filter(pk=user.pk).update(last_name="Lovelace")
        user.refresh_from_db()
        with recorded() as said:
            actions.rename_student(user)
        for enrolment in enrolments:
            version = enrolment.version
            enrolment.refresh_from_db()
            assert enrolment.display_name == "Ada Lovelace"
            assert enrolment.version == version + 1
            assert (f"instructor-{enrolment.course_id}", "enrolment", enrolment.pk) in said

    def test_the_same_name_changes_nothing(self) -> None:
        user = factories.make_user("Ada Lovelace")
        actions.enrol(factories.make_course(), user)
        with recorded() as said:
            actions.rename_student(user)
        assert said == []


class TestForgetEnrolment:
    def test_a_deleted_student_is_not_counted_any_more(self) -> None:
        course = factories.make_course(1)
        enrolment = factories.make_student(course)
        factories.make_student(course)
        factories.complete(enrolment, *factories.modules_of(course))
        enrolment.user.delete()
        totals = totals_of(course)
        assert (totals.student_count, totals.percent_sum, totals.finished_count) == (1, 0, 0)
        assert actions.recount_course(course) == []

    def test_instructors_are_told(self) -> None:
        enrolment = factories.make_student(factories.make_course())
        pk, course_id = enrolment.pk, enrolment.course_id
        with recorded() as said:
            enrolment.delete()
        assert (f"instructor-{course_id}", "enrolment", pk) in said

    def test_who_had_left_is_not_subtracted_again(self) -> None:
        course = factories.make_course()
        enrolment = factories.make_student(course)
        actions.withdraw(enrolment)
        enrolment.delete()
        assert totals_of(course).student_count == 0

    def test_a_course_without_totals_has_none_to_correct(self) -> None:
        course = factories.make_course()
        enrolment = factories.make_student(course)
        CourseTotals.objects.all().delete()
        with recorded() as said:
            actions.forget_enrolment(enrolment)
        assert said == []

    @pytest.mark.parametrize("is_queryset", [False, True])
    def test_a_course_is_deleted_with_its_enrolments(self, is_queryset: bool) -> None:
        course = factories.make_course()
        factories.make_student(course)
        if is_queryset:
            Course.objects.filter(pk=course.pk).delete()
        else:
            course.delete()
        assert not Enrolment.objects.exists()
        assert not CourseTotals.objects.exists()
