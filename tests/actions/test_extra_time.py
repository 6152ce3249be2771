"""More time for a student: at once, never less than was promised, and in the log."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone
from wagtail.log_actions import registry as log_registry

from tests.actions.changes import recorded
from tests.factories import make_course, make_quiz, make_student, make_superuser
from wagtail_live_lms import actions
from wagtail_live_lms.actions.extra_time import grant_extra_time
from wagtail_live_lms.live import personal_topic
from wagtail_live_lms.models import Enrolment, Submission

pytestmark = pytest.mark.django_db


@pytest.fixture
def student() -> Enrolment:
    return make_student(make_course(["quiz_passed"]))


def begin(student: Enrolment, **fields: Any) -> Submission:
    return actions.start_attempt(student.user, make_quiz(student.course, **fields))


def minutes(attempt: Submission) -> float:
    attempt.refresh_from_db()
    assert attempt.deadline is not None
    return (attempt.deadline - attempt.started_at).total_seconds() / 60


def test_an_attempt_under_way_is_prolonged_and_its_pages_are_told(student: Enrolment) -> None:
    attempt = begin(student, time_limit=40)
    with recorded() as said:
        assert grant_extra_time(student, Decimal("1.25"), by=make_superuser()) is True
    assert minutes(attempt) == 50
    topics = {topic for topic, kind, pk in said if (kind, pk) == ("submission", attempt.pk)}
    assert topics == {personal_topic(student.user_id), f"instructor-{student.course_id}"}


def test_later_attempts_get_it_too(student: Enrolment) -> None:
    grant_extra_time(student, Decimal(2), by=make_superuser())
    assert minutes(begin(student, time_limit=30)) == 60


def test_less_time_shortens_no_attempt_under_way(student: Enrolment) -> None:
    staff = make_superuser()
    grant_extra_time(student, Decimal(2), by=staff)
    attempt = begin(student, time_limit=30)
    grant_extra_time(student, Decimal(1), by=staff)
    assert minutes(attempt) == 60
    student.refresh_from_db()
    assert student.extra_time == 1


def test_the_closing_time_holds_for_everybody(student: Enrolment) -> None:
    closes = timezone.now() + timedelta(minutes=35)
    attempt = begin(student, time_limit=30, closes_at=closes)
    grant_extra_time(student, Decimal(2), by=make_superuser())
    attempt.refresh_from_db()
    assert attempt.deadline == closes


def test_ended_and_unlimited_attempts_stay_as_they_are(student: Enrolment) -> None:
    ended, unlimited = begin(student, time_limit=30), begin(student)
    actions.submit_attempt(ended, {})
    grant_extra_time(student, Decimal(2), by=make_superuser())
    assert minutes(ended) == 30
    unlimited.refresh_from_db()
    assert unlimited.deadline is None


def test_it_is_logged_once(student: Enrolment) -> None:
    staff = make_superuser()
    assert grant_extra_time(student, Decimal("1.5"), by=staff) is True
    assert grant_extra_time(student, Decimal("1.5"), by=staff) is False
    entries = log_registry.get_logs_for_instance(student)
    found = entries.filter(action="wagtail_live_lms.extra_time").get()
    assert (found.user_id, found.data) == (staff.pk, {"factor": "1.5", "before": "1"})
