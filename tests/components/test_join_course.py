"""Joining a course: what those see who do not take it."""

from __future__ import annotations

import pytest

from tests import factories
from tests.rendering import element, render_component
from wagtail_live_lms.exceptions import EnrolmentClosed
from wagtail_live_lms.live import NotFound
from wagtail_live_lms.models import Enrolment
from wagtail_live_lms.testing import assert_state, dispatch_event, mount

pytestmark = pytest.mark.django_db


def test_an_open_course_offers_to_join_in_place_of_the_progress() -> None:
    course = factories.make_course(title="Knots")
    html = render_component(factories.make_user(), "course_progress", course_id=course.pk)
    root = element(html, '//section[@data-live-component="join_course"]')
    assert "You are not enrolled in “Knots” yet." in root.text_content()
    assert root.xpath('.//input[@name="event"]/@value') == ["join"]


def test_joining_enrols_and_reloads_the_page() -> None:
    course = factories.make_course()
    user = factories.make_user()
    joined = dispatch_event("join_course", "join", user=user, course_id=course.pk)
    assert joined.reloads_page
    assert_state(joined, is_enrolled=True)
    assert Enrolment.objects.get().user == user
    dispatch_event("join_course", "join", user=user, course_id=course.pk)
    assert Enrolment.objects.count() == 1


def test_a_page_of_a_module_offers_it_too() -> None:
    course = factories.make_course()
    module = factories.modules_of(course)[0]
    html = render_component(
        factories.make_user(), "course_progress", course_id=course.pk, module_id=module.pk
    )
    assert "Join this course" in html


def test_where_staff_enrols_instructors_are_told_to_and_outsiders_nothing() -> None:
    instructor = factories.make_user()
    course = factories.make_course(
        title="Knots", enrolment_policy="staff", instructors=[instructor]
    )
    html = render_component(instructor, "course_progress", course_id=course.pk)
    assert "You do not take “Knots”." in html
    assert "<form" not in html
    outside = render_component(factories.make_user(), "course_progress", course_id=course.pk)
    assert "Knots" not in outside
    assert "<form" not in outside


def test_nobody_joins_by_a_forged_event_where_staff_enrols() -> None:
    instructor = factories.make_user()
    course = factories.make_course(enrolment_policy="staff", instructors=[instructor])
    with pytest.raises(EnrolmentClosed):
        dispatch_event("join_course", "join", user=instructor, course_id=course.pk)
    with pytest.raises(NotFound):
        dispatch_event("join_course", "join", user=factories.make_user(), course_id=course.pk)
    assert not Enrolment.objects.exists()


def test_those_who_take_it_are_known() -> None:
    student = factories.make_student(factories.make_course())
    component = mount("join_course", user=student.user, course_id=student.course_id)
    assert_state(component, is_enrolled=True, is_open=True)
