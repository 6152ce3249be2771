"""`recount_progress` repairs summaries and tells what it repaired."""

from __future__ import annotations

import io
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from tests import factories
from wagtail_live_lms import actions
from wagtail_live_lms.models import Course, CourseTotals, Enrolment
from wagtail_live_lms.testing import assert_no_pushes, assert_pushes

pytestmark = pytest.mark.django_db


@pytest.fixture
def course() -> Course:
    course = factories.make_course(4, slug="knots")
    student = factories.make_student(course, "Ada Lovelace")
    factories.complete(student, factories.modules_of(course)[0])
    return course


def spoil(course: Course) -> Enrolment:
    """Make a summary row say something untrue."""
    Enrolment.objects.filter(course=course).update(completed_count=3, percent=75)
    return Enrolment.objects.get(course=course)


def recount(**options: Any) -> str:
    printed = io.StringIO()
    call_command("recount_progress", stdout=printed, no_color=True, **options)
    return printed.getvalue()


def test_nothing_wrong_is_said_to_be_so(course: Course) -> None:
    with assert_no_pushes():
        assert recount() == "1 course counted, no row wrong.\n"


def test_each_corrected_row_is_reported_and_pushed(course: Course) -> None:
    row = spoil(course)
    with assert_pushes(f"instructor-{course.pk}", f"course-{course.pk}", only=True):
        printed = recount(course="knots")
    assert printed.splitlines() == [
        f"knots: Ada Lovelace (enrolment {row.pk}) said 3 completed, 75 %; "
        "counted 1 completed, 25 %",
        "1 course counted, 1 row wrong and repaired.",
    ]
    row.refresh_from_db()
    assert (row.completed_count, row.percent) == (1, 25)
    assert "no row wrong" in recount()


def test_wrong_totals_are_reported(course: Course) -> None:
    CourseTotals.objects.update(student_count=9)
    assert recount().splitlines() == [
        "knots: totals said 9 students, 25 per cent in all, 0 finished, 4 modules; "
        "counted 1 students, 25 per cent in all, 0 finished, 4 modules",
        "1 course counted, 1 row wrong and repaired.",
    ]


def test_only_the_named_course_is_counted(course: Course) -> None:
    other = factories.make_course(2)
    factories.make_student(other)
    row = spoil(other)
    assert "no row wrong" in recount(course="knots")
    row.refresh_from_db()
    assert row.percent == 75
    assert "2 courses counted, 1 row wrong and repaired." in recount()


def test_a_check_repairs_nothing_and_fails(course: Course) -> None:
    row = spoil(course)
    printed = io.StringIO()
    with (
        assert_no_pushes(),
        pytest.raises(CommandError, match="1 row wrong, nothing repaired") as error,
    ):
        call_command("recount_progress", check=True, stdout=printed)
    assert error.value.returncode == 1
    assert "Ada Lovelace" in printed.getvalue()
    row.refresh_from_db()
    assert row.percent == 75


def test_a_check_of_what_is_right_succeeds(course: Course) -> None:
    assert recount(check=True) == "1 course counted, no row wrong.\n"


def test_a_course_nobody_knows_is_an_error(course: Course) -> None:
    with pytest.raises(CommandError, match="There is no course 'splices'"):
        recount(course="splices")


def test_it_agrees_with_what_the_actions_keep(course: Course) -> None:
    factories.make_roster(course, 20)
    actions.archive_module(factories.modules_of(course)[1])
    assert "no row wrong" in recount()
