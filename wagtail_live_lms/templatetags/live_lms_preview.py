"""`{% load live_lms_preview %}`: what editors see of quizzes and questions before students do."""

from typing import Any

from django import template

from wagtail_live_lms.components.quiz_paper import PaperView
from wagtail_live_lms.components.quiz_preview import QuizPreview, preview_question, preview_quiz
from wagtail_live_lms.models import Quiz
from wagtail_live_lms.models.quiz_checks import load_stored

register = template.Library()


@register.simple_tag
def quiz_preview(quiz: Quiz, mode: str) -> QuizPreview:
    """The quiz in one of its preview modes."""
    return preview_quiz(quiz, mode)


@register.simple_tag
def question_preview(block: Any) -> PaperView:
    """A question type's sample, as `quiz/paper.html` shows it."""
    value = block.get_prep_value(block.get_preview_value())
    return preview_question(load_stored({"type": block.name, "id": "sample", "value": value}))
