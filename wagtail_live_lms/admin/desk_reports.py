"""What lies on an instructor's desk: every attempt that was begun, and every alert."""

from typing import Any

import django_filters
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.ui.tables import Column, DateColumn, NumberColumn, TitleColumn

from wagtail_live_lms.actions import display_name_of
from wagtail_live_lms.models import Alert, AlertState, Submission, SubmissionState, alert_kinds

from .home import alert_url
from .quiz_live import URL_NAME
from .report_base import (
    CourseReport,
    TaughtCourseFilter,
    TaughtQuizFilter,
    people_columns,
    search_fields_of,
)

DUE = {
    "open": _("Under way"),
    "waiting": _("To be graded"),
    "to_post": _("To be posted"),
    "done": _("Finished"),
}
OPEN_OR_NOT = {
    "open": _("Open"),
    "put_off": _("Acknowledged or snoozed"),
    "cleared": _("Settled"),
}


class SubmissionFilterSet(WagtailFilterSet):
    """By course, by quiz, and by what is to be done about them."""

    course = TaughtCourseFilter(field_name="quiz__course")
    quiz = TaughtQuizFilter()
    state = django_filters.ChoiceFilter(
        choices=list(DUE.items()),
        label=_("State"),
        empty_label=_("All states"),
        method="filter_state",
    )

    class Meta:
        model = Submission
        fields = ["course", "quiz"]

    def filter_state(self, rows: Any, name: str, state: str) -> QuerySet[Submission]:
        match state:
            case "open":
                return rows.open()
            case "waiting":
                return rows.filter(state__in=[SubmissionState.SUBMITTED, SubmissionState.EXPIRED])
            case "to_post":
                return rows.to_post()
        return rows.graded()


class AlertFilterSet(WagtailFilterSet):
    """By course, by kind, and by whether they wait for somebody."""

    course = TaughtCourseFilter()
    kind = django_filters.ChoiceFilter(
        choices=lambda: alert_kinds.choices, label=_("Kind"), empty_label=_("All kinds")
    )
    state = django_filters.ChoiceFilter(
        choices=list(OPEN_OR_NOT.items()),
        label=_("State"),
        empty_label=_("All states"),
        method="filter_state",
    )

    class Meta:
        model = Alert
        fields = ["course", "kind"]

    def filter_state(self, rows: Any, name: str, state: str) -> QuerySet[Alert]:
        cleared = Q(state=AlertState.CLEARED)
        if state == "open":
            return rows.open()
        if state == "cleared":
            return rows.filter(cleared)
        waiting = Alert.objects.open().values("pk")
        return rows.exclude(cleared).exclude(pk__in=waiting)


class SubmissionsReport(CourseReport):
    """Every attempt at a quiz, the newest first, each leading to the results of its quiz."""

    model = Submission
    courses_lookup = "quiz__course"
    page_title = _("Submissions")
    header_icon = "live-lms-quiz"
    index_url_name = "wagtail_live_lms_report_submissions"
    index_results_url_name = "wagtail_live_lms_report_submissions_results"
    export_filename = "submissions"
    filterset_class = SubmissionFilterSet
    default_ordering = "-started_at"

    def get_base_queryset(self) -> QuerySet[Submission]:
        rows = super().get_base_queryset().select_related("enrolment__user", "quiz__course")
        return rows.defer("quiz__questions", "quiz__introduction")

    @cached_property
    def search_fields(self) -> list[str]:
        return [*search_fields_of("enrolment__"), "quiz__title"]

    @cached_property
    def columns(self) -> list[Column]:
        course = "quiz__course__title"
        return [
            *people_columns("enrolment__"),
            Column("course", label=_("Course"), accessor="quiz.course.title", sort_key=course),
            TitleColumn(
                "quiz",
                label=_("Quiz"),
                accessor="quiz.title",
                sort_key="quiz__title",
                get_url=lambda row: reverse(URL_NAME, args=[row.quiz_id]),
            ),
            NumberColumn("number", label=_("Attempt"), sort_key="number"),
            Column("state", label=_("State"), accessor="get_state_display", sort_key="state"),
            DateColumn("started_at", label=_("Started"), sort_key="started_at"),
            DateColumn("ended_at", label=_("Handed in"), sort_key="ended_at"),
            NumberColumn(
                "percent",
                label=_("Score in %"),
                accessor=lambda row: "" if row.percent is None else row.percent,
                sort_key="percent",
            ),
        ]


class AlertsReport(CourseReport):
    """Every alert, the newest first, each leading to its course's dashboard."""

    model = Alert
    courses_lookup = "course"
    page_title = _("Alerts")
    header_icon = "live-lms-bell"
    index_url_name = "wagtail_live_lms_report_alerts"
    index_results_url_name = "wagtail_live_lms_report_alerts_results"
    export_filename = "alerts"
    filterset_class = AlertFilterSet
    default_ordering = "-opened_at"

    def get_base_queryset(self) -> QuerySet[Alert]:
        related = ("enrolment__user", "course__dashboard_page", "assigned_to")
        return super().get_base_queryset().select_related(*related)

    @cached_property
    def search_fields(self) -> list[str]:
        return search_fields_of("enrolment__")

    @cached_property
    def columns(self) -> list[Column]:
        return [
            TitleColumn(
                "alert",
                label=_("Alert"),
                accessor="sentence",
                get_url=lambda row: alert_url(row, self.request),
            ),
            Column(
                "student",
                label=_("Student"),
                accessor=lambda row: row.enrolment.display_name if row.enrolment else "",
                sort_key="enrolment__display_name",
            ),
            Column("course", label=_("Course"), accessor="course.title", sort_key="course__title"),
            Column("kind", label=_("Kind"), accessor="kind_of.label", sort_key="kind"),
            Column("state", label=_("State"), accessor=state_in_words),
            Column(
                "assigned_to",
                label=_("Handed to"),
                accessor=lambda row: display_name_of(row.assigned_to) if row.assigned_to else "",
            ),
            DateColumn("opened_at", label=_("Since"), sort_key="opened_at"),
        ]


def state_in_words(alert: Alert) -> Any:
    """Its state, a snooze that is over being none."""
    return AlertState(alert.state_now).label
