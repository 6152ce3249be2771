"""Changing what a course consists of leaves what students earned untouched."""

from __future__ import annotations

import pytest
from django.db.models import ProtectedError
from wagtail.models import ModelLogEntry

from tests import factories
from wagtail_live_lms import actions
from wagtail_live_lms.models import Course, CourseTotals, Enrolment, Module, Progress

from .changes import recorded

pytestmark = pytest.mark.django_db


@pytest.fixture
def course() -> Course:
    return factories.make_course(4)


@pytest.fixture
def enrolment(course: Course) -> Enrolment:
    enrolment = factories.make_student(course)
    factories.complete(enrolment, factories.modules_of(course)[0])
    return enrolment


def percent_of(enrolment: Enrolment) -> int:
    enrolment.refresh_from_db()
    return enrolment.percent


def test_an_archived_module_does_not_count_and_comes_back_with_its_completions(
    enrolment: Enrolment,
) -> None:
    module = factories.modules_of(enrolment.course)[0]
    actions.archive_module(module)
    assert module.archived
    assert percent_of(enrolment) == 0
    assert Progress.objects.count() == 1
    actions.restore_module(module)
    assert not module.archived
    assert percent_of(enrolment) == 25


def test_archiving_what_was_not_completed_raises_the_percentage(enrolment: Enrolment) -> None:
    for module in factories.modules_of(enrolment.course)[1:]:
        actions.archive_module(module)
    assert percent_of(enrolment) == 100
    assert CourseTotals.objects.get().finished_count == 1


def test_a_course_whose_modules_are_all_archived_is_at_zero(enrolment: Enrolment) -> None:
    for module in factories.modules_of(enrolment.course):
        actions.archive_module(module)
    assert percent_of(enrolment) == 0
    assert CourseTotals.objects.get().module_count == 0


def test_everybody_in_the_course_is_told_once(course: Course) -> None:
    module = factories.modules_of(course)[0]
    with recorded() as said:
        actions.archive_module(module)
        actions.archive_module(module)
    assert said == [
        (f"course-{course.pk}", "course", course.pk),
        (f"instructor-{course.pk}", "course", course.pk),
    ]


def test_restoring_what_is_not_archived_says_nothing(course: Course) -> None:
    with recorded() as said:
        actions.restore_module(factories.modules_of(course)[0])
    assert said == []


def test_what_staff_does_is_logged_on_the_course(course: Course) -> None:
    module = factories.modules_of(course)[0]
    staff = factories.make_superuser()
    actions.archive_module(module, by=staff)
    actions.restore_module(module, by=staff)
    order = [module.pk for module in reversed(factories.modules_of(course))]
    actions.reorder_modules(course, order, by=staff)
    entries = ModelLogEntry.objects.filter(user=staff).order_by("pk")
    assert [(entry.action, entry.object_id) for entry in entries] == [
        ("wagtail_live_lms.archive_module", str(course.pk)),
        ("wagtail_live_lms.restore_module", str(course.pk)),
        ("wagtail_live_lms.reorder_modules", str(course.pk)),
    ]
    assert entries.last().data["order"] == order


def test_modules_take_the_order_they_are_named_in(course: Course, enrolment: Enrolment) -> None:
    order = [module.pk for module in reversed(factories.modules_of(course))]
    with recorded() as said:
        actions.reorder_modules(course, order)
    assert list(course.modules.values_list("pk", flat=True)) == order
    assert percent_of(enrolment) == 25
    assert (f"course-{course.pk}", "course", course.pk) in said


def test_an_order_names_each_module_of_the_course_once(course: Course) -> None:
    own = [module.pk for module in factories.modules_of(course)]
    foreign = factories.modules_of(factories.make_course(1))[0].pk
    for order in (own[:-1], [*own, own[0]], [*own[:-1], foreign], []):
        with pytest.raises(ValueError):
            actions.reorder_modules(course, order)
    assert [module.pk for module in factories.modules_of(course)] == own


def test_added_modules_count_after_a_refresh(course: Course, enrolment: Enrolment) -> None:
    factories.add_module(course)
    version = enrolment.version
    with recorded() as said:
        actions.refresh_course(course)
    assert percent_of(enrolment) == 20
    assert enrolment.version > version
    assert said == [
        (f"course-{course.pk}", "course", course.pk),
        (f"instructor-{course.pk}", "course", course.pk),
    ]


def test_a_module_that_somebody_completed_cannot_be_deleted(enrolment: Enrolment) -> None:
    first, second, *_ = factories.modules_of(enrolment.course)
    with pytest.raises(ProtectedError):
        first.delete()
    second.delete()
    assert Module.objects.filter(course=enrolment.course).count() == 3
