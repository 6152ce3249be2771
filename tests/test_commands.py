"""Commands for operators: summaries that are repaired, and roles."""

from __future__ import annotations

import io
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

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


def run(name: str, **options: Any) -> str:
    printed = io.StringIO()
    call_command(name, stdout=printed, no_color=True, **options)
    return printed.getvalue()


def recount(**options: Any) -> str:
    return run("recount_progress", **options)


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


class TestRoles:
    def test_an_instructor_sees_their_own_courses_and_changes_no_content(self) -> None:
        said = run("create_roles")
        assert "Course editors: created" in said
        assert "Instructors: created" in said
        user = factories.make_user()
        own = factories.make_course(1, instructors=[user])
        mine = factories.make_student(own)
        theirs = factories.make_student(factories.make_course(1))
        user.groups.add(Group.objects.get(name="Instructors"))
        client = Client()
        client.force_login(user)
        menu = client.get(reverse("wagtailadmin_home")).content.decode()
        assert "Enrolments" in menu
        inspect = "wagtail_live_lms_enrolments:inspect"
        assert client.get(reverse(inspect, args=[mine.pk])).status_code == 200
        assert client.get(reverse(inspect, args=[theirs.pk])).status_code == 404
        for model in ("courses", "quizzes"):
            assert client.get(reverse(f"wagtail_live_lms_{model}:list")).status_code == 200
            assert client.get(reverse(f"wagtail_live_lms_{model}:add")).status_code == 302

    def test_a_course_editor_makes_and_publishes_content_and_sees_nobody(self) -> None:
        run("create_roles")
        user = factories.make_user()
        user.groups.add(Group.objects.get(name="Course editors"))
        client = Client()
        client.force_login(user)
        for model in ("courses", "quizzes", "notebooks"):
            assert client.get(reverse(f"wagtail_live_lms_{model}:add")).status_code == 200
        assert user.has_perm("wagtail_live_lms.publish_quiz")
        assert client.get(reverse("wagtail_live_lms_enrolments:index")).status_code == 302

    def test_what_a_site_changed_is_kept_until_it_is_reset(self) -> None:
        run("create_roles")
        group = Group.objects.get(name="Instructors")
        before = group.permissions.count()
        group.permissions.clear()
        assert "Instructors: kept as it is, 0 permissions" in run("create_roles")
        assert f"Instructors: reset, {before} permissions" in run("create_roles", reset=True)
