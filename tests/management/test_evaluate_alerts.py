"""`evaluate_alerts` opens what nobody looked for."""

from __future__ import annotations

import io
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from tests import factories
from wagtail_live_lms.models import Alert, Enrolment

pytestmark = pytest.mark.django_db


def evaluate(**options: str) -> list[str]:
    printed = io.StringIO()
    call_command("evaluate_alerts", stdout=printed, **options)
    return printed.getvalue().splitlines()


def test_all_courses_or_one() -> None:
    for slug in ("bends", "knots"):
        factories.make_student(factories.make_course(1, slug=slug))
    Enrolment.objects.update(enrolled_at=timezone.now() - timedelta(days=30))
    assert evaluate(course="knots") == ["knots: 1 opened, 0 cleared"]
    assert evaluate() == ["bends: 1 opened, 0 cleared", "knots: 0 opened, 0 cleared"]
    assert Alert.objects.count() == 2


def test_a_course_nobody_knows_is_an_error() -> None:
    with pytest.raises(CommandError, match="no course 'splices'"):
        evaluate(course="splices")
