"""Quizzes in the admin: edited with a check, published without errors, deleted only if unused."""

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Count, ProtectedError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path
from django.utils.functional import cached_property
from django.utils.html import format_html_join
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from wagtail.admin.ui.tables import LiveStatusTagColumn, UpdatedAtColumn
from wagtail.admin.widgets.button import Button
from wagtail.snippets.views import snippets

from wagtail_live_lms.models import Course, Quiz, Submission

from .block_choosers import BlockChooserViewSet
from .links import COURSES, QUIZZES, quiz_url
from .quiz_copies import with_fresh_ids
from .quiz_export import ExportView
from .quiz_findings import QuizCheck, title_of
from .quiz_form import quiz_panels
from .quiz_gift import ImportIntoView, ImportNewView
from .quiz_list import QuizFilterSet, QuizIndexView, buttons_beside, quiz_columns
from .quiz_results import ResultsView


class QuizCreateView(snippets.CreateView):
    """A new quiz, of the course that the list was about."""

    def get_initial(self) -> dict[str, Any]:
        course = self.request.GET.get("course", "")
        return {"course": int(course)} if course.isdecimal() else {}


class QuizCopyView(snippets.CopyView):
    """A copy whose questions are other questions: their results are counted on their own."""

    def get_initial_form_instance(self) -> Quiz:
        quiz = super().get_initial_form_instance().get_latest_revision_as_object()
        quiz.questions = with_fresh_ids(quiz.questions)
        return quiz


class QuizEditView(snippets.EditView):
    """The form with its check, which every save renews."""

    partials_template_name = "wagtail_live_lms/admin/quiz_edit_partials.html"

    def get_form(self, form_class: Any = None) -> Any:
        form = super().get_form(form_class)
        # Sending a quiz back must be possible whatever is wrong with it.
        sent_back = self.action == "workflow-action" and self.workflow_action != "approve"
        form.checks_questions = not sent_back
        return form

    @cached_property
    def header_more_buttons(self) -> list[Button]:
        return [*super().header_more_buttons, *buttons_beside(self.object, self.request.user)]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        context["check"] = QuizCheck.of(self.form.instance)
        return context


class QuizWorkflowActionView(snippets.WorkflowActionView):
    """Approves from a report or a dashboard, unless that would publish errors."""

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            with transaction.atomic():
                return super().post(request, *args, **kwargs)
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
        address = quiz_url("edit", self.object.pk)
        if request.headers.get("x-requested-with") == "XMLHttpRequest":
            return self.render_modal_json(request, {"step": "success", "redirect": address})
        return redirect(address)


class QuizDeleteView(snippets.DeleteView):
    """Deletes a quiz that nobody has begun."""

    def form_valid(self, form: Any) -> HttpResponse:
        try:
            with transaction.atomic():
                return super().form_valid(form)
        except ProtectedError:
            # Somebody began an attempt since the view began.
            refuse_quiz_deletion(self.request, [self.object])
            return redirect(f"{QUIZZES}:list")


class QuizInspectView(snippets.InspectView):
    """The quiz, for those who may only look."""

    page_title = _("Quiz")

    @cached_property
    def header_more_buttons(self) -> list[Button]:
        return [*super().header_more_buttons, *buttons_beside(self.object, self.request.user)]

    def get_questions_display_value(self) -> str:
        titles = [title_of(child) for child in self.object.questions]
        return format_html_join("", "<div>{}. {}</div>", enumerate(titles, 1))


class QuizViewSet(snippets.SnippetViewSet):
    """The admin's pages about quizzes."""

    model = Quiz
    url_namespace = QUIZZES
    url_prefix = "live-lms/quizzes"
    chooser_viewset_class = BlockChooserViewSet
    icon = "live-lms-quiz"
    menu_label = _("Quizzes")
    index_view_class = QuizIndexView
    add_view_class = QuizCreateView
    copy_view_class = QuizCopyView
    edit_view_class = QuizEditView
    delete_view_class = QuizDeleteView
    inspect_view_class = QuizInspectView
    workflow_action_view_class = QuizWorkflowActionView
    inspect_view_enabled = True
    inspect_view_fields = [
        "title",
        "course",
        "module",
        "questions",
        "pass_mark",
        "attempts_allowed",
        "attempt_rule",
        "time_limit",
        "opens_at",
        "closes_at",
        "feedback_detail",
        "feedback_time",
        "answers_time",
    ]
    edit_handler = quiz_panels()
    list_display = [*quiz_columns(), UpdatedAtColumn(), LiveStatusTagColumn()]
    filterset_class = QuizFilterSet
    # The search index cannot be sorted by the figures; a catalogue is small enough without.
    search_backend_name = None
    search_fields = ["title", "course__title"]

    def get_urlpatterns(self) -> list[URLPattern]:
        return [
            *super().get_urlpatterns(),
            path("import/", self.construct_view(ImportNewView), name="import"),
            path("<int:pk>/import/", self.construct_view(ImportIntoView), name="import_into"),
            path("<int:pk>/export/", self.construct_view(ExportView), name="export"),
            path("<int:pk>/results.csv", self.construct_view(ResultsView), name="results"),
        ]


def refuse_quiz_deletion(request: HttpRequest, instances: Sequence[Any]) -> HttpResponse | None:
    """Keep quizzes that students have begun, and courses with such quizzes, and say so.

    A `before_delete_snippet` hook: None lets the deletion go on.
    """
    begun = _begun([item.pk for item in instances if isinstance(item, Quiz)], "quiz")
    for quiz in Quiz.objects.filter(pk__in=begun):
        reason = ngettext(
            "“%(quiz)s” has %(attempts)d attempt, so it cannot be deleted. Unpublish it: students "
            "then no longer see it, and the result is kept.",
            "“%(quiz)s” has %(attempts)d attempts, so it cannot be deleted. Unpublish it: students "
            "then no longer see it, and their results are kept.",
            begun[quiz.pk],
        )
        messages.error(request, reason % {"quiz": quiz.title, "attempts": begun[quiz.pk]})
    if begun:
        return redirect(f"{QUIZZES}:list")
    return _refuse_courses(request, [item for item in instances if isinstance(item, Course)])


def _refuse_courses(request: HttpRequest, courses: list[Course]) -> HttpResponse | None:
    begun = _begun([course.pk for course in courses], "quiz__course")
    for course in courses:
        if course.pk in begun:
            reason = ngettext(
                "“%(course)s” has a quiz with %(attempts)d attempt, so it cannot be deleted. "
                "Unpublish its quizzes and archive its modules instead.",
                "“%(course)s” has quizzes with %(attempts)d attempts, so it cannot be deleted. "
                "Unpublish its quizzes and archive its modules instead.",
                begun[course.pk],
            )
            values = {"course": course.title, "attempts": begun[course.pk]}
            messages.error(request, reason % values)
    return redirect(f"{COURSES}:list") if begun else None


def _begun(ids: list[int], of: str) -> dict[int, int]:
    """How many attempts there are, by what they belong to; none where there are none."""
    attempts = Submission.objects.filter(**{f"{of}__in": ids}).order_by().values_list(of)
    return dict(attempts.annotate(attempts=Count("pk")))
