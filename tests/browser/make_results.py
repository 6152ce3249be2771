"""A quiz with a wrong key that a class has taken, and its pages; runs in a site's office."""

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
from tests.quiz_taking import hand_in, keyed, publish
from wagtail_live_lms import actions
from wagtail_live_lms.models import Quiz

CLASS_SIZE = 9


def make(name: str) -> dict[str, Any]:
    """The demo's instructor teaches it; one student more, called `name`, has yet to begin."""
    instructor = get_user_model().objects.get(username="instructor")
    course = factories.make_course(["by_hand"], instructors=[instructor], slug=f"of-{name}")
    essay = factories.question("long_answer", "q3", points="4", guidance="<p>Why?</p>")
    questions = [keyed("q1", "a"), keyed("q2", "c"), essay]
    quiz = factories.make_quiz(course, questions, title=f"Quiz of {name}", pass_mark=50)
    for number in range(CLASS_SIZE):
        answers = ("a", "b", "Because" if number < 2 else None)
        student = factories.make_student(course, f"Student {number}", username=f"{name}-{number}")
        hand_in(quiz, *answers, enrolment=student)
    user = get_user_model().objects.create_user(name, password=PASSWORD, first_name=name)
    actions.enrol(course, user)
    home = BootcampCoursePage(title=course.title, slug=course.slug, course=course)
    factories.make_page(home)
    taking = BootcampLessonPage(title="Quiz", slug="quiz", body=[("quiz", {"quiz": quiz})])
    body = [("quiz_results", {"quiz": quiz})]
    results = BootcampDashboardPage(title="Results", slug="results", body=body)
    paths = [factories.make_page(page, home).get_url() for page in (taking, results)]
    return {"taking": paths[0], "results": paths[1], "quiz": quiz.pk, "course": course.pk}


def mend(quiz_id: int) -> dict[str, Any]:
    """Publish the quiz with the right key."""
    quiz = Quiz.objects.get(pk=quiz_id)
    essay = quiz.question_data[2]
    publish(quiz, keyed("q1", "a"), keyed("q2", "b"), essay)
    return {"quiz": quiz_id}
