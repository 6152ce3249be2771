"""Grades as CSV: out for grading elsewhere, and in again as drafts."""

import csv
import io
import json
import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.decorators import login_required
from django.db.models import F, Q
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.utils.cache import patch_cache_control
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.http import require_POST, require_safe

from wagtail_live_lms import access, actions
from wagtail_live_lms.actions import GradeLine, ImportedGrades, RefusedLine
from wagtail_live_lms.live import InvalidInput, LiveError, row_id
from wagtail_live_lms.live.views import error_response
from wagtail_live_lms.models import Answer, Outcome, Paper, Quiz, SubmissionState, paper_of

from .export import csv_response, safe_cell
from .item_figures import title_of

COLUMNS = (
    "submission",
    "enrolment",
    "user_name",
    "student",
    "attempt",
    "question",
    "question_text",
    "response",
    "points",
    "maximum",
    "comment",
    "revision",
)
"""In this order and in no language, for programs to rely on."""

READ = {"submission", "enrolment", "question", "points", "comment", "revision"}
CHUNK = 500
MAX_BYTES = 5 * 1024 * 1024
MAX_ROWS = 20_000
_ID = re.compile(r"\d{1,18}", re.ASCII)
_POINTS = re.compile(r"\d{1,6}(?:[.,]\d{1,6})?", re.ASCII)


@require_safe
@login_required
def export_grades(request: HttpRequest, quiz_id: int) -> HttpResponseBase:
    """Every answer of a quiz that a person grades, for those who teach its course."""
    try:
        quiz = access.get_quiz_taught_by(request.user, row_id(str(quiz_id)))
    except LiveError as error:
        return error_response(request, error)
    name = slugify(quiz.title, allow_unicode=False) or f"quiz-{quiz.pk}"
    return csv_response(request, f"{name}-grades.csv", grade_chunks(quiz))


@require_POST
@csrf_protect
@login_required
def import_grades(request: HttpRequest, quiz_id: int) -> HttpResponseBase:
    """Keep the grades of a file as drafts, and say of each row that was refused why."""
    try:
        quiz = access.get_quiz_taught_by(request.user, row_id(str(quiz_id)))
        done = import_file(quiz, request.FILES.get("file"), request.user)
    except LiveError as error:
        return error_response(request, error)
    context = {"quiz": quiz, "done": done, "return_url": _page_before(request)}
    response = render(request, "wagtail_live_lms/grade_poster/imported.html", context)
    patch_cache_control(response, private=True, no_store=True)
    return response


def _page_before(request: HttpRequest) -> str:
    url = request.headers.get("Referer", "")
    is_ours = url_has_allowed_host_and_scheme(url, {request.get_host()}, request.is_secure())
    return url if is_ours else ""


def grade_chunks(quiz: Quiz) -> Iterator[str]:
    """CSV text: a header line, then the answers in the order they were stored."""
    yield "\ufeff" + _lines([list(COLUMNS)])
    after = 0
    while answers := _answers_after(quiz, after):
        yield _lines(_cells(answer) for answer in answers)
        after = answers[-1].pk


def import_file(quiz: Quiz, file: Any, by: Any) -> ImportedGrades:
    """Read a file and keep its grades as drafts. Raises InvalidInput for what is no such table."""
    lines: list[GradeLine] = []
    refused: list[RefusedLine] = []
    for number, row in _rows(_text(file)):
        if not (row.get("points") or "").strip():
            continue
        try:
            lines.append(_line(number, row))
        except InvalidInput as error:
            refused.append(RefusedLine(number, str(error.message)))
    done = actions.import_grades(quiz, lines, by)
    every = sorted((*refused, *done.refused), key=lambda line: line.number)
    return ImportedGrades(done.drafted, done.unchanged, tuple(every))


def _text(file: Any) -> str:
    if file is None:
        raise InvalidInput(message=_("Choose a file."))
    if file.size > MAX_BYTES:
        raise InvalidInput(message=_("The file is too large."))
    try:
        return str(file.read().decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise InvalidInput(message=_("Save the table as CSV in UTF-8.")) from error


def _rows(text: str) -> Iterator[tuple[int, Mapping[str, str]]]:
    """The rows with their line numbers, however a spreadsheet separates them."""
    header = text.partition("\n")[0]
    between = max(",;\t", key=header.count)
    reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=between, strict=True)
    try:
        missing = READ - set(reader.fieldnames or ())
        if missing:
            names = {"names": ", ".join(sorted(missing))}
            raise InvalidInput(message=_("These columns are missing: %(names)s.") % names)
        for count, row in enumerate(reader):
            if count >= MAX_ROWS:
                raise InvalidInput(message=_("The file has too many rows."))
            yield reader.line_num, row
    except csv.Error as error:
        raise InvalidInput(message=_("The file is not a CSV table.")) from error


def _line(number: int, row: Mapping[str, str]) -> GradeLine:
    comment = _unquoted(row["comment"] or "").strip()
    if len(comment) > 5000:
        raise InvalidInput(message=_("The comment is longer than 5000 characters."))
    return GradeLine(
        number,
        _whole(row["submission"]),
        _whole(row["enrolment"]),
        _unquoted(row["question"] or ""),
        _points(row["points"]),
        comment,
        _whole(row["revision"]),
    )


def _whole(text: str | None) -> int:
    if not _ID.fullmatch((text or "").strip()):
        raise InvalidInput(message=_("An id or the revision is not a whole number."))
    return int(text or "")


def _points(text: str) -> Decimal:
    if not _POINTS.fullmatch(text.strip()):
        raise InvalidInput(message=_("The points are not a number."))
    return Decimal(text.strip().replace(",", "."))


def _answers_after(quiz: Quiz, after: int) -> list[Any]:
    by_hand = Q(outcome=Outcome.PENDING) | Q(graded_at__isnull=False) | Q(drafted_at__isnull=False)
    answers = Answer.objects.filter(by_hand, submission__quiz=quiz, pk__gt=after)
    ended = answers.exclude(submission__state=SubmissionState.OPEN)
    username = F(f"submission__enrolment__user__{get_user_model().USERNAME_FIELD}")
    rows = ended.select_related("submission__enrolment", "submission__version")
    return list(
        rows.defer("submission__version__content")
        .annotate(username=username)
        .order_by("pk")[:CHUNK]
    )


def _cells(answer: Any) -> list[Any]:
    submission, points = answer.submission, actions.given_points(answer)
    is_graded = answer.is_draft or answer.is_graded_by_hand
    return [
        submission.pk,
        submission.enrolment_id,
        answer.username,
        submission.enrolment.display_name,
        submission.number,
        answer.question_id,
        _title(paper_of(submission.version), answer.question_id),
        _response(answer.response),
        points if is_graded else "",
        answer.maximum,
        actions.given_comment(answer),
        actions.grading_revision(answer),
    ]


def _title(paper: Paper, question_id: str) -> str:
    question = paper.by_id.get(question_id)
    return title_of(question) if question else ""


def _response(response: Any) -> str:
    return response if isinstance(response, str) else json.dumps(response, ensure_ascii=False)


def _lines(rows: Any) -> str:
    out = io.StringIO()
    csv.writer(out).writerows([_quoted(cell) for cell in row] for row in rows)
    return out.getvalue()


def _quoted(value: Any) -> Any:
    """No formula, and what begins with the mark that says so has another one."""
    if isinstance(value, str) and value.startswith("'"):
        return f"'{value}"
    return safe_cell(value)


def _unquoted(text: str) -> str:
    return text.removeprefix("'")
