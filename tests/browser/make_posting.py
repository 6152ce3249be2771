"""A quiz whose results are posted by hand, handed in by two students; runs in a site's office."""

from __future__ import annotations

from typing import Any

from django.contrib.auth import get_user_model

from example_site.bootcamp.demo.people import PASSWORD
from example_site.bootcamp.models import (
    BootcampCoursePage,
    BootcampDashboardPage,
    BootcampLessonPage,
)
from tests import factories
from tests.quiz_taking import hand_in, keyed
from wagtail_live_lms import actions
from wagtail_live_lms.models import Submission


def make(name: str, undo: bool) -> dict[str, Any]:
    """The demo's instructor teaches it; `<name>-1` and `<name>-2` take it."""
    instructor = get_user_model().objects.get(username="instructor")
    course = factories.make_course(instructors=[instructor], slug=f"of-{name}")
    essay = factories.question(
        "long_answer", "q1", points="4", guidance="<p>Why?</p>", explanation="<p>Because.</p>"
    )
    questions = [essay, keyed("q2", "a")]
    quiz = factories.make_quiz(
        course, questions, title=f"Quiz of {name}", posting="manual", undo=undo
    )
    attempts = [_taken(quiz, f"{name}-{number}") for number in (1, 2)]
    home = BootcampCoursePage(title=course.title, slug=course.slug, course=course)
    factories.make_page(home)
    body = [("grade_notification", {}), ("quiz", {"quiz": quiz})]
    taking = BootcampLessonPage(title="Quiz", slug="quiz", body=body)
    grading = BootcampDashboardPage(title="Grading", slug="grading", body=[("grade_poster", {})])
    paths = [factories.make_page(page, home).get_url() for page in (taking, grading)]
    return {"taking": paths[0], "grading": paths[1], "attempts": [a.pk for a in attempts]}


def _taken(quiz: Any, username: str) -> Submission:
    user = get_user_model().objects.create_user(username, password=PASSWORD, first_name=username)
    student = actions.enrol(quiz.course, user)
    return hand_in(quiz, f"Because of {username}", "a", enrolment=student)
