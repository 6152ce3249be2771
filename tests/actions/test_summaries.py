"""Counting a course from scratch repairs whatever its summary rows say, and reports it."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests import factories
from wagtail_live_lms import actions
from wagtail_live_lms.models import Course, CourseTotals, Enrolment

from .changes import recorded

pytestmark = pytest.mark.django_db


@pytest.fixture
def course() -> Course:
    course = factories.make_course(4)
    for done in range(3):
        factories.complete(factories.make_student(course), *factories.modules_of(course)[:done])
    return course


def test_a_course_in_step_needs_no_correction(course: Course) -> None:
    versions = list(Enrolment.objects.values_list("version", flat=True))
    with recorded() as said:
        assert actions.recount_course(course) == []
    assert said == []
    assert list(Enrolment.objects.values_list("version", flat=True)) == versions


def test_a_wrong_row_is_repaired_reported_and_pushed(course: Course) -> None:
    wrong = course.enrolments.get(completed_count=2)
    Enrolment.objects.filter(pk=wrong.pk).update(completed_count=9, percent=100)
    with recorded() as said:
        corrections = actions.recount_course(course)
    assert corrections == [actions.Correction(wrong.pk, (9, 100), (2, 50))]
    version = wrong.version
    wrong.refresh_from_db()
    assert (wrong.completed_count, wrong.percent) == (2, 50)
    assert wrong.version > version
    assert (f"instructor-{course.pk}", "course", course.pk) in said
    assert actions.recount_course(course) == []


def test_wrong_totals_are_repaired_reported_and_pushed(course: Course) -> None:
    CourseTotals.objects.update(student_count=7, percent_sum=1, finished_count=2)
    with recorded() as said:
        corrections = actions.recount_course(course)
    assert corrections == [actions.Correction(None, (7, 1, 2, 4), (3, 75, 0, 4))]
    assert said != []
    assert actions.recount_course(course) == []


def test_other_courses_are_left_alone(course: Course) -> None:
    other = factories.make_student(factories.make_course())
    Enrolment.objects.filter(pk=other.pk).update(percent=99)
    assert actions.recount_course(course) == []
    other.refresh_from_db()
    assert other.percent == 99


def test_rows_of_those_who_left_are_kept_right_too(course: Course) -> None:
    left = course.enrolments.get(completed_count=1)
    actions.withdraw(left)
    Enrolment.objects.filter(pk=left.pk).update(percent=3)
    assert actions.recount_course(course) == [actions.Correction(left.pk, (1, 3), (1, 25))]


def test_totals_appear_by_themselves_and_are_right_from_the_start(course: Course) -> None:
    CourseTotals.objects.all().delete()
    factories.make_student(course)
    totals = CourseTotals.objects.get(course=course)
    assert (totals.student_count, totals.percent_sum, totals.module_count) == (4, 75, 4)


def queries_of_a_recount(course: Course) -> int:
    Enrolment.objects.filter(course=course).update(percent=7)
    with CaptureQueriesContext(connection) as queries:
        actions.recount_course(course)
    return len(queries)


def test_the_number_of_queries_is_the_same_for_any_roster(course: Course) -> None:
    few = queries_of_a_recount(course)
    for _ in range(20):
        factories.make_student(course)
    assert queries_of_a_recount(course) == few


def test_an_empty_course_averages_zero() -> None:
    course = factories.make_course(0)
    assert CourseTotals.objects.get(course=course).average_percent == 0
