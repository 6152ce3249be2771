"""The gate: the object, or a refusal that does not tell what exists."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser

from tests import factories
from wagtail_live_lms import access, actions
from wagtail_live_lms.live import NotFound
from wagtail_live_lms.models import Course, Enrolment

pytestmark = pytest.mark.django_db

NOWHERE = 10**9


@pytest.fixture
def instructor() -> Any:
    return factories.make_user()


@pytest.fixture
def course(instructor: Any) -> Course:
    return factories.make_course(enrolment_policy="staff", instructors=[instructor])


@pytest.fixture
def enrolment(course: Course) -> Enrolment:
    return factories.make_student(course)


def inactive(user: Any) -> Any:
    user.is_active = False
    user.save()
    return user


class TestIsInstructor:
    def test_those_who_teach_it_and_superusers(self, instructor: Any, course: Course) -> None:
        assert access.is_instructor(instructor, course.pk)
        assert access.is_instructor(factories.make_superuser(), course.pk)

    def test_nobody_else(self, instructor: Any, course: Course, enrolment: Enrolment) -> None:
        other = factories.make_user()
        factories.make_course(instructors=[other])
        staff = factories.make_user(is_staff=True)
        for user in (AnonymousUser(), factories.make_user(), enrolment.user, other, staff):
            assert not access.is_instructor(user, course.pk)
        assert not access.is_instructor(inactive(instructor), course.pk)
        assert not access.is_instructor(inactive(factories.make_superuser()), course.pk)

    def test_nobody_teaches_a_course_that_does_not_exist(self) -> None:
        assert not access.is_instructor(factories.make_superuser(), NOWHERE)


class TestIsEnrolled:
    def test_those_who_take_it_now(self, enrolment: Enrolment) -> None:
        assert access.is_enrolled(enrolment.user, enrolment.course_id)

    def test_nobody_else(self, instructor: Any, course: Course, enrolment: Enrolment) -> None:
        others = AnonymousUser(), factories.make_user(), instructor, factories.make_superuser()
        for user in others:
            assert not access.is_enrolled(user, course.pk)
        assert not access.is_enrolled(enrolment.user, NOWHERE)
        assert not access.is_enrolled(inactive(enrolment.user), course.pk)

    def test_those_who_left_until_they_come_back(self, enrolment: Enrolment) -> None:
        actions.withdraw(enrolment)
        assert not access.is_enrolled(enrolment.user, enrolment.course_id)
        actions.enrol(enrolment.course, enrolment.user, by=factories.make_superuser())
        assert access.is_enrolled(enrolment.user, enrolment.course_id)


class TestGetCourse:
    def test_an_open_course_may_be_known_to_whoever_could_join(self) -> None:
        course = factories.make_course(enrolment_policy="open")
        assert access.get_course_for(factories.make_user(), course.pk) == course

    def test_a_closed_one_only_to_its_own(
        self, instructor: Any, course: Course, enrolment: Enrolment
    ) -> None:
        for user in (instructor, enrolment.user, factories.make_superuser()):
            assert access.get_course_for(user, course.pk) == course

    def test_nobody_who_is_not_logged_in(self) -> None:
        course = factories.make_course(enrolment_policy="open")
        with pytest.raises(NotFound):
            access.get_course_for(AnonymousUser(), course.pk)

    def test_nor_with_an_account_that_was_closed(self) -> None:
        course = factories.make_course(enrolment_policy="open")
        with pytest.raises(NotFound):
            access.get_course_for(inactive(factories.make_user()), course.pk)

    def test_a_taught_course(self, instructor: Any, course: Course) -> None:
        assert access.get_taught_course_for(instructor, course.pk) == course


class TestGetEnrolment:
    def test_ones_own(self, enrolment: Enrolment, django_assert_num_queries: Any) -> None:
        with django_assert_num_queries(1):
            own = access.get_enrolment_for(enrolment.user, enrolment.course_id)
            assert (own, own.course) == (enrolment, enrolment.course)

    def test_not_after_leaving(self, enrolment: Enrolment) -> None:
        actions.withdraw(enrolment)
        with pytest.raises(NotFound):
            access.get_enrolment_for(enrolment.user, enrolment.course_id)

    def test_not_with_a_closed_account(self, enrolment: Enrolment) -> None:
        with pytest.raises(NotFound):
            access.get_enrolment_for(inactive(enrolment.user), enrolment.course_id)

    def test_a_students_for_those_who_teach(self, instructor: Any, enrolment: Enrolment) -> None:
        assert access.get_enrolment_taught_by(instructor, enrolment.pk) == enrolment


class TestGetModule:
    def test_of_ones_course(self, enrolment: Enrolment) -> None:
        module = factories.modules_of(enrolment.course)[0]
        assert access.get_module_for(enrolment.user, enrolment.course_id, module.pk) == module

    def test_another_courses_module_does_not_exist_there(self, enrolment: Enrolment) -> None:
        other = factories.make_course()
        actions.enrol(other, enrolment.user)
        module = factories.modules_of(other)[0]
        assert access.get_module_for(enrolment.user, other.pk, module.pk) == module
        with pytest.raises(NotFound):
            access.get_module_for(enrolment.user, enrolment.course_id, module.pk)

    def test_not_after_leaving_whoever_else_takes_it(self, enrolment: Enrolment) -> None:
        factories.make_student(enrolment.course)
        module = factories.modules_of(enrolment.course)[0]
        actions.withdraw(enrolment)
        with pytest.raises(NotFound):
            access.get_module_for(enrolment.user, enrolment.course_id, module.pk)

    def test_not_with_a_closed_account(self, enrolment: Enrolment) -> None:
        module = factories.modules_of(enrolment.course)[0]
        with pytest.raises(NotFound):
            access.get_module_for(inactive(enrolment.user), enrolment.course_id, module.pk)


def outsiders_questions(user: Any, course: Any, module: Any, enrolment: Any) -> list[Any]:
    """Everything somebody could ask about these ids."""
    return [
        lambda: access.get_course_for(user, course),
        lambda: access.get_taught_course_for(user, course),
        lambda: access.get_enrolment_for(user, course),
        lambda: access.get_module_for(user, course, module),
        lambda: access.get_enrolment_taught_by(user, enrolment),
    ]


def answer(question: Callable[[], object]) -> tuple[str, int, str]:
    with pytest.raises(NotFound) as refusal:
        question()
    return refusal.value.code, refusal.value.status, str(refusal.value.message)


def test_outsiders_cannot_tell_what_exists_from_what_does_not(enrolment: Enrolment) -> None:
    module = factories.modules_of(enrolment.course)[0]
    for user in (AnonymousUser(), factories.make_user()):
        real = outsiders_questions(user, enrolment.course_id, module.pk, enrolment.pk)
        invented = outsiders_questions(user, NOWHERE, NOWHERE, NOWHERE)
        assert [answer(question) for question in real] == [answer(q) for q in invented]


class TestAttempts:
    def test_a_student_gets_their_own(self) -> None:
        quiz = factories.make_quiz()
        student = factories.make_student(quiz.course)
        attempt = actions.start_attempt(student.user, quiz)
        assert access.get_submission_for(student.user, attempt.pk) == attempt

    def test_nobody_else_and_nobody_who_left_does(self) -> None:
        quiz = factories.make_quiz()
        student = factories.make_student(quiz.course)
        attempt = actions.start_attempt(student.user, quiz)
        others = [AnonymousUser(), factories.make_student(quiz.course).user]
        for user in [*others, inactive(factories.make_user())]:
            with pytest.raises(NotFound):
                access.get_submission_for(user, attempt.pk)
        actions.withdraw(student)
        with pytest.raises(NotFound):
            access.get_submission_for(student.user, attempt.pk)


def test_nobody_in_particular_has_no_alerts() -> None:
    with pytest.raises(NotFound):
        access.get_open_alerts_for(AnonymousUser())


class TestTaughtCourses:
    def test_are_ones_own_and_for_superusers_all(self, course: Course, instructor: Any) -> None:
        other = factories.make_course()
        assert list(access.get_taught_courses_for(instructor)) == [course]
        assert list(access.get_taught_courses_for(factories.make_user())) == []
        assert set(access.get_taught_courses_for(factories.make_superuser())) == {course, other}

    def test_are_none_of_a_strangers_business(self) -> None:
        for user in (AnonymousUser(), inactive(factories.make_superuser())):
            with pytest.raises(NotFound):
                access.get_taught_courses_for(user)
            with pytest.raises(NotFound):
                access.get_watched_courses_for(user)
