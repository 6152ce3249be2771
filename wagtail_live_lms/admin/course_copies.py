"""A course taken over into another, as for the next term: everything but its students."""

from typing import Any

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.text import slugify
from django.utils.translation import gettext, gettext_lazy
from django.views.generic import FormView
from wagtail.actions.create import CreateAction
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin
from wagtail.admin.views.generic.permissions import PermissionCheckedMixin
from wagtail.admin.widgets.button import Button
from wagtail.log_actions import log
from wagtail.permissions import policy_registry

from wagtail_live_lms.actions import refresh_course
from wagtail_live_lms.models import (
    AlertRule,
    Course,
    CourseInstructor,
    Module,
    NotebookLesson,
    PreparedHint,
    Quiz,
)

from .links import COURSES
from .quiz_copies import with_fresh_ids

COURSE_FIELDS = ("description", "enrolment_policy", "in_order")
RULE_FIELDS = ("kind", "is_on", "threshold")
NOTEBOOK_FIELDS = ("title", "notebook", "required", "digest")
QUIZ_FIELDS = (
    "title",
    "introduction",
    "pass_mark",
    "attempts_allowed",
    "attempt_rule",
    "submissions_per_hour",
    "time_limit",
    "shuffle_questions",
    "shuffle_choices",
    "feedback_detail",
    "feedback_time",
    "answers_time",
    "posting",
    "undo",
)


def copy_course(course: Course, title: str, slug: str, *, by: Any) -> Course:
    """Make a course like this one, which nobody takes.

    It has the modules that are not archived, the instructors, alert rules, prepared hints and
    notebooks. Its quizzes are drafts without opening and closing times, of the questions last
    saved. Its modules lead to no pages: those are of the other course.
    """
    with transaction.atomic():
        copy = Course.objects.create(title=title, slug=slug, **_values(course, COURSE_FIELDS))
        modules = _copy_modules(course, copy)
        _copy_people_and_rules(course, copy, modules)
        for quiz in Quiz.objects.filter(course=course).order_by("pk"):
            _copy_quiz(quiz.get_latest_revision_as_object(), copy, modules, by)
        for lesson in NotebookLesson.objects.filter(module__in=modules):
            module = modules[lesson.module_id]  # type: ignore[index]
            NotebookLesson.objects.create(module=module, **_values(lesson, NOTEBOOK_FIELDS))
        refresh_course(copy)
        log(copy, "wagtail.create", user=by, title=title)
    return copy


def _values(instance: Any, names: tuple[str, ...]) -> dict[str, Any]:
    return {name: getattr(instance, name) for name in names}


def _copy_modules(course: Course, copy: Course) -> dict[int, Module]:
    """The new modules by the ids of the old."""
    fields = ("title", "completion_rule", "sort_order")
    return {
        module.pk: Module.objects.create(course=copy, **_values(module, fields))
        for module in Module.objects.live().filter(course=course)
    }


def _copy_people_and_rules(course: Course, copy: Course, modules: dict[int, Module]) -> None:
    for link in CourseInstructor.objects.filter(course=course):
        CourseInstructor.objects.create(course=copy, **_values(link, ("user", "sort_order")))
    for rule in AlertRule.objects.filter(course=course):
        AlertRule.objects.create(course=copy, **_values(rule, RULE_FIELDS))
    for hint in PreparedHint.objects.filter(course=course):
        if hint.module_id is None or hint.module_id in modules:
            values = _values(hint, ("text", "sort_order"))
            module = modules.get(hint.module_id) if hint.module_id else None
            PreparedHint.objects.create(course=copy, module=module, **values)


def _copy_quiz(quiz: Quiz, copy: Course, modules: dict[int, Module], by: Any) -> None:
    module = modules.get(quiz.module_id) if quiz.module_id else None
    new = Quiz(course=copy, module=module, **_values(quiz, QUIZ_FIELDS))
    new.questions = with_fresh_ids(quiz.questions)
    CreateAction(new, user=by).execute(skip_permission_checks=True)


class CopyForm(forms.ModelForm):
    """What the new course is called."""

    class Meta:
        model = Course
        fields = ("title", "slug")


class CourseCopyView(PermissionCheckedMixin, WagtailAdminTemplateMixin, FormView):
    """Asks for the new course's name, and copies."""

    model = Course
    permission_required = "add"
    page_title = gettext_lazy("Duplicate the course")
    header_icon = "copy"
    template_name = "wagtail_live_lms/admin/confirm.html"
    submit_button_label = gettext_lazy("Duplicate")
    form_class = CopyForm
    is_serious = False

    @cached_property
    def course(self) -> Course:
        return get_object_or_404(Course, pk=self.kwargs["pk"])

    @property
    def back_url(self) -> str:
        return reverse(f"{COURSES}:list")

    def get_page_subtitle(self) -> str:
        return self.course.title

    def get_initial(self) -> dict[str, Any]:
        title = gettext("%(title)s (copy)") % {"title": self.course.title}
        return {"title": title[:200], "slug": slugify(f"{self.course.slug}-copy")}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        question = gettext(
            "The new course has the modules, instructors, rules, hints, notebooks and quizzes of "
            "“%(course)s”. Nobody takes it, its quizzes are drafts without opening times, and its "
            "modules lead to no pages yet."
        )
        return super().get_context_data(question=question % {"course": self.course.title}, **kwargs)

    def form_valid(self, form: Any) -> HttpResponse:
        copy = copy_course(self.course, **form.cleaned_data, by=self.request.user)
        names = {"course": self.course.title, "copy": copy.title}
        messages.success(self.request, gettext("“%(copy)s” is a copy of “%(course)s”.") % names)
        return redirect(f"{COURSES}:edit", copy.pk)

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        courses = {"url": self.back_url, "label": gettext("Courses")}
        here = {"url": "", "label": self.get_page_title()}
        return [*self.breadcrumbs_items, courses, here]


def copy_button(snippet: Any, user: Any, next_url: str | None = None) -> list[Button]:
    """In a course's menu of the list: a `register_snippet_listing_buttons` hook."""
    is_course = isinstance(snippet, Course)
    if not is_course or not policy_registry.get_by_type(Course).user_has_permission(user, "add"):
        return []
    url = reverse(f"{COURSES}:duplicate", args=[snippet.pk])
    return [Button(gettext("Duplicate"), url, icon_name="copy", priority=50)]
