"""Courses in the admin: listed with their figures, edited with their modules."""

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.db.models import Case, Count, F, FloatField, ProtectedError, QuerySet, Value, When
from django.db.models.functions import Cast
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path
from django.utils.functional import cached_property
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin.ui.tables import (
    Column,
    NumberColumn,
    TitleColumn,
    UpdatedAtColumn,
)
from wagtail.permissions import policy_registry
from wagtail.snippets.views import snippets

from wagtail_live_lms.actions import lock_course, look_for_alerts, recheck_access, refresh_course
from wagtail_live_lms.models import Course, CourseTotals, Enrolment, Module, Progress

from .block_choosers import BlockChooserViewSet
from .course_copies import CourseCopyView
from .course_form import course_panels
from .history import ModuleList, RuleList
from .links import COURSES, students_url


def totals_of(course: Course) -> CourseTotals:
    """The course's figures; zeros for one that was never counted."""
    return getattr(course, "totals", None) or CourseTotals()


def average_of(course: Course) -> str:
    """Mean progress; a dash where nobody takes the course."""
    totals = totals_of(course)
    return f"{totals.average_percent}%" if totals.student_count else "–"


class StudentsColumn(TitleColumn):
    """The number of students, leading to them those who may see enrolments."""

    cell_template_name = "wagtail_live_lms/admin/link_cell.html"

    def get_link_url(self, instance: Course, parent_context: Any) -> str | None:
        policy = policy_registry.get_by_type(Enrolment)
        user = parent_context["request"].user
        if not policy.user_has_any_permission(user, {"add", "change", "delete", "view"}):
            return None
        return students_url(instance.pk)


class CourseIndexView(snippets.IndexView):
    """Figures come from the totals: no page of the admin counts a roster."""

    @cached_property
    def columns(self) -> list[Column]:
        # Without the checkboxes: courses are not deleted by the dozen.
        return super(snippets.IndexView, self).columns

    def get_base_queryset(self) -> QuerySet[Course]:
        average = Case(
            When(totals__student_count=0, then=Value(0.0)),
            default=Cast("totals__percent_sum", FloatField()) / F("totals__student_count"),
            output_field=FloatField(),
        )
        return super().get_base_queryset().select_related("totals").annotate(average=average)


class CourseCreateView(snippets.CreateView):
    """A new course, counted in the transaction that makes it."""

    def save_instance(self) -> Course:
        course = super().save_instance()
        refresh_course(course)
        return course


class CourseEditView(snippets.EditView):
    """Changes of a course wait for completions under way, and the other way round.

    Otherwise a student could complete a module between the look at it and its deletion.
    """

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        with transaction.atomic():
            lock_course(self.object.pk)
            return super().post(request, *args, **kwargs)

    def save_instance(self) -> Course:
        before, rules = ModuleList.read(self.object), RuleList.read(self.object)
        course = super().save_instance()
        ModuleList.read(course).log_changes_since(before, self.request.user)
        refresh_course(course)
        if RuleList.read(course).log_changes_since(rules, self.request.user):
            look_for_alerts(course.pk)
        return course


class CourseDeleteView(snippets.DeleteView):
    """Deletes a course of which nobody has completed anything, and who is enrolled in it."""

    @property
    def confirmation_message(self) -> str:
        students = Enrolment.objects.current().filter(course=self.object).count()
        if not students:
            return super().confirmation_message
        question = ngettext(
            "%(students)d student is enrolled and loses the course. Delete it?",
            "%(students)d students are enrolled and lose the course. Delete it?",
            students,
        )
        return question % {"students": students}

    def form_valid(self, form: Any) -> HttpResponse:
        try:
            with transaction.atomic():
                return super().form_valid(form)
        except ProtectedError:
            # Somebody completed a module since the view began.
            refuse_deletion(self.request, [self.object])
            return redirect(f"{COURSES}:list")

    def delete_action(self) -> None:
        lock_course(self.object.pk)
        current = Enrolment.objects.current().filter(course=self.object)
        students = list(current.values_list("user", flat=True))
        super().delete_action()
        recheck_access(students)


class CourseInspectView(snippets.InspectView):
    """The course, for those who may only look."""

    page_title = _("Course")

    def get_in_order_display_value(self) -> str:
        return gettext("Yes") if self.object.in_order else gettext("No")

    def get_modules_display_value(self) -> str:
        return ", ".join(
            Module.objects.live().filter(course=self.object).values_list("title", flat=True)
        )


class CourseViewSet(snippets.SnippetViewSet):
    """The admin's pages about courses."""

    model = Course
    url_namespace = COURSES
    url_prefix = "live-lms/courses"
    chooser_viewset_class = BlockChooserViewSet
    icon = "live-lms-course"
    menu_label = _("Courses")
    index_view_class = CourseIndexView
    add_view_class = CourseCreateView
    edit_view_class = CourseEditView
    delete_view_class = CourseDeleteView
    inspect_view_class = CourseInspectView
    inspect_view_enabled = True
    inspect_view_fields = [
        "title",
        "slug",
        "description",
        "enrolment_policy",
        "in_order",
        "modules",
    ]
    copy_view_enabled = False
    edit_handler = course_panels()
    list_display = [
        "title",
        StudentsColumn(
            "students",
            label=_("Students"),
            accessor=lambda course: totals_of(course).student_count,
            sort_key="totals__student_count",
        ),
        Column("average", label=_("Average progress"), accessor=average_of, sort_key="average"),
        NumberColumn(
            "modules",
            label=_("Modules"),
            accessor=lambda course: totals_of(course).module_count,
            sort_key="totals__module_count",
        ),
        "enrolment_policy",
        UpdatedAtColumn(),
    ]
    list_filter = ["enrolment_policy", "in_order"]
    # The search index cannot be sorted by the figures; a catalogue is small enough without.
    search_backend_name = None
    search_fields = ["title", "description"]

    def get_urlpatterns(self) -> list[URLPattern]:
        copying = self.construct_view(CourseCopyView)
        return [
            *super().get_urlpatterns(),
            path("<int:pk>/duplicate/", copying, name="duplicate"),
        ]


def refuse_deletion(request: HttpRequest, instances: Sequence[Any]) -> HttpResponse | None:
    """Keep the courses of which students have completed a part, and say so.

    A `before_delete_snippet` hook: None lets the deletion go on.
    """
    courses = {item.pk: item for item in instances if isinstance(item, Course)}
    done = Progress.objects.filter(module__course__in=courses).order_by()
    students_of = done.values_list("module__course").annotate(
        students=Count("enrolment", distinct=True)
    )
    refused = dict(students_of)
    for course_id, students in refused.items():
        reason = ngettext(
            "%(students)d student has completed modules of “%(course)s”, so it cannot be deleted. "
            "To close it, let only staff enrol students and archive its modules.",
            "%(students)d students have completed modules of “%(course)s”, so it cannot be "
            "deleted. To close it, let only staff enrol students and archive its modules.",
            students,
        )
        messages.error(request, reason % {"students": students, "course": courses[course_id]})
    return redirect(f"{COURSES}:list") if refused else None
