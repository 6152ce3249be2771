"""Reports on the courses that a person teaches, downloaded as they are seen."""

from functools import partial
from typing import Any

import django_filters
from django.db.models import QuerySet
from django.urls import URLPattern, path, reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from wagtail.admin.filters import DateRangePickerWidget, WagtailFilterSet
from wagtail.admin.menu import MenuItem
from wagtail.admin.ui.tables import Column, DateColumn, NumberColumn

from wagtail_live_lms.models import Enrolment, Progress, QuizStanding, Source

from .desk_reports import AlertsReport, SubmissionsReport
from .enrolments import EnrolmentFilterSet, state_of
from .report_base import (
    CourseReport,
    ReportMenuItem,
    TaughtCourseFilter,
    TaughtQuizFilter,
    people_columns,
    search_fields_of,
)

RESULTS = {"passed": _("Passed"), "failed": _("Not passed"), "ungraded": _("Not graded yet")}


def result_of(standing: QuizStanding) -> Any:
    """What a student's attempts at a quiz came to, in words."""
    if standing.percent is None:
        return RESULTS["ungraded"]
    return RESULTS["passed" if standing.passed else "failed"]


class ProgressFilterSet(EnrolmentFilterSet):
    """By course and by state."""

    course = TaughtCourseFilter()


class ResultFilterSet(WagtailFilterSet):
    """By course, by quiz, and by whether it was passed."""

    course = TaughtCourseFilter(field_name="quiz__course")
    quiz = TaughtQuizFilter()
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
        return search_fields_of("")

    @cached_property
    def columns(self) -> list[Column]:
        return [
            *people_columns(""),
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
        return [*search_fields_of("enrolment__"), "quiz__title"]

    @cached_property
    def columns(self) -> list[Column]:
        course = "quiz__course__title"
        return [
            *people_columns("enrolment__"),
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
        return [*search_fields_of("enrolment__"), "module__title"]

    @cached_property
    def columns(self) -> list[Column]:
        course = "enrolment__course__title"
        return [
            DateColumn("completed_at", label=_("Date"), sort_key="completed_at"),
            *people_columns("enrolment__"),
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
    "submissions": SubmissionsReport,
    "alerts": AlertsReport,
}


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


def learning_item(view: type[CourseReport], label: Any = "", *, name: str, order: int) -> MenuItem:
    """A link in our own menu, called as the report unless otherwise."""
    url, icon = reverse(view.index_url_name), view.header_icon
    return ReportMenuItem(label or view.page_title, url, name=name, icon_name=icon, order=order)


LEARNING_ITEMS = [
    partial(learning_item, SubmissionsReport, name="live-lms-submissions", order=600),
    partial(learning_item, AlertsReport, name="live-lms-alerts", order=700),
    partial(learning_item, CourseProgressReport, _("Reports"), name="live-lms-reports", order=900),
]
