"""`end_overdue_attempts` ends what nobody looked at, and says how much that was."""

from __future__ import annotations

import io
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.utils import timezone

from tests import factories
from tests.quiz_taking import begin
from wagtail_live_lms.models import Submission

pytestmark = pytest.mark.django_db


def end_overdue() -> str:
    printed = io.StringIO()
    call_command("end_overdue_attempts", stdout=printed, no_color=True)
    return printed.getvalue()


def test_overdue_attempts_of_every_course_end_once() -> None:
    for _ in range(2):
        begin(factories.make_quiz(time_limit=1))
    Submission.objects.update(deadline=timezone.now() - timedelta(minutes=1))
    running = begin(factories.make_quiz(time_limit=1))
    assert end_overdue() == "Attempts ended: 2.\n"
    assert list(Submission.objects.open()) == [running]
    assert end_overdue() == "Attempts ended: 0.\n"
