"""Tells a student of a grade, ; runs in a site's office."""

from __future__ import annotations

from django.contrib.auth import get_user_model

from wagtail_live_lms import actions
from wagtail_live_lms.models import Course, NotificationKind


def make(*, username: str, title: str) -> str:
    """What the student reads."""
    user = get_user_model()._default_manager.get(username=username)
    course = Course.objects.get(enrolments__user=user)
    payload = {"title": title, "url": "/python-bootcamp/", "score": "8", "maximum": "10"}
    (told,) = actions.notify(user, NotificationKind.GRADE_POSTED, course, "grade:1:1", payload)
    return str(told.sentence)
