"""Grades that wait to be posted, and their posting; runs in a site's office."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from example_site.bootcamp.demo.pages import COURSE_SLUG
from tests import factories
from tests.quiz_taking import hand_in, keyed
from wagtail_live_lms import actions
from wagtail_live_lms.exceptions import NothingToPost
from wagtail_live_lms.models import Course, Enrolment, Notification, Quiz


def make(names: list[str], title: str) -> dict[str, Any]:
    """Each has handed in a quiz of the demo's course whose results are posted by hand."""
    course = Course.objects.get(slug=COURSE_SLUG)
    quiz = factories.make_quiz(
        course, [keyed("q1", "a")], title=title, posting="manual", undo=False
    )
    students = {s.user.username: s for s in Enrolment.objects.filter(course=course)}
    attempts = [hand_in(quiz, "a", enrolment=students[name]).pk for name in names]
    return {"quiz": quiz.pk, "attempts": attempts}


def post(quiz: int, attempts: list[int]) -> None:
    """Post some of them."""
    actions.post_grades(Quiz.objects.get(pk=quiz), None, attempts)


def deliver_again(quiz: int) -> None:
    """As whoever comes second."""
    actions.release_due()
    with suppress(NothingToPost):
        actions.post_grades(Quiz.objects.get(pk=quiz), None)
    actions.deliver_due()


def count_notices(title: str) -> dict[str, int]:
    """How many notices about it each student has."""
    counts: dict[str, int] = {}
    for notice in Notification.objects.select_related("user").filter(payload__title=title):
        name = notice.user.get_username()
        counts[name] = counts.get(name, 0) + 1
    return counts
