"""A quiz whose results are posted by hand, handed in by two students; runs in a site's office."""

from __future__ import annotations

import os
import signal
from typing import Any

from django.contrib.auth import get_user_model
from django.db import transaction

from example_site.bootcamp.demo.people import PASSWORD
from example_site.bootcamp.models import (
    BootcampCoursePage,
    BootcampDashboardPage,
    BootcampLessonPage,
)
from tests import factories
from tests.quiz_taking import hand_in, keyed
from wagtail_live_lms import actions
from wagtail_live_lms.actions.changes import push_drafts
from wagtail_live_lms.exceptions import NothingToPost
from wagtail_live_lms.live import broadcasting
from wagtail_live_lms.models import Quiz, Submission


def make(name: str, undo: bool, essay: bool = True) -> dict[str, Any]:
    """The demo's instructor teaches it; `<name>-1` and `<name>-2` take it.

    Without an essay everything is graded already, and waits to be posted.
    """
    instructor = get_user_model().objects.get(username="instructor")
    course = factories.make_course(instructors=[instructor], slug=f"of-{name}")
    written = factories.question(
        "long_answer", "q1", points="4", guidance="<p>Why?</p>", explanation="<p>Because.</p>"
    )
    questions = [written, keyed("q2", "a")] if essay else [keyed("q1", "a")]
    quiz = factories.make_quiz(
        course, questions, title=f"Quiz of {name}", posting="manual", undo=undo
    )
    attempts = [_taken(quiz, f"{name}-{number}", essay) for number in (1, 2)]
    home = BootcampCoursePage(title=course.title, slug=course.slug, course=course)
    factories.make_page(home)
    body = [("grade_notification", {}), ("quiz", {"quiz": quiz})]
    taking = BootcampLessonPage(title="Quiz", slug="quiz", body=body)
    grading = BootcampDashboardPage(title="Grading", slug="grading", body=[("grade_poster", {})])
    paths = [factories.make_page(page, home).get_url() for page in (taking, grading)]
    ids = {"quiz": quiz.pk, "attempts": [attempt.pk for attempt in attempts]}
    return {"taking": paths[0], "grading": paths[1], **ids}


def post_and_be_killed(quiz: int) -> None:
    """The process dies after the commit, as it is about to tell the open pages."""
    broadcasting.send_hints = lambda sequences: os.kill(os.getpid(), signal.SIGKILL)
    actions.post_grades(Quiz.objects.get(pk=quiz), None)


def post_again(quiz: int) -> str:
    """As whoever comes second; returns how that is refused."""
    try:
        actions.post_grades(Quiz.objects.get(pk=quiz), None)
    except NothingToPost as refusal:
        return refusal.code
    return ""


def touch(attempt: int) -> None:
    """As when a colleague changes something about it."""
    with transaction.atomic():
        found = Submission.objects.select_related("enrolment").get(pk=attempt)
        found.revision += 1
        found.save(update_fields=["revision"])
        push_drafts([found])


def _taken(quiz: Any, username: str, essay: bool) -> Submission:
    given = [f"Because of {username}", "a"] if essay else ["a"]
    user = get_user_model().objects.create_user(username, password=PASSWORD, first_name=username)
    student = actions.enrol(quiz.course, user)
    return hand_in(quiz, *given, enrolment=student)
