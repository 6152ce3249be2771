"""The results of a quiz as CSV: a row for each attempt, two columns for each question."""

import html
from collections.abc import Iterator, Mapping
from typing import Any

from django.contrib.auth import get_user_model
from django.core.exceptions import PermissionDenied
from django.db.models import F, Q
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils.html import strip_tags
from django.utils.text import Truncator, slugify
from django.utils.translation import gettext as _
from django.views import View

from wagtail_live_lms import access
from wagtail_live_lms.components.export import csv_lines, csv_response, csv_start
from wagtail_live_lms.grading import Matching, Ordering, Question
from wagtail_live_lms.models import Answer, Quiz, QuizVersion, Submission, paper_of

from .quiz_list import may_see_results

CHUNK = 500
Key = tuple[str, int, int]


class ResultsView(View):
    """The download, for those who may see both quizzes and the students of this one's course."""

    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        if not may_see_results(request.user):
            raise PermissionDenied
        courses = access.get_watched_courses_for(request.user)
        quiz = get_object_or_404(Quiz, pk=pk, course__in=courses)
        name = slugify(quiz.title, allow_unicode=False) or f"quiz-{quiz.pk}"
        return csv_response(request, f"{name}-results.csv", result_chunks(quiz))


def result_chunks(quiz: Quiz) -> Iterator[str]:
    """CSV text: a header line, then the attempts by student."""
    versions = QuizVersion.objects.filter(submissions__quiz=quiz).distinct().order_by("-number")
    questions: dict[str, Question] = {}
    for version in versions:
        questions = questions | {
            id: question
            for id, question in paper_of(version).answerable.items()
            if id not in questions
        }
    yield csv_start(_header(questions))
    after: Key | None = None
    while attempts := _attempts_after(quiz, after):
        yield csv_lines(_cells(attempt, questions) for attempt in attempts)
        after = _key(attempts[-1])


def response_text(question: Question, response: Any) -> str:
    """A stored response as somebody would write it down."""
    texts = {option.id: plain(option.text) for option in question.order("")}
    texts |= {"true": _("True"), "false": _("False")} if texts.keys() == {"true", "false"} else {}
    match response:
        case None:
            return ""
        case list():
            between = " > " if isinstance(question, Ordering) else "; "
            return between.join(texts.get(str(id), str(id)) for id in response)
        case Mapping():
            return "; ".join(_pairs(question, response, texts))
    return texts.get(str(response), str(response))


def plain(text: str) -> str:
    """Rich text without its marks."""
    return " ".join(html.unescape(strip_tags(text)).split())


def _pairs(question: Question, response: Mapping[str, Any], texts: dict[str, str]) -> list[str]:
    prompts = question.prompts("") if isinstance(question, Matching) else ()
    names = {prompt.id: plain(prompt.text) for prompt in prompts}
    return [
        f"{names.get(prompt, prompt)}: {texts.get(str(option), str(option))}"
        for prompt, option in response.items()
    ]


def _header(questions: dict[str, Question]) -> list[str]:
    columns = [
        _("Student"),
        _("User name"),
        _("Attempt"),
        _("State"),
        _("Started"),
        _("Handed in"),
        _("Points"),
        _("Points at most"),
        _("Score in %"),
        _("Passed"),
    ]
    for number, question in enumerate(questions.values(), 1):
        values = {"number": number, "question": Truncator(plain(question.text)).chars(60)}
        columns.append(_("%(number)d. %(question)s: points") % values)
        columns.append(_("%(number)d. %(question)s: response") % values)
    return columns


def _attempts_after(quiz: Quiz, after: Key | None) -> list[Submission]:
    attempts = Submission.objects.filter(quiz=quiz)
    if after is not None:
        name, enrolment, number = after
        same_name = Q(enrolment__display_name=name)
        attempts = attempts.filter(
            Q(enrolment__display_name__gt=name)
            | same_name & Q(enrolment__gt=enrolment)
            | same_name & Q(enrolment=enrolment, number__gt=number)
        )
    username = F(f"enrolment__user__{get_user_model().USERNAME_FIELD}")
    rows = attempts.annotate(username=username).select_related("enrolment", "version")
    rows = rows.defer("version__content").prefetch_related("answers")
    return list(rows.order_by("enrolment__display_name", "enrolment", "number")[:CHUNK])


def _key(attempt: Submission) -> Key:
    return attempt.enrolment.display_name, attempt.enrolment_id, attempt.number


def _cells(attempt: Any, questions: dict[str, Question]) -> list[Any]:
    answers = {answer.question_id: answer for answer in attempt.answers.all()}
    paper = paper_of(attempt.version)
    cells = [
        attempt.enrolment.display_name,
        attempt.username,
        attempt.number,
        attempt.get_state_display(),
        attempt.started_at.isoformat(timespec="seconds"),
        attempt.ended_at.isoformat(timespec="seconds") if attempt.ended_at else "",
        *[_number(value) for value in (attempt.score, attempt.maximum, attempt.percent)],
        "" if attempt.passed is None else _("Yes") if attempt.passed else _("No"),
    ]
    for id, question in questions.items():
        cells += _answer_cells(answers.get(id), paper.by_id.get(id, question))
    return cells


def _answer_cells(answer: Answer | None, question: Question) -> list[Any]:
    if answer is None:
        return ["", ""]
    return [_number(answer.points), response_text(question, answer.response)]


def _number(value: Any) -> Any:
    return "" if value is None else value
