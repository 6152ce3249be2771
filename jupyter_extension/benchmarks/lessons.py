"""Makes modules with a notebook each for one student, in the office of a site."""

from __future__ import annotations

import json

from django.contrib.auth import get_user_model

from tests import factories
from wagtail_live_lms import actions
from wagtail_live_lms.models import Course, Module
from wagtail_live_lms.notebooks import notebook_response

RULE = "notebook_finished"


def make(*, username: str, site: str, lessons: int) -> dict[str, object]:
    """A token of the student, and their notebooks."""
    user = get_user_model()._default_manager.get(username=username)
    course = Course.objects.get(enrolments__user=user)
    made = [_lesson(course, number, site) for number in range(lessons)]
    actions.recount_course(course)
    token = actions.create_token(user, "benchmark").text
    return {"token": token, "notebooks": made}


def _lesson(course: Course, number: int, site: str) -> dict[str, object]:
    module = Module.objects.create(
        course=course, title=f"Lesson {number}", completion_rule=RULE, sort_order=1000 + number
    )
    lesson = factories.make_notebook_lesson(module)
    notebook: dict[str, object] = json.loads(notebook_response(lesson, site).content)
    return notebook
