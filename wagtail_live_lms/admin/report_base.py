"""What the reports have in common: whose courses, how they are downloaded, who is shown them."""

from collections.abc import Iterator
from itertools import islice
from typing import Any

import django_filters
from django.contrib.auth import get_user_model
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseBase
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from wagtail.admin.menu import MenuItem
from wagtail.admin.ui.tables import Column
from wagtail.admin.views.reports import ReportView

from wagtail_live_lms import access
from wagtail_live_lms.components.export import csv_lines, csv_response, csv_start, safe_cell
from wagtail_live_lms.live import NotFound
from wagtail_live_lms.models import Course, Quiz

CHUNK = 500
TEACHES = "_live_lms_teaches"


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


class TaughtQuizFilter(django_filters.ModelChoiceFilter):
    """One of the quizzes of these courses."""

    def __init__(self, **kwargs: Any) -> None:
        choices = {"queryset": taught_quizzes, "empty_label": _("All quizzes")}
        super().__init__(label=_("Quiz"), **choices, **kwargs)


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


def people_columns(path: str) -> list[Column]:
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


def search_fields_of(path: str) -> list[str]:
    """What is searched: the names of the student that the path leads to."""
    return [f"{path}display_name", f"{path}user__{get_user_model().USERNAME_FIELD}"]


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
