"""Asking for help once, and being answered once, on the page and as a notice."""

from __future__ import annotations

from typing import Any

import pytest
from wagtail.log_actions import registry as log_registry

from tests import factories
from tests.signals import received
from wagtail_live_lms import actions, signals
from wagtail_live_lms.actions import Subject
from wagtail_live_lms.exceptions import AnsweredMeanwhile, HelpNotOffered, NotEnrolled
from wagtail_live_lms.models import (
    Alert,
    AlertRule,
    Course,
    Enrolment,
    HelpRequest,
    Notification,
)
from wagtail_live_lms.testing import assert_no_pushes, assert_pushes

pytestmark = pytest.mark.django_db


@pytest.fixture
def instructor() -> Any:
    return factories.make_user("Grace Hopper")


@pytest.fixture
def course(instructor: Any) -> Course:
    return factories.make_course(2, instructors=[instructor])


@pytest.fixture
def student(course: Course) -> Enrolment:
    return factories.make_student(course, "Ada Lovelace")


@pytest.fixture
def subject(course: Course) -> Subject:
    module = factories.modules_of(course)[0]
    return Subject(module.title, module)


def test_asking_tells_the_instructors_and_the_students_other_pages(
    course: Course, student: Enrolment, subject: Subject
) -> None:
    with assert_pushes(f"instructor-{course.pk}", f"student-{student.user_id}", only=True):
        request = actions.ask_for_help(student, subject, "What is a knot?")
    alert = Alert.objects.get()
    assert (alert.kind, alert.enrolment, alert.help_request) == ("help", student, request)
    assert alert.sentence == "Asks for help with “Module 1”."
    assert (request.text, request.is_waiting) == ("What is a knot?", True)


def test_who_asks_again_while_it_waits_gets_the_same(
    student: Enrolment, subject: Subject, course: Course
) -> None:
    first = actions.ask_for_help(student, subject, "What?")
    with assert_no_pushes():
        assert actions.ask_for_help(student, subject, "Why?") == first
    other = Subject("The course")
    assert actions.ask_for_help(student, other) != first
    assert HelpRequest.objects.count() == Alert.objects.count() == 2


def test_a_withdrawn_request_settles_its_alert(student: Enrolment, subject: Subject) -> None:
    request = actions.ask_for_help(student, subject)
    assert actions.withdraw_help(request)
    assert not actions.withdraw_help(request)
    assert Alert.objects.get().cleared_reason == "withdrawn"
    assert actions.ask_for_help(student, subject) != request


def test_an_answer_reaches_the_page_the_notices_and_the_log(
    student: Enrolment, subject: Subject, instructor: Any, django_capture_on_commit_callbacks: Any
) -> None:
    request = actions.ask_for_help(student, subject, "What?")
    with (
        received(signals.help_answered) as heard,
        django_capture_on_commit_callbacks(execute=True),
        assert_pushes(f"student-{student.user_id}"),
    ):
        actions.answer_help(request, "A <b>bend</b>.", by=instructor)
    assert [signal["help_request"] for signal in heard] == [request]
    assert (request.is_answered, request.answered_by) == (True, instructor)
    notice = Notification.objects.get(user=student.user)
    assert (notice.kind, notice.title, notice.text) == ("hint", "Module 1", "A <b>bend</b>.")
    assert notice.sender == "Grace Hopper"
    entries = log_registry.get_logs_for_instance(student)
    assert [entry.action for entry in entries] == ["wagtail_live_lms.answer_help"]
    assert Alert.objects.get().cleared_reason == "answered"


def test_who_answers_too_late_is_told(
    student: Enrolment, subject: Subject, instructor: Any
) -> None:
    request = actions.ask_for_help(student, subject)
    alert = Alert.objects.get()
    actions.send_hint(alert, "Like this", by=instructor)
    with pytest.raises(AnsweredMeanwhile):
        actions.answer_help(request, "Or so", by=instructor)
    with pytest.raises(AnsweredMeanwhile):
        actions.send_hint(alert, "Or so", by=instructor)
    assert Notification.objects.count() == 1


def test_a_hint_to_somebody_who_did_not_ask_acknowledges_the_alert(
    student: Enrolment, instructor: Any, course: Course
) -> None:
    quiz = factories.make_quiz(course, title="Knots")
    AlertRule.objects.create(course=course, kind="failed_quiz", threshold=1)
    factories_hand_in(quiz, student)
    alert = Alert.objects.get()
    actions.send_hint(alert, "Read page 3", by=instructor)
    alert.refresh_from_db()
    assert alert.state == "acknowledged"
    notice = Notification.objects.get(user=student.user)
    assert (notice.title, notice.text) == ("Knots", "Read page 3")


def factories_hand_in(quiz: Any, student: Enrolment) -> None:
    attempt = actions.start_attempt(student.user, quiz)
    actions.submit_attempt(attempt, {})


def test_help_that_is_not_offered_cannot_be_asked_for(
    student: Enrolment, subject: Subject, course: Course
) -> None:
    AlertRule.objects.create(course=course, kind="help", is_on=False)
    assert not actions.is_help_offered(course.pk)
    with pytest.raises(HelpNotOffered):
        actions.ask_for_help(student, subject)


def test_who_has_left_cannot_ask_and_is_no_alert(
    student: Enrolment, subject: Subject, course: Course
) -> None:
    actions.ask_for_help(student, Subject("The course"))
    actions.withdraw(student)
    assert not Alert.objects.current().exists()
    with pytest.raises(NotEnrolled):
        actions.ask_for_help(student, subject)


def test_subjects_have_names_of_their_own(course: Course) -> None:
    quiz, module = factories.make_quiz(course), factories.modules_of(course)[0]
    keys = [Subject("").key, Subject("", module).key, Subject("", module, quiz).key]
    keys.append(Subject("", module, quiz, "q1").key)
    assert len(set(keys)) == 4
