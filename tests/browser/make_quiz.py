"""Makes a course with a quiz, a page for it, and somebody who takes it; runs in a site's office."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib.auth import get_user_model
from django.utils import timezone

from example_site.bootcamp.models import BootcampCoursePage, BootcampLessonPage
from tests import factories
from wagtail_live_lms import actions


def make(
    *,
    username: str,
    password: str,
    questions: list[dict[str, Any]],
    course: dict[str, Any],
    quiz: dict[str, Any],
    attempts: list[dict[str, Any]],
) -> dict[str, Any]:
    """The page's path and the ids.

    Times of the quiz are in seconds from now; `attempts` are handed in beforehand.
    """
    for name in {"opens_at", "closes_at"} & set(quiz):
        quiz[name] = timezone.now() + timedelta(seconds=quiz[name])
    rules = course.pop("rules", ["quiz_passed"])
    made = factories.make_course(rules, **{"slug": f"taken-by-{username}"} | course)
    module = factories.modules_of(made)[-1]
    made_quiz = factories.make_quiz(made, questions, module=module, **quiz)
    user = get_user_model().objects.create_user(username, password=password)
    actions.enrol(made, user)
    for given in attempts:
        attempt = actions.start_attempt(user, made_quiz)
        answers = {key: actions.Given(value, 1) for key, value in given.items()}
        actions.submit_attempt(attempt, answers)
    body = [("quiz", {"quiz": made_quiz}), ("course_progress", {"course": made})]
    home = BootcampCoursePage(title=made.title, slug=made.slug, course=made)
    page = BootcampLessonPage(title="Checkpoint", slug="checkpoint", body=body)
    factories.make_page(page, factories.make_page(home))
    return {"path": page.get_url(), "quiz": made_quiz.pk, "course": made.pk}
