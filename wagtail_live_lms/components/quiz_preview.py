"""What students will see, shown to editors: nothing is stored, and nobody's answers are read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext

from wagtail_live_lms.grading import LongAnswer, Matching, Question, Result, grade_all
from wagtail_live_lms.models import FeedbackDetail, FeedbackTime, Paper, PreviewMode, Quiz
from wagtail_live_lms.models.quiz_checks import readable_questions

from .quiz_paper import Judged, PaperView, Policy, present

SEED = "preview"
GUESSES = ("?", "0", "1", "-1", "123456789")


@dataclass(frozen=True, slots=True)
class QuizPreview:
    """A quiz before or after it is handed in, every answer right or every one wrong."""

    paper: PaperView
    is_open: bool
    score: Decimal
    maximum: Decimal
    passed: bool

    @property
    def percent(self) -> Decimal:
        return self.score / self.maximum * 100 if self.maximum else Decimal(0)


def preview_quiz(quiz: Quiz, mode: str) -> QuizPreview:
    """The quiz as it would be; questions that are not complete yet are left out.

    Whoever grades by hand is taken to agree: all points in one mode, none in the other.
    """
    questions = readable_questions(quiz)
    responses = dict(_responses(questions, mode))
    graded = grade_all(questions, responses)
    judged = {id: _judged(result, mode) for id, result in graded.results.items()}
    score = sum((result.points or Decimal(0) for result in judged.values()), Decimal(0))
    is_open = mode not in (PreviewMode.RIGHT, PreviewMode.WRONG)
    passed = not is_open and score * 100 >= quiz.pass_mark * graded.maximum
    policy = _policy(quiz, is_open=is_open, passed=passed)
    paper = present(Paper(questions), responses, {} if is_open else judged, SEED, policy)
    return QuizPreview(paper, is_open, score, graded.maximum, passed)


def preview_question(question: Question) -> PaperView:
    """One question before it is answered."""
    return present(Paper((question,)), {}, {}, SEED, Policy(is_open=True))


def wrong_response(question: Question) -> Any:
    """The response worth least among those a student might give."""
    tries = [response for response in _wrong(question) if not question.is_blank(response)]
    return min(tries, key=lambda response: question.grade(response).fraction, default=None)


def _responses(questions: Iterable[Question], mode: str) -> Iterator[tuple[str, Any]]:
    for question in questions:
        if mode == PreviewMode.RIGHT:
            yield question.id, question.correct_response() or _written(question)
        elif mode == PreviewMode.WRONG:
            yield question.id, wrong_response(question)


def _written(question: Question) -> str | None:
    if not isinstance(question, LongAnswer):
        return None
    return gettext("An answer in the student's own words.")


def _judged(result: Result, mode: str) -> Judged:
    if result.outcome != "pending":
        return Judged(result.outcome, result.points, result.maximum)
    if mode == PreviewMode.RIGHT:
        return Judged("correct", result.maximum, result.maximum)
    return Judged("incorrect", Decimal(0), result.maximum)


def _wrong(question: Question) -> Iterator[Any]:
    if isinstance(question, Matching):
        prompts = [prompt.id for prompt in question.prompts(SEED)]
        options = [option.id for option in question.order(SEED)]
        for shift in range(len(options)):
            turned = options[shift:] + options[:shift]
            yield dict(zip(prompts, turned * len(prompts), strict=False))
        return
    right = question.correct_response()
    options = [option.id for option in question.order(SEED)]
    written = _written(question)
    if written:
        yield written
    elif isinstance(right, list):
        yield [id for id in options if id not in right] or [*right[1:], *right[:1]]
    else:
        yield from options or GUESSES


def _policy(quiz: Quiz, *, is_open: bool, passed: bool) -> Policy:
    def may_see(time: str) -> bool:
        return not is_open and (
            time == FeedbackTime.AT_ONCE or (time == FeedbackTime.AFTER_PASSING and passed)
        )

    shows_results = may_see(quiz.feedback_time)
    return Policy(
        is_open=is_open,
        shows_results=shows_results,
        shows_feedback=shows_results and quiz.feedback_detail == FeedbackDetail.FEEDBACK,
        shows_answers=may_see(quiz.answers_time),
        shuffles_questions=quiz.shuffle_questions,
        shuffles_choices=quiz.shuffle_choices,
    )
