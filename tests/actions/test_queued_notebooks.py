"""A course taken in order: what passes before its turn is kept, and completed when it comes."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from tests import factories
from tests.quiz_taking import hand_in
from wagtail_live_lms import access, actions
from wagtail_live_lms.models import Course, Enrolment, Module, Progress
from wagtail_live_lms.testing import assert_pushes

pytestmark = pytest.mark.django_db

RULES = ["by_hand", "notebook_finished", "notebook_finished", "by_hand"]


@pytest.fixture
def course() -> Course:
    course = factories.make_course(RULES, in_order=True)
    for module in factories.modules_of(course)[1:3]:
        factories.make_notebook_lesson(module, "a", "b")
    return course


@pytest.fixture
def modules(course: Course) -> list[Module]:
    return factories.modules_of(course)


@pytest.fixture
def enrolment(course: Course) -> Enrolment:
    return factories.make_student(course, "Ada Lovelace")


def report(enrolment: Enrolment, module: Module, *cells: str) -> dict[str, Any]:
    evidence = {"mode": "strict", "client": "jupyter-live-lms/0.1.0"}
    return actions.report_notebook(
        enrolment.user, module, cells, key=uuid.uuid4(), evidence=evidence
    )


def done(enrolment: Enrolment) -> set[int]:
    """Modules completed, which the enrolment's count has to equal."""
    found = set(Progress.objects.filter(enrolment=enrolment).values_list("module", flat=True))
    enrolment.refresh_from_db()
    live = Module.objects.live().filter(pk__in=found).count()
    assert enrolment.completed_count == live
    assert actions.recount_course(enrolment.course) == []
    return found


def test_it_is_queued_and_nothing_is_lost(enrolment: Enrolment, modules: list[Module]) -> None:
    assert report(enrolment, modules[1], "a")["state"] == "in_progress"
    answer = report(enrolment, modules[1], "b")
    assert (answer["state"], answer["passed"], answer["created"]) == ("queued", ["a", "b"], False)
    assert access.standing(enrolment, modules[1]).is_queued
    assert done(enrolment) == set()


def test_it_is_completed_with_the_module_before_it(
    enrolment: Enrolment, modules: list[Module]
) -> None:
    report(enrolment, modules[1], "a", "b")
    with assert_pushes() as pushes:
        actions.complete_module(enrolment.user, modules[0])
    assert len(pushes.recorded) == 2, "once to the student and once to the instructors"
    assert done(enrolment) == {modules[0].pk, modules[1].pk}
    progress = Progress.objects.get(module=modules[1])
    assert progress.source == "notebook"
    assert progress.evidence == {
        "mode": "strict",
        "client": "jupyter-live-lms/0.1.0",
        "cells": ["a", "b"],
        "waited": True,
    }


def test_a_whole_queue_is_completed_at_once(enrolment: Enrolment, modules: list[Module]) -> None:
    report(enrolment, modules[2], "a", "b")
    report(enrolment, modules[1], "a", "b")
    actions.complete_module(enrolment.user, modules[0])
    assert done(enrolment) == {module.pk for module in modules[:3]}


def test_a_queue_stops_at_the_first_that_is_not_finished(
    enrolment: Enrolment, modules: list[Module]
) -> None:
    report(enrolment, modules[2], "a", "b")
    report(enrolment, modules[1], "a")
    actions.complete_module(enrolment.user, modules[0])
    assert done(enrolment) == {modules[0].pk}
    report(enrolment, modules[1], "b")
    assert done(enrolment) == {module.pk for module in modules[:3]}


def test_staff_who_complete_what_comes_first_open_it_too(
    enrolment: Enrolment, modules: list[Module]
) -> None:
    report(enrolment, modules[1], "a", "b")
    by = factories.make_superuser()
    actions.complete_module(enrolment.user, modules[0], source="staff", by=by)
    assert done(enrolment) == {modules[0].pk, modules[1].pk}


def test_a_passed_quiz_opens_it_too() -> None:
    course = factories.make_course(["quiz_passed", "notebook_finished"], in_order=True)
    first, second = factories.modules_of(course)
    factories.make_notebook_lesson(second, "a")
    quiz = factories.make_quiz(course, module=first)
    enrolment = factories.make_student(course)
    report(enrolment, second, "a")
    hand_in(quiz, "a", "a", enrolment=enrolment)
    assert done(enrolment) == {first.pk, second.pk}


def test_results_that_are_posted_for_many_open_it_too() -> None:
    course = factories.make_course(["quiz_passed", "notebook_finished"], in_order=True)
    first, second = factories.modules_of(course)
    factories.make_notebook_lesson(second, "a")
    quiz = factories.make_quiz(course, module=first, posting="manual")
    students = [factories.make_student(course) for _ in range(2)]
    for enrolment in students:
        report(enrolment, second, "a")
        hand_in(quiz, "a", "a", enrolment=enrolment)
        assert done(enrolment) == set()
    actions.post_grades(quiz, None)
    for enrolment in students:
        assert done(enrolment) == {first.pk, second.pk}


@pytest.mark.parametrize("change", ["archive", "reorder", "any order"])
def test_editors_who_change_the_course_open_it_too(
    enrolment: Enrolment, modules: list[Module], course: Course, change: str
) -> None:
    report(enrolment, modules[1], "a", "b")
    if change == "archive":
        actions.archive_module(modules[0])
    elif change == "reorder":
        first, second, third, fourth = [module.pk for module in modules]
        actions.reorder_modules(course, [second, first, third, fourth])
    else:
        course.in_order = False
        course.save()
        actions.refresh_course(course)
    assert done(enrolment) == {modules[1].pk}


def test_those_who_left_wait_until_they_are_back(
    enrolment: Enrolment, modules: list[Module], course: Course
) -> None:
    report(enrolment, modules[1], "a", "b")
    actions.withdraw(enrolment)
    actions.archive_module(modules[0])
    assert done(enrolment) == set()
    back = actions.enrol(course, enrolment.user)
    assert back.completed_count == 1
    assert done(enrolment) == {modules[1].pk}


def test_what_is_required_later_holds_it_back(enrolment: Enrolment, modules: list[Module]) -> None:
    report(enrolment, modules[1], "a", "b")
    lesson = modules[1].notebook_lesson
    actions.delete_notebook(lesson)
    actions.complete_module(enrolment.user, modules[0])
    assert done(enrolment) == {modules[0].pk}


def test_a_module_that_something_else_completes_now_is_left_alone(
    enrolment: Enrolment, modules: list[Module]
) -> None:
    report(enrolment, modules[1], "a", "b")
    Module.objects.filter(pk=modules[1].pk).update(completion_rule="by_hand")
    actions.complete_module(enrolment.user, modules[0])
    assert done(enrolment) == {modules[0].pk}
