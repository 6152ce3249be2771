"""What a course consists of, and the way into it."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.test import Client
from django.urls import reverse

from tests import factories
from tests.rendering import element, ids_of, patches_after, render_component, texts
from wagtail_live_lms import actions
from wagtail_live_lms.exceptions import EnrolmentClosed
from wagtail_live_lms.live import NotAuthenticated, NotFound
from wagtail_live_lms.models import Course, Enrolment, Module
from wagtail_live_lms.testing import dispatch_event, mount

pytestmark = pytest.mark.django_db


@pytest.fixture
def course() -> Course:
    return factories.make_course(2, title="Knots")


@pytest.fixture
def closed() -> Course:
    return factories.make_course(2, title="Secret knots", enrolment_policy="staff")


def outline(user: Any, course: Course) -> str:
    return render_component(user, "course_outline", course_id=course.pk)


def button(user: Any, course_id: int) -> str:
    html = render_component(user, "enrol_button", "?a=1", course_id=course_id)
    return str(texts(html, "//section")[0])


class TestOutline:
    def test_everybody_reads_the_modules_of_an_open_course(self, course: Course) -> None:
        page = factories.site_root()
        first = factories.modules_of(course)[0]
        Module.objects.filter(pk=first.pk).update(page=page)
        for user in (AnonymousUser(), factories.make_user()):
            html = outline(user, course)
            assert texts(html, "//li") == ["Module 1", "Module 2"]
            assert element(html, "//li//a").get("href") == page.get_url()
            assert "data-live-params" not in html
            assert "data-done" not in html

    def test_a_student_sees_what_is_finished_and_what_waits(self, course: Course) -> None:
        Course.objects.filter(pk=course.pk).update(in_order=True)
        student = factories.make_student(course)
        rows = texts(outline(student.user, course), "//li")
        assert "Not finished yet" in rows[0]
        assert "Opens when the module before it is finished" in rows[1]
        factories.complete(student, factories.modules_of(course)[0])
        rows = texts(outline(student.user, course), "//li")
        assert "Finished" in rows[0]
        assert "Not finished yet" in rows[1]

    def test_it_moves_row_by_row(self, course: Course) -> None:
        student = factories.make_student(course)
        component = mount("course_outline", user=student.user, course_id=course.pk)
        module = factories.modules_of(course)[1]
        patches = patches_after(component, lambda: factories.complete(student, module))
        assert ids_of(patches) == [f"{component.element_id}-module-{module.pk}"]
        assert patches_after(component, lambda: actions.refresh_course(course)) is None

    def test_other_courses_do_not_move_it(self, course: Course) -> None:
        student = factories.make_student(course)
        other = factories.make_course(1)
        elsewhere = actions.enrol(other, student.user)
        component = mount("course_outline", user=student.user, course_id=course.pk)
        module = factories.modules_of(other)[0]
        assert patches_after(component, lambda: factories.complete(elsewhere, module)) == []

    def test_a_course_without_modules_says_so(self) -> None:
        html = outline(AnonymousUser(), factories.make_course(0))
        assert "This course has no modules yet." in html

    def test_one_that_staff_enrols_in_is_for_those_who_know_it(self, closed: Course) -> None:
        assert "Log in" in outline(AnonymousUser(), closed)
        outsider = outline(factories.make_user(), closed)
        for html in (outline(AnonymousUser(), closed), outsider):
            assert "Secret knots" not in html
        assert "Secret knots" in outline(factories.make_student(closed).user, closed)


class TestEnrolButton:
    def test_a_guest_is_led_to_the_login_and_back(self, course: Course) -> None:
        html = render_component(AnonymousUser(), "enrol_button", "?a=1", course_id=course.pk)
        assert "Log in to enrol in “Knots”." in html
        assert element(html, "//a").get("href").endswith("?next=/%3Fa%3D1")
        assert "data-live-params" not in html

    def test_enrolling_reloads_the_page(self, course: Course) -> None:
        user = factories.make_user()
        assert "You are not enrolled in “Knots” yet. Enrol" in button(user, course.pk)
        done = dispatch_event("enrol_button", "enrol", user=user, course_id=course.pk)
        assert done.reloads_page
        assert Enrolment.objects.get().user == user
        assert "You are enrolled in “Knots”." in button(user, course.pk)

    def test_without_a_script_it_is_a_form(self, course: Course) -> None:
        client, user = Client(), factories.make_user()
        client.force_login(user)
        html = render_component(user, "enrol_button", course_id=course.pk)
        fields = {field.get("name"): field.get("value") for field in element(html, "//form")}
        url = reverse("wagtail_live_lms:component", args=["enrol_button"])
        form = {name: value for name, value in fields.items() if name}
        assert client.post(url, form).status_code == 302
        assert Enrolment.objects.get().user == user

    def test_where_staff_enrols_outsiders_learn_whom_to_ask_and_nothing_else(
        self, closed: Course
    ) -> None:
        outsider, unknown = factories.make_user(), closed.pk + 1000
        assert "Ask your instructor" in button(outsider, closed.pk)
        assert button(outsider, closed.pk) == button(outsider, unknown)
        assert button(AnonymousUser(), closed.pk) == button(AnonymousUser(), unknown)
        with pytest.raises(NotFound):
            dispatch_event("enrol_button", "enrol", user=outsider, course_id=closed.pk)

    def test_nobody_gets_around_the_policy(self, course: Course, closed: Course) -> None:
        instructor = factories.make_superuser()
        assert "Ask your instructor" in button(instructor, closed.pk)
        with pytest.raises(EnrolmentClosed):
            dispatch_event("enrol_button", "enrol", user=instructor, course_id=closed.pk)
        with pytest.raises(NotAuthenticated):
            dispatch_event("enrol_button", "enrol", user=AnonymousUser(), course_id=course.pk)

    def test_it_moves_when_staff_enrols_or_withdraws(self, course: Course) -> None:
        student = factories.make_student(course)
        component = mount("enrol_button", user=student.user, course_id=course.pk)
        assert component.topics() == [f"student-{student.user.pk}"]
        module = factories.modules_of(course)[0]
        assert patches_after(component, lambda: factories.complete(student, module)) == []
        assert patches_after(component, lambda: actions.withdraw(student)) is None

    def test_other_courses_do_not_move_it(self, course: Course) -> None:
        user = factories.make_user()
        component = mount("enrol_button", user=user, course_id=course.pk)
        other = factories.make_course(1)
        assert patches_after(component, lambda: actions.enrol(other, user)) == []
