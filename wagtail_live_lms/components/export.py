"""The roster as CSV, streamed a few thousand rows at a time, whatever its size."""

import csv
import io
from collections.abc import AsyncIterator, Iterable, Iterator
from typing import Any, cast

from asgiref.sync import sync_to_async
from django.contrib.auth import get_user_model
from django.contrib.auth.decorators import login_required
from django.core.handlers.asgi import ASGIRequest
from django.db.models import F, Q
from django.http import HttpRequest, HttpResponseBase, StreamingHttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from wagtail_live_lms import access
from wagtail_live_lms.live import LiveError, row_id
from wagtail_live_lms.live.views import error_response
from wagtail_live_lms.models import NEVER, Enrolment, QuizStanding

from .roster import read_quizzes

CHUNK = 2000
FIELDS = (
    "pk",
    "display_name",
    "percent",
    "completed_count",
    "last_activity",
    "enrolled_at",
    "quiz_average",
)
# Spreadsheets skip white space, and in East Asian locales take the full-width forms as well.
_FORMULA_STARTS = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20")
_BLANK_STARTS = ("\t", "\r", "\n")


@require_safe
@login_required
def export_roster(request: HttpRequest, course_id: int) -> HttpResponseBase:
    """All current students of a course, for those who teach it."""
    try:
        course = access.get_taught_course_for(request.user, row_id(str(course_id)))
    except LiveError as error:
        return error_response(request, error)
    return csv_response(request, f"{course.slug}-students.csv", roster_chunks(course_id))


def csv_response(
    request: HttpRequest, filename: str, chunks: Iterator[str]
) -> StreamingHttpResponse:
    """A private download, sent while it is being made. The name is plain letters and digits."""
    body = _asynchronously(chunks) if isinstance(request, ASGIRequest) else chunks
    return StreamingHttpResponse(
        body,
        content_type="text/csv; charset=utf-8",
        headers={
            "Content-Disposition": f'attachment; filename="{filename}"',
            "Cache-Control": "private, no-store",
        },
    )


def roster_chunks(course_id: int) -> Iterator[str]:
    """CSV text: a header line, then the students by name. The last columns are the quizzes."""
    quizzes = {quiz.pk: quiz.title for quiz in read_quizzes(course_id)}
    yield csv_start([*_header(), *quizzes.values()])
    after: tuple[str, int] | None = None
    while rows := _rows_after(course_id, after):
        scores = _scores([row["pk"] for row in rows]) if quizzes else {}
        yield csv_lines(
            [*_cells(row), *(scores.get((row["pk"], quiz), "") for quiz in quizzes)] for row in rows
        )
        after = (rows[-1]["display_name"], rows[-1]["pk"])


def safe_cell(value: Any) -> Any:
    """Text that a spreadsheet cannot take for a formula; numbers stay numbers."""
    if not isinstance(value, str):
        return value
    is_risky = value.startswith(_BLANK_STARTS) or value.lstrip().startswith(_FORMULA_STARTS)
    return f"'{value}" if is_risky else value


def _header() -> list[str]:
    return [
        _("Enrolment"),
        _("Student"),
        _("User name"),
        _("Progress in %"),
        _("Modules completed"),
        _("Last activity"),
        _("Enrolled"),
        _("Quiz average in %"),
    ]


def _rows_after(course_id: int, after: tuple[str, int] | None) -> list[dict[str, Any]]:
    students = Enrolment.objects.current().filter(course=course_id)
    if after is not None:
        name, pk = after
        students = students.filter(Q(display_name__gt=name) | Q(display_name=name, pk__gt=pk))
    username = F(f"user__{get_user_model().USERNAME_FIELD}")
    rows = students.order_by("display_name", "pk").values(*FIELDS, username=username)
    return cast("list[dict[str, Any]]", list(rows[:CHUNK]))


def _scores(enrolment_ids: list[int]) -> dict[tuple[int, int], Any]:
    """The scores that count, by enrolment and quiz."""
    standings = QuizStanding.objects.filter(enrolment__in=enrolment_ids, percent__isnull=False)
    rows = standings.values_list("enrolment", "quiz", "percent")
    return {(enrolment, quiz): percent for enrolment, quiz, percent in rows}


def _cells(row: dict[str, Any]) -> list[Any]:
    has_acted = row["last_activity"] > NEVER
    return [
        row["pk"],
        row["display_name"],
        row["username"],
        row["percent"],
        row["completed_count"],
        row["last_activity"].isoformat(timespec="seconds") if has_acted else "",
        row["enrolled_at"].isoformat(timespec="seconds"),
        "" if row["quiz_average"] is None else row["quiz_average"],
    ]


def csv_start(header: list[str]) -> str:
    """The first line, behind the mark that tells spreadsheets that it is UTF-8."""
    return "\ufeff" + csv_lines([header])


def csv_lines(rows: Iterable[list[Any]]) -> str:
    """Rows as CSV; no cell is a formula."""
    out = io.StringIO()
    csv.writer(out).writerows([safe_cell(cell) for cell in row] for row in rows)
    return out.getvalue()


async def _asynchronously(chunks: Iterator[str]) -> AsyncIterator[str]:
    """An ASGI server would read a sync iterator to its end before it sends anything."""
    read = sync_to_async(lambda: next(chunks, None))
    while (chunk := await read()) is not None:
        yield chunk
