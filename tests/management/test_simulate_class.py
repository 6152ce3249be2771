"""`simulate_class` completes modules of real students through the actions."""

from __future__ import annotations

import io
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.core.management import CommandError, call_command

from wagtail_live_lms.actions import archive_module, enrol, refresh_course
from wagtail_live_lms.models import Course, Enrolment, Module, Progress

pytestmark = pytest.mark.django_db


@pytest.fixture
def course() -> Course:
    course = Course.objects.create(title="Knots", slug="knots")
    for place, rule in enumerate(("by_hand", "page_viewed", "quiz_passed", "notebook_finished")):
        Module.objects.create(course=course, title=rule, completion_rule=rule, sort_order=place)
    refresh_course(course)
    return course


def add_students(course: Course, number: int) -> None:
    for place in range(number):
        enrol(course, get_user_model().objects.create(username=f"sailor{place}"))


def play(**options: Any) -> str:
    printed = io.StringIO()
    call_command("simulate_class", minutes=0, seed=1, stdout=printed, **options)
    return printed.getvalue()


def test_everyone_finishes_and_every_event_is_told(course: Course) -> None:
    add_students(course, 3)
    printed = play(course="knots")
    assert set(Enrolment.objects.values_list("percent", flat=True)) == {100}
    assert printed.count(" completed “") == Progress.objects.count() == 12
    assert "Everyone is done" in printed


def test_a_second_class_has_nothing_left_to_do(course: Course) -> None:
    add_students(course, 2)
    play()
    before = list(Progress.objects.order_by("pk").values())
    assert "Everyone is done" in play()
    assert list(Progress.objects.order_by("pk").values()) == before


def test_archived_modules_are_not_played(course: Course) -> None:
    add_students(course, 1)
    archive_module(course.modules.first())
    play()
    assert Progress.objects.count() == 3


def test_nobody_is_invented_unless_asked_for(course: Course) -> None:
    add_students(course, 1)
    assert "--create-students would add 4" in play(students=5)
    assert Enrolment.objects.count() == 1
    play(students=5, create_students=True)
    assert Enrolment.objects.count() == 5
    invented = get_user_model().objects.filter(username__startswith="simulated-student-")
    assert invented.count() == 4
    assert not any(user.has_usable_password() for user in invented)


def test_an_unknown_course_is_answered_with_the_known_ones(course: Course) -> None:
    with pytest.raises(CommandError, match="Courses: knots"):
        play(course="nots")


def test_ctrl_c_keeps_what_was_completed(course: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    add_students(course, 2)
    naps = iter([None, None])

    def interrupted_sleep(seconds: float) -> None:
        if next(naps, "now") == "now":
            raise KeyboardInterrupt

    monkeypatch.setattr("time.sleep", interrupted_sleep)
    assert "Stopped" in play()
    assert Progress.objects.count() == 2
