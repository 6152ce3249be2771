"""Many at once: nothing is done twice, and the summaries add up afterwards."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import pytest
from django.db import connection

from tests import factories
from wagtail_live_lms import actions
from wagtail_live_lms.exceptions import ModuleArchived
from wagtail_live_lms.models import CourseTotals, Enrolment, Progress

from .changes import recorded, sequence

pytestmark = pytest.mark.django_db(transaction=True)

T = TypeVar("T")


def at_once(calls: Sequence[Callable[[], T]]) -> list[T]:
    """Every call in a thread and database connection of its own, started together."""
    gate = threading.Barrier(len(calls), timeout=30)

    def run(call: Callable[[], T]) -> T:
        gate.wait()
        try:
            return call()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))


def test_fifty_calls_complete_a_module_once() -> None:
    course = factories.make_course(4)
    enrolment = factories.make_student(course)
    module = factories.modules_of(course)[0]
    student, instructors = f"student-{enrolment.user_id}", f"instructor-{course.pk}"
    before = sequence(student), sequence(instructors)
    with recorded() as said:
        results = at_once([lambda: actions.complete_module(enrolment.user, module)] * 50)
    assert [result.created for result in results].count(True) == 1
    assert {result.progress.pk for result in results} == {Progress.objects.get().pk}
    assert said == [
        (instructors, "enrolment", enrolment.pk),
        (student, "enrolment", enrolment.pk),
    ]
    assert (sequence(student), sequence(instructors)) == (before[0] + 1, before[1] + 1)
    version = enrolment.version
    enrolment.refresh_from_db()
    assert (enrolment.completed_count, enrolment.version) == (1, version + 1)


def test_twenty_calls_enrol_somebody_once() -> None:
    course = factories.make_course()
    user = factories.make_user()
    CourseTotals.objects.all().delete()  # the first of them makes the row that all lock
    with recorded() as said:
        results = at_once([lambda: actions.enrol(course, user)] * 20)
    assert {result.pk for result in results} == {Enrolment.objects.get().pk}
    assert [topic for topic, kind, _ in said if kind == "enrolment"] == [
        f"instructor-{course.pk}",
        f"student-{user.pk}",
    ]
    assert CourseTotals.objects.get().student_count == 1


def test_a_class_that_works_while_the_course_changes_adds_up() -> None:
    course = factories.make_course(4)
    modules = factories.modules_of(course)
    students = [factories.make_student(course).user for _ in range(6)]
    archived = factories.modules_of(course)[3]

    def work(user: Any) -> int:
        done = 0
        for module in modules:
            try:
                done += actions.complete_module(user, module).created
            except ModuleArchived:
                assert module == archived
        return done

    calls = [lambda user=user: work(user) for user in students]
    at_once([*calls, lambda: actions.archive_module(archived), lambda: add_late(course)])
    assert Progress.objects.filter(module__archived=False).count() == 18
    assert set(Enrolment.objects.values_list("completed_count", "percent")) >= {(3, 75)}
    assert actions.recount_course(course) == []


def add_late(course: Any) -> int:
    factories.add_module(course)
    actions.refresh_course(course)
    return len(factories.modules_of(course))
