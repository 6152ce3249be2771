"""A student's whole course in one view: its parts, what they refuse, and what each is sent."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from tests import factories
from tests.quiz_taking import hand_in
from tests.rendering import element, ids_of, patches_after, render_component, texts
from wagtail_live_lms import actions
from wagtail_live_lms.components import StudentView
from wagtail_live_lms.live import Component, IsAuthenticated, PermissionDenied, registry
from wagtail_live_lms.models import Course, Enrolment, Module, Quiz, Submission
from wagtail_live_lms.testing import assert_permission_denied, mount

pytestmark = pytest.mark.django_db

PARTS = ["grade_notification", "course_progress", "quiz_agenda", "notebook_lessons"]


@pytest.fixture(autouse=True)
def _no_counts() -> None:
    cache.clear()


@pytest.fixture
def course() -> Course:
    course = factories.make_course(["notebook_finished", "quiz_passed", "by_hand"])
    factories.make_notebook_lesson(factories.modules_of(course)[0], "a", "b")
    return course


@pytest.fixture
def student(course: Course) -> Enrolment:
    return factories.make_student(course)


def show(student: Enrolment, name: str = "student_view") -> str:
    return render_component(student.user, name, course_id=student.course_id)


def shown_quiz(student: Enrolment) -> str | None:
    found = element(show(student, "active_quiz"), '//div[@data-live-component="active_quiz"]')
    quizzes = found.xpath('.//*[@data-live-component="quiz"]//h2')
    return " ".join(quizzes[0].text_content().split()) if quizzes else None


def words(student: Enrolment) -> str:
    return " ".join(texts(show(student, "active_quiz"), "//section[@data-active-quiz]"))


def agenda(student: Enrolment, quiz: Quiz | None = None) -> Component:
    params = {"course_id": student.course_id, "quiz_id": quiz and quiz.pk}
    return mount("quiz_agenda", user=student.user, **params)


class TestComposite:
    def test_it_shows_notifications_progress_quiz_and_notebooks(
        self, course: Course, student: Enrolment
    ) -> None:
        factories.make_quiz(course)
        html = show(student)
        roots = texts(html, "//*[@data-live-params]")
        for name in [*PARTS, "quiz"]:
            assert html.count(f'data-live-component="{name}"') == 1
        assert len(roots) == 5
        assert "data-live-params" not in html[: html.index("live-lms-student__columns")]

    def test_the_number_of_queries_does_not_grow(self, course: Course, student: Enrolment) -> None:
        Course.objects.filter(pk=course.pk).update(in_order=True)
        factories.make_quiz(course)
        with CaptureQueriesContext(connection) as few:
            show(student)
        for number in range(6):
            module = factories.add_module(course, completion_rule="notebook_finished")
            factories.make_notebook_lesson(module, "a")
            factories.make_quiz(course, title=f"More {number}")
            actions.notify(student.user, "grade_posted", course, f"g:{number}", {"title": "x"})
        with CaptureQueriesContext(connection) as many:
            show(student)
        assert len(many) == len(few)

    def test_those_who_do_not_take_the_course_may_join_it(self, course: Course) -> None:
        html = render_component(factories.make_user(), "student_view", course_id=course.pk)
        assert 'data-live-component="join_course"' in html
        assert "live-lms-student" not in html

    def test_a_child_that_refuses_is_not_there_and_breaks_no_other(
        self, student: Enrolment, refused_video: str
    ) -> None:
        html = show(student)
        assert refused_video not in html
        for name in PARTS:
            assert f'data-live-component="{name}"' in html

    @pytest.fixture
    def refused_video(self) -> Iterator[str]:
        class Nobody(IsAuthenticated):
            def check(self, component: Component) -> None:
                raise PermissionDenied

        @registry.register("refused_video")
        class Refused(Component):
            template_name = "wagtail_live_lms/notebook_lessons/component.html"
            permission_classes = (Nobody,)

        registry.extend("student_view", "video", "refused_video")
        yield Refused.name
        registry.retract("student_view", "video")
        registry.unregister("refused_video")

    def test_a_slot_that_was_taken_back_is_gone(self) -> None:
        registry.extend("student_view", "extra", "quiz")
        registry.retract("student_view", "extra")
        registry.retract("student_view", "extra")
        assert list(registry.slots_of(StudentView)) == list(StudentView.components)


class TestActiveQuiz:
    def test_the_one_under_way_comes_before_those_that_could_begin(
        self, course: Course, student: Enrolment
    ) -> None:
        factories.make_quiz(course, title="A")
        later = factories.make_quiz(course, title="B")
        assert shown_quiz(student) == "A"
        actions.start_attempt(student.user, later)
        assert shown_quiz(student) == "B"

    def test_modules_decide_the_order(self, course: Course, student: Enrolment) -> None:
        factories.make_quiz(course, title="A")
        module = factories.modules_of(course)[1]
        factories.make_quiz(course, title="Z", module=module)
        assert shown_quiz(student) == "Z"

    def test_without_quizzes_it_is_calm(self, student: Enrolment) -> None:
        assert shown_quiz(student) is None
        assert "No quiz now" in words(student)
        assert "Once there is one to take" in words(student)

    def test_what_opens_later_is_announced(self, course: Course, student: Enrolment) -> None:
        factories.make_quiz(course, title="Soon", opens_at=timezone.now() + timedelta(days=1))
        assert shown_quiz(student) is None
        assert "“Soon” opens:" in words(student)

    @pytest.mark.parametrize(
        "fields",
        [
            {"closes_at": timezone.now() - timedelta(days=1)},
            {"live": False},
            {"questions": [factories.question("information", "i")]},
        ],
    )
    def test_one_that_cannot_begin_is_left_out(
        self, course: Course, student: Enrolment, fields: dict[str, Any]
    ) -> None:
        factories.make_quiz(course, **fields)
        assert shown_quiz(student) is None

    def test_in_a_course_taken_in_order_it_waits_for_its_module(
        self, course: Course, student: Enrolment
    ) -> None:
        Course.objects.filter(pk=course.pk).update(in_order=True)
        first, second, _third = factories.modules_of(course)
        factories.make_quiz(course, title="Q", module=second)
        assert shown_quiz(student) is None
        assert "opens when the modules before it are finished" in words(student)
        factories.complete(student, first)
        assert shown_quiz(student) == "Q"
        factories.complete(student, second, factories.modules_of(course)[2])
        assert shown_quiz(student) == "Q"

    def test_one_that_is_passed_or_used_up_is_over_and_named(self, course: Course) -> None:
        page = factories.site_root()
        module = factories.modules_of(course)[1]
        Module.objects.filter(pk=module.pk).update(page=page)
        quiz = factories.make_quiz(course, title="Done", module=module)
        student = hand_in(quiz, "a", "a").enrolment
        assert shown_quiz(student) is None
        assert "You have taken what there is." in words(student)
        link = element(show(student, "active_quiz"), "//p[contains(., 'Handed in last')]/a")
        assert (link.text, link.get("href")) == ("Done", page.get_url())

    def test_one_that_failed_may_be_tried_again_while_attempts_are_left(
        self, course: Course
    ) -> None:
        quiz = factories.make_quiz(course, title="Again", attempts_allowed=2)
        student = hand_in(quiz, "b", "b").enrolment
        assert shown_quiz(student) == "Again"
        Quiz.objects.filter(pk=quiz.pk).update(attempts_allowed=1)
        assert shown_quiz(student) is None
        assert "Handed in last: Again" in words(student)

    def test_one_that_waits_to_be_graded_is_not_asked_for_again(self, course: Course) -> None:
        quiz = factories.make_quiz(course, [factories.question("long_answer", "q1")])
        student = hand_in(quiz, "Because").enrolment
        assert shown_quiz(student) is None
        assert "An instructor grades them." in words(student)


class TestAgenda:
    def test_another_quiz_is_offered_and_nothing_is_taken_away(
        self, course: Course, student: Enrolment
    ) -> None:
        first = factories.make_quiz(course, title="A")
        second = factories.make_quiz(course, title="B")
        component = agenda(student, first)
        assert "Show it" not in component.html
        assert patches_after(component, lambda: actions.start_attempt(student.user, second)) is None
        assert "You have begun “B”." in agenda(student, first).html
        Submission.objects.all().delete()
        assert "You can take “A” now." in agenda(student).html

    def test_what_is_handed_in_elsewhere_is_named(self, course: Course, student: Enrolment) -> None:
        shown, other = factories.make_quiz(course, title="A"), factories.make_quiz(course)
        attempt = actions.start_attempt(student.user, other)
        actions.submit_attempt(attempt, {})
        html = agenda(student, shown).html
        assert f"Handed in last: {other.title}" in html
        assert "Handed in last" not in agenda(student, other).html

    def test_progress_and_the_courses_modules_move_it(
        self, course: Course, student: Enrolment
    ) -> None:
        component = agenda(student)
        by_hand = factories.modules_of(course)[2]
        assert patches_after(component, lambda: factories.complete(student, by_hand)) is None
        assert patches_after(component, lambda: actions.refresh_course(course)) is None

    def test_other_courses_and_notices_do_not(self, course: Course, student: Enrolment) -> None:
        other = factories.make_course(1)
        elsewhere = actions.enrol(other, student.user)
        quiz = factories.make_quiz(other)
        component = agenda(student)
        module = factories.modules_of(other)[0]
        assert patches_after(component, lambda: factories.complete(elsewhere, module)) == []
        assert patches_after(component, lambda: actions.start_attempt(student.user, quiz)) == []
        tell = {"title": "x"}
        assert (
            patches_after(
                component,
                lambda: actions.notify(student.user, "grade_posted", course, "g:1", tell),
            )
            == []
        )


class TestNotebooks:
    def report(self, student: Enrolment, module: Module, *cells: str) -> None:
        actions.report_notebook(student.user, module, cells, key=uuid.uuid4(), evidence={})

    def test_each_is_listed_with_what_has_passed(self, course: Course, student: Enrolment) -> None:
        module = factories.modules_of(course)[0]
        self.report(student, module, "a")
        row = element(show(student, "notebook_lessons"), "//li[@data-notebook-row]")
        assert row.get("data-state") == "in_progress"
        assert "1 of 2 required cells" in row.text_content()
        assert row.xpath(".//a[@download]/@href") == [
            reverse("wagtail_live_lms:notebook", args=[module.pk])
        ]

    def test_a_page_and_jupyter_are_linked_where_there_are_some(
        self, course: Course, student: Enrolment
    ) -> None:
        page = factories.site_root()
        module = factories.modules_of(course)[0]
        Module.objects.filter(pk=module.pk).update(page=page)
        with override_settings(WAGTAIL_LIVE_LMS={"JUPYTER_LINK": "https://hub.test/{file}"}):
            row = element(show(student, "notebook_lessons"), "//li[@data-notebook-row]")
        links = row.xpath(".//a/@href")
        assert links[0] == page.get_url()
        assert links[1].startswith("https://hub.test/")

    def test_a_report_moves_its_row_alone(self, course: Course, student: Enrolment) -> None:
        module = factories.modules_of(course)[0]
        other = factories.add_module(course, completion_rule="notebook_finished")
        factories.make_notebook_lesson(other, "x")
        component = mount("notebook_lessons", user=student.user, course_id=course.pk)
        patches = patches_after(component, lambda: self.report(student, module, "a", "b"))
        assert ids_of(patches) == [f"{component.element_id}-notebook-{module.pk}"]
        assert patches is not None
        assert 'data-done="true"' in str(patches[0].html)
        by_hand = factories.modules_of(course)[2]
        assert patches_after(component, lambda: factories.complete(student, by_hand)) == []

    def test_in_a_course_taken_in_order_what_follows_opens(self, student: Enrolment) -> None:
        course = student.course
        Course.objects.filter(pk=course.pk).update(in_order=True)
        other = factories.add_module(course, completion_rule="notebook_finished")
        factories.make_notebook_lesson(other, "x")
        component = mount("notebook_lessons", user=student.user, course_id=course.pk)
        assert [row.is_waiting for row in component.state["rows"]] == [False, True]
        module = factories.modules_of(course)[0]
        assert patches_after(component, lambda: self.report(student, module, "a", "b")) is None

    def test_other_courses_do_not_move_it(self, course: Course, student: Enrolment) -> None:
        other = factories.make_course(1)
        elsewhere = actions.enrol(other, student.user)
        component = mount("notebook_lessons", user=student.user, course_id=course.pk)
        module = factories.modules_of(other)[0]
        assert patches_after(component, lambda: factories.complete(elsewhere, module)) == []
        assert patches_after(component, lambda: actions.refresh_course(course)) is None

    def test_without_any_it_says_so(self) -> None:
        student = factories.make_student(factories.make_course(1))
        assert "This course has no notebooks yet." in show(student, "notebook_lessons")


def test_each_part_is_refused_to_those_who_left(course: Course, student: Enrolment) -> None:
    actions.withdraw(student)
    client = Client()
    client.force_login(student.user)
    for name in ("student_view", "active_quiz", "quiz_agenda", "notebook_lessons"):
        assert_permission_denied(name, "", user=student.user, course_id=course.pk)
