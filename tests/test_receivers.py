"""What other packages change about people reaches open pages."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.signals import user_logged_out
from django.core import serializers
from django.test import Client

from tests import factories
from wagtail_live_lms.models import CourseInstructor, CourseTotals
from wagtail_live_lms.testing import assert_no_pushes, assert_pushes

pytestmark = pytest.mark.django_db


@pytest.fixture
def user() -> Any:
    return factories.make_user("Ada Byron")


def topic_of(user: Any) -> str:
    return f"student-{user.pk}"


def test_logging_out_closes_open_pages(user: Any) -> None:
    client = Client()
    client.force_login(user)
    with assert_pushes(topic_of(user), kind="access", only=True):
        client.logout()


def test_logging_out_without_having_been_in_tells_nobody() -> None:
    with assert_no_pushes():
        user_logged_out.send(sender=None, request=None, user=None)


def test_a_new_password_closes_open_pages(user: Any) -> None:
    user.set_password("something else")
    with assert_pushes(topic_of(user), kind="access", only=True):
        user.save()


def test_a_deactivated_account_closes_open_pages(user: Any) -> None:
    user.is_active = False
    with assert_pushes(topic_of(user), kind="access", only=True):
        user.save(update_fields=["is_active"])


def test_a_new_name_reaches_the_rosters() -> None:
    enrolment = factories.make_student(factories.make_course(), "Ada Byron")
    enrolment.user.last_name = "Lovelace"
    with assert_pushes(f"instructor-{enrolment.course_id}", object_id=enrolment.pk):
        enrolment.user.save()
    enrolment.refresh_from_db()
    assert enrolment.display_name == "Ada Lovelace"


def test_logging_in_tells_nobody(user: Any) -> None:
    with assert_no_pushes():
        Client().force_login(user)


def test_a_new_account_tells_nobody() -> None:
    with assert_no_pushes():
        factories.make_user("Ada Lovelace")


def test_loading_fixtures_tells_nobody(user: Any) -> None:
    course = factories.make_course(instructors=[user])
    link = CourseInstructor.objects.get(course=course)
    stored = serializers.serialize("json", [user, link])
    with assert_no_pushes():
        for item in serializers.deserialize("json", stored):
            item.save()


def test_beginning_and_ceasing_to_teach_is_noticed_at_once(user: Any) -> None:
    course = factories.make_course()
    with assert_pushes(topic_of(user), kind="access", only=True):
        link = CourseInstructor.objects.create(course=course, user=user)
    with assert_pushes(topic_of(user), kind="access", only=True):
        link.delete()


def test_a_deleted_account_leaves_the_rosters_and_their_totals() -> None:
    enrolment = factories.make_student(factories.make_course())
    user, instructors = enrolment.user, f"instructor-{enrolment.course_id}"
    with assert_pushes(instructors, topic_of(user)):
        get_user_model().objects.filter(pk=user.pk).delete()
    assert CourseTotals.objects.get().student_count == 0


def test_a_deleted_course_takes_its_rosters_along_in_silence() -> None:
    course = factories.make_course()
    for _ in range(3):
        factories.make_student(course)
    with assert_no_pushes():
        course.delete()
    assert not CourseTotals.objects.exists()
