"""Reports on the courses that a person teaches, downloaded as they are seen."""

from collections.abc import Iterator
from itertools import islice
from typing import Any

import django_filters
from django.contrib.auth import get_user_model
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseBase
from django.urls import URLPattern, path, reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from wagtail.admin.filters import DateRangePickerWidget, WagtailFilterSet
from wagtail.admin.menu import MenuItem
from wagtail.admin.ui.tables import Column, DateColumn, NumberColumn
from wagtail.admin.views.reports import ReportView

from wagtail_live_lms import access
from wagtail_live_lms.components.export import csv_lines, csv_response, csv_start, safe_cell
from wagtail_live_lms.live import NotFound
from wagtail_live_lms.models import Course, Enrolment, Progress, Quiz, QuizStanding, Source

from .enrolments import EnrolmentFilterSet, state_of

CHUNK = 500
TEACHES = "_live_lms_teaches"
RESULTS = {"passed": _("Passed"), "failed": _("Not passed"), "ungraded": _("Not graded yet")}


def result_of(standing: QuizStanding) -> Any:
    """What a student's attempts at a quiz came to, in words."""
    if standing.percent is None:
        return RESULTS["ungraded"]
    return RESULTS["passed" if standing.passed else "failed"]


def taught_courses(request: HttpRequest) -> QuerySet[Course]:
    """What a report is about and may be filtered by."""
    return access.get_taught_courses_for(request.user)


def taught_quizzes(request: HttpRequest) -> QuerySet[Quiz]:
    """The quizzes of these courses."""
    return Quiz.objects.filter(course__in=taught_courses(request)).defer("questions")


class TaughtCourseFilter(django_filters.ModelChoiceFilter):
    """One of the person's courses."""

    def __init__(self, **kwargs: Any) -> None:
        choices = {"queryset": taught_courses, "empty_label": _("All courses")}
        super().__init__(label=_("Course"), **choices, **kwargs)


class ProgressFilterSet(EnrolmentFilterSet):
    """By course and by state."""

    course = TaughtCourseFilter()


class ResultFilterSet(WagtailFilterSet):
    """By course, by quiz, and by whether it was passed."""

    course = TaughtCourseFilter(field_name="quiz__course")
    quiz = django_filters.ModelChoiceFilter(
        queryset=taught_quizzes, label=_("Quiz"), empty_label=_("All quizzes")
    )
    result = django_filters.ChoiceFilter(
        choices=list(RESULTS.items()),
        label=_("Result"),
        empty_label=_("All results"),
        method="filter_result",
    )

    class Meta:
        model = QuizStanding
        fields = ["course", "quiz"]

    def filter_result(self, rows: Any, name: str, result: str) -> QuerySet[QuizStanding]:
        if result == "ungraded":
            return rows.filter(percent=None)
        return rows.filter(percent__isnull=False, passed=result == "passed")


class ActivityFilterSet(WagtailFilterSet):
    """By course, by day, and by where something was completed."""

    course = TaughtCourseFilter(field_name="enrolment__course")
    source = django_filters.ChoiceFilter(
        choices=Source.choices, label=_("Completed"), empty_label=_("Everywhere")
    )
    completed_at = django_filters.DateFromToRangeFilter(
        label=_("Date"), widget=DateRangePickerWidget
    )

    class Meta:
        model = Progress
        fields = ["course", "source", "completed_at"]


class CourseReport(ReportView):
    """A report whose columns are its download. It does not exist for those who teach nothing."""

    courses_lookup: str
    header_icon = "table"
    is_searchable = True

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not teaches(request):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def get_base_queryset(self) -> QuerySet[Any]:
        rows = super().get_base_queryset()
        return rows.filter(**{f"{self.courses_lookup}__in": taught_courses(self.request)})

    def get_queryset(self) -> QuerySet[Any]:
        # The same order for equals on every page and in every download.
        rows = super().get_queryset()
        return rows.order_by(*rows.query.order_by, "pk")

    def preprocess_field_value(self, field: str, value: Any, export_format: str) -> Any:
        return safe_cell(super().preprocess_field_value(field, value, export_format))

    @cached_property
    def list_export(self) -> list[str]:
        return [column.name for column in self.columns]

    @cached_property
    def export_headings(self) -> dict[str, Any]:
        return {column.name: column.label for column in self.columns}

    def to_row_dict(self, item: Any) -> dict[str, Any]:
        return {column.name: column.get_value(item) for column in self.columns}

    def write_csv_response(self, queryset: QuerySet[Any]) -> HttpResponseBase:
        return csv_response(self.request, f"{self.export_filename}.csv", self._chunks(queryset))

    def _chunks(self, queryset: QuerySet[Any]) -> Iterator[str]:
        yield csv_start([str(column.label) for column in self.columns])
        rows = queryset.iterator(chunk_size=CHUNK)
        while chunk := list(islice(rows, CHUNK)):
            yield csv_lines(self._cells(row) for row in chunk)

    def _cells(self, row: Any) -> list[Any]:
        cells = self.to_row_dict(row).items()
        return [self.preprocess_field_value(name, cell, self.FORMAT_CSV) for name, cell in cells]


def _people(path: str) -> list[Column]:
    """The student of each row, with the user name that tells namesakes apart."""
    name, user = f"{path}display_name", f"{path}user"
    username = f"{user}__{get_user_model().USERNAME_FIELD}"
    dotted = user.replace("__", ".")
    return [
        Column("student", label=_("Student"), accessor=name.replace("__", "."), sort_key=name),
        Column(
            "username",
            label=_("User name"),
            accessor=f"{dotted}.get_username",
            sort_key=username,
        ),
    ]


def _searched(path: str) -> list[str]:
    return [f"{path}display_name", f"{path}user__{get_user_model().USERNAME_FIELD}"]


class CourseProgressReport(CourseReport):
    """How far everybody is who takes or took a course."""

    model = Enrolment
    courses_lookup = "course"
    page_title = _("Course progress")
    index_url_name = "wagtail_live_lms_report_progress"
    index_results_url_name = "wagtail_live_lms_report_progress_results"
    export_filename = "course-progress"
    filterset_class = ProgressFilterSet
    default_ordering = "display_name"

    def get_base_queryset(self) -> QuerySet[Enrolment]:
        return super().get_base_queryset().select_related("course", "user")

    @cached_property
    def search_fields(self) -> list[str]:
        return _searched("")

    @cached_property
    def columns(self) -> list[Column]:
        return [
            *_people(""),
            Column("course", label=_("Course"), accessor="course.title", sort_key="course__title"),
            NumberColumn("percent", label=_("Progress in %"), sort_key="percent"),
            NumberColumn(
                "completed_count", label=_("Modules completed"), sort_key="completed_count"
            ),
            Column("state", label=_("State"), accessor=state_of),
            DateColumn(
                "last_activity",
                label=_("Last activity"),
                accessor=lambda row: row.last_activity if row.has_acted else None,
                sort_key="last_activity",
            ),
            DateColumn("enrolled_at", label=_("Enrolled"), sort_key="enrolled_at"),
        ]


class QuizResultsReport(CourseReport):
    """The score that counts of every student in every quiz begun."""

    model = QuizStanding
    courses_lookup = "quiz__course"
    page_title = _("Quiz results")
    index_url_name = "wagtail_live_lms_report_results"
    index_results_url_name = "wagtail_live_lms_report_results_results"
    export_filename = "quiz-results"
    filterset_class = ResultFilterSet
    default_ordering = "enrolment__display_name"

    def get_base_queryset(self) -> QuerySet[QuizStanding]:
        rows = super().get_base_queryset().select_related("enrolment__user", "quiz__course")
        return rows.defer("quiz__questions")

    @cached_property
    def search_fields(self) -> list[str]:
        return [*_searched("enrolment__"), "quiz__title"]

    @cached_property
    def columns(self) -> list[Column]:
        course = "quiz__course__title"
        return [
            *_people("enrolment__"),
            Column("course", label=_("Course"), accessor="quiz.course.title", sort_key=course),
            Column("quiz", label=_("Quiz"), accessor="quiz.title", sort_key="quiz__title"),
            NumberColumn("attempt_count", label=_("Attempts"), sort_key="attempt_count"),
            NumberColumn(
                "percent",
                label=_("Score in %"),
                accessor=lambda row: "" if row.percent is None else row.percent,
                sort_key="percent",
            ),
            Column(
                "passed",
                label=_("Result"),
                accessor=result_of,
                sort_key="passed",
            ),
            DateColumn("last_at", label=_("Last attempt"), sort_key="last_at"),
        ]


class ActivityReport(CourseReport):
    """What students completed, the newest first."""

    model = Progress
    courses_lookup = "enrolment__course"
    page_title = _("Student activity")
    index_url_name = "wagtail_live_lms_report_activity"
    index_results_url_name = "wagtail_live_lms_report_activity_results"
    export_filename = "student-activity"
    filterset_class = ActivityFilterSet
    default_ordering = "-completed_at"

    def get_base_queryset(self) -> QuerySet[Progress]:
        related = ("enrolment__user", "enrolment__course", "module")
        return super().get_base_queryset().select_related(*related)

    @cached_property
    def search_fields(self) -> list[str]:
        return [*_searched("enrolment__"), "module__title"]

    @cached_property
    def columns(self) -> list[Column]:
        course = "enrolment__course__title"
        return [
            DateColumn("completed_at", label=_("Date"), sort_key="completed_at"),
            *_people("enrolment__"),
            Column("course", label=_("Course"), accessor="enrolment.course.title", sort_key=course),
            Column("module", label=_("Module"), accessor="module.title", sort_key="module__title"),
            Column(
                "source",
                label=_("Completed"),
                accessor="get_source_display",
                sort_key="source",
            ),
        ]


REPORTS: dict[str, type[CourseReport]] = {
    "progress": CourseProgressReport,
    "results": QuizResultsReport,
    "activity": ActivityReport,
}


class ReportMenuItem(MenuItem):
    """A link that only those see who teach something."""

    def is_shown(self, request: HttpRequest) -> bool:
        return teaches(request)


def teaches(request: HttpRequest) -> bool:
    """Whether there is any course for this person to have reports on: asked once per page."""
    if not hasattr(request, TEACHES):
        try:
            answer = taught_courses(request).exists()
        except NotFound:
            answer = False
        setattr(request, TEACHES, answer)
    return bool(getattr(request, TEACHES))


def report_urls() -> list[URLPattern]:
    """A `register_admin_urls` hook."""
    pages = [
        path(f"reports/live-lms/{name}/", view.as_view(), name=view.index_url_name)
        for name, view in REPORTS.items()
    ]
    parts = [
        path(
            f"reports/live-lms/{name}/results/",
            view.as_view(results_only=True),
            name=view.index_results_url_name,
        )
        for name, view in REPORTS.items()
    ]
    return pages + parts


def report_item(view: type[CourseReport]) -> MenuItem:
    """The link in the menu of reports."""
    url, name = reverse(view.index_url_name), view.export_filename
    return ReportMenuItem(
        view.page_title, url, name=f"live-lms-{name}", icon_name=view.header_icon, order=1100
    )


def learning_item() -> MenuItem:
    """The link to the reports in our own menu."""
    url = reverse(CourseProgressReport.index_url_name)
    return ReportMenuItem(_("Reports"), url, name="live-lms-reports", icon_name="table", order=900)
