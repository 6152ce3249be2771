"""The HTML of one question, kept for a moment while it is unanswered.

A class that begins together gets the same questions: each is drawn once, not once per student.
"""

from __future__ import annotations

import time
from functools import lru_cache

from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from wagtail_live_lms.components.quiz_paper import QuestionView

TEMPLATE = "wagtail_live_lms/quiz/question.html"
KEPT_SECONDS = 10
"""How much later a changed template, or a changed address in a text, may be seen."""
KEPT_QUESTIONS = 2048


def draw_question(item: QuestionView) -> SafeString:
    """What `quiz/question.html` makes of the question, which is all that it is given."""
    if not item.is_open or item.is_answered:
        return _draw(item)
    return _drawn(item, get_language(), int(time.monotonic()) // KEPT_SECONDS)


def _draw(item: QuestionView) -> SafeString:
    return render_to_string(TEMPLATE, {"item": item})


@lru_cache(maxsize=KEPT_QUESTIONS)
def _drawn(item: QuestionView, language: str | None, moment: int) -> SafeString:
    return _draw(item)
