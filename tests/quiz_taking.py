"""Attempts at quizzes, taken by the verbs, and quizzes published with another key."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from tests import factories
from wagtail_live_lms import actions
from wagtail_live_lms.actions import Given
from wagtail_live_lms.models import Enrolment, Quiz, Submission


def begin(quiz: Quiz, enrolment: Enrolment | None = None) -> Submission:
    """An attempt under way, by somebody new unless given."""
    enrolment = enrolment or factories.make_student(quiz.course)
    return actions.start_attempt(enrolment.user, quiz)


def given(*responses: Any) -> dict[str, Given]:
    """Responses to q1, q2 and so on, given now."""
    at = actions.milliseconds(timezone.now())
    return {f"q{n}": Given(response, at) for n, response in enumerate(responses, 1)}


def hand_in(quiz: Quiz, *responses: Any, enrolment: Enrolment | None = None) -> Submission:
    """An attempt that was handed in with these responses."""
    return actions.submit_attempt(begin(quiz, enrolment), given(*responses))


def publish(quiz: Quiz, *questions: dict[str, Any], **fields: Any) -> Quiz:
    """The quiz, published with other questions or rules."""
    quiz = Quiz.objects.get(pk=quiz.pk)
    if questions:
        quiz.questions = list(questions)
    for name, value in fields.items():
        setattr(quiz, name, value)
    quiz.save()
    return Quiz.objects.select_related("course", "module").get(pk=quiz.pk)


def keyed(ident: str, right: str, **value: Any) -> dict[str, Any]:
    """A single choice question of three whose right choice is a, b or c."""
    texts = {"a": "Alpha", "b": "Beta", "c": "Gamma"}
    choices = factories.items(*({"text": texts[id], "correct": id == right} for id in texts))
    return factories.question("single_choice", ident, choices=choices, **value)
