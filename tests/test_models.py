"""What the models say of themselves, and what the database refuses to store."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from tests import factories
from wagtail_live_lms import actions
from wagtail_live_lms.models import (
    CourseInstructor,
    CourseTotals,
    Delivery,
    Enrolment,
    Notification,
    NotificationChoice,
    NotificationSettings,
    Progress,
    PushSubscription,
    notification_kinds,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def enrolment() -> Enrolment:
    course = factories.make_course(2, title="Knots", instructors=[factories.make_user()])
    enrolment = factories.make_student(course, "Ada Lovelace")
    factories.complete(enrolment, factories.modules_of(course)[0])
    return enrolment


def test_each_names_itself(enrolment: Enrolment) -> None:
    teaching = CourseInstructor.objects.get()
    assert str(enrolment.course) == "Knots"
    assert str(enrolment) == "Ada Lovelace in Knots"
    assert str(teaching) == f"{teaching.user} teaches Knots"
    assert str(Progress.objects.get()) == "Ada Lovelace: Module 1"
    assert str(CourseTotals.objects.get()) == "Totals of Knots"


def test_notices_and_what_belongs_to_them_name_themselves(enrolment: Enrolment) -> None:
    user, course = enrolment.user, enrolment.course
    (told,) = actions.notify(user, "hint", course, "hint:1", {"title": "Bowline"})
    browser = PushSubscription(pk=3, user=user)
    assert str(told) == f"hint hint:1 for user {user.pk}"
    assert str(NotificationSettings(user=user)) == f"Notification settings of user {user.pk}"
    choice = NotificationChoice(user=user, course=course, kind="hint")
    assert str(choice) == f"hint in course {course.pk} for user {user.pk}"
    assert str(browser) == f"Browser 3 of user {user.pk}"
    delivery = Delivery(notification=told, channel="email")
    assert str(delivery) == f"email of notification {told.pk}: pending"


def test_a_kind_of_notice_has_a_name_of_its_own() -> None:
    notification_kinds.register("postcard", label="Postcard", sentence="“%(title)s” wrote.")
    try:
        with pytest.raises(ValueError, match="postcard"):
            notification_kinds.register("postcard", label="Again", sentence="")
        assert Notification(kind="postcard", payload={"title": "Ada"}).sentence == "“Ada” wrote."
    finally:
        notification_kinds.forget("postcard")
    assert "postcard" not in notification_kinds


@pytest.mark.parametrize(
    "write",
    [
        lambda e: Enrolment.objects.create(course=e.course, user=e.user, display_name="Again"),
        lambda e: Enrolment.objects.filter(pk=e.pk).update(percent=101),
        lambda e: Progress.objects.create(enrolment=e, module=e.progress.get().module),
        lambda e: CourseInstructor.objects.create(
            course=e.course, user=e.course.instructor_links.get().user
        ),
    ],
)
def test_the_database_refuses_what_must_not_be(enrolment: Enrolment, write: object) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        write(enrolment)  # type: ignore[operator]


def test_somebody_is_active_for_some_minutes_after_what_they_did(enrolment: Enrolment) -> None:
    now = timezone.now()
    enrolment.enrolled_at = now - timedelta(days=1)
    for minutes, is_active in ((4, True), (6, False)):
        enrolment.last_activity = now - timedelta(minutes=minutes)
        enrolment.save()
        assert enrolment.is_active_now is is_active
        assert Enrolment.objects.active_now().exists() is is_active


def test_joining_is_no_activity(enrolment: Enrolment) -> None:
    joined = factories.make_student(enrolment.course)
    assert not joined.is_active_now
    assert list(Enrolment.objects.not_started()) == [joined]
    assert list(Enrolment.objects.started()) == [enrolment]


def test_the_average_is_rounded_to_whole_per_cent(enrolment: Enrolment) -> None:
    for _ in range(2):
        factories.make_student(enrolment.course)
    assert CourseTotals.objects.get().average_percent == 17


def test_those_who_never_did_anything_come_last_by_activity(enrolment: Enrolment) -> None:
    joined = factories.make_student(enrolment.course)
    assert list(Enrolment.objects.order_by("-last_activity")) == [enrolment, joined]
    assert list(Enrolment.objects.order_by("last_activity")) == [joined, enrolment]
