"""Many look, ask and answer at once: one alert, one request, one answer."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from tests import factories
from wagtail_live_lms import actions
from wagtail_live_lms.actions import Subject
from wagtail_live_lms.actions.alerts import open_alerts
from wagtail_live_lms.exceptions import AnsweredMeanwhile
from wagtail_live_lms.models import Alert, Cause, Enrolment, HelpRequest, Notification

from .test_concurrency import at_once

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_cause_that_many_notice_is_one_alert() -> None:
    course = factories.make_course(1)
    for _ in range(3):
        factories.make_student(course)
    Enrolment.objects.update(enrolled_at=timezone.now() - timedelta(days=30))
    looked = at_once([lambda: actions.look_for_alerts(course.pk)] * 8)
    assert sum(found.opened for found in looked) == Alert.objects.count() == 3


def test_even_without_the_courses_lock_there_is_one() -> None:
    course = factories.make_course(1)

    def notice() -> int:
        with transaction.atomic():
            return len(open_alerts(course.pk, [("stuck", Cause("somebody"))]))

    assert sum(at_once([notice] * 8)) == Alert.objects.count() == 1


def test_who_asks_eight_times_has_asked_once() -> None:
    student = factories.make_student(factories.make_course(1))
    at_once([lambda: actions.ask_for_help(student, Subject("Knots"))] * 8)
    assert HelpRequest.objects.count() == Alert.objects.count() == 1


def test_one_of_two_answers_is_sent() -> None:
    instructor = factories.make_user()
    course = factories.make_course(1, instructors=[instructor])
    actions.ask_for_help(factories.make_student(course), Subject("Knots"))
    alert = Alert.objects.get()

    def answer() -> bool:
        try:
            actions.send_hint(alert, "So.", by=instructor)
        except AnsweredMeanwhile:
            return False
        return True

    assert sorted(at_once([answer] * 4)) == [False, False, False, True]
    assert Notification.objects.count() == 1
