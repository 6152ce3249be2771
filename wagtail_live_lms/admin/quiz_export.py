"""A quiz's questions as GIFT, with a list of what the format cannot say."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.functional import cached_property
from django.utils.text import slugify
from django.utils.translation import gettext, gettext_lazy
from django.views.generic import TemplateView
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin
from wagtail.admin.views.generic.permissions import PermissionCheckedMixin

from wagtail_live_lms.grading.gift import Omission, write
from wagtail_live_lms.models import Quiz
from wagtail_live_lms.models.quiz_checks import INVALID, UNREADABLE, check_quiz, load_stored

from .links import quiz_url
from .quiz_findings import title_of
from .quiz_gift_words import omission_text
from .quiz_list import LOOKING

INCOMPLETE = {INVALID, UNREADABLE}


class ExportView(PermissionCheckedMixin, WagtailAdminTemplateMixin, TemplateView):
    """The text to copy or to download, made of the quiz's draft."""

    model = Quiz
    any_permission_required = LOOKING
    page_title = gettext_lazy("Export questions")
    header_icon = "download"
    template_name = "wagtail_live_lms/admin/quiz_export.html"

    @cached_property
    def quiz(self) -> Quiz:
        return get_object_or_404(Quiz, pk=self.kwargs["pk"]).get_latest_revision_as_object()

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if "download" not in request.GET:
            return super().get(request, *args, **kwargs)
        name = slugify(self.quiz.title) or f"quiz-{self.quiz.pk}"
        headers = {"Content-Disposition": f'attachment; filename="{name}.gift.txt"'}
        text, _omitted = as_gift(self.quiz)
        return HttpResponse(text, content_type="text/plain; charset=utf-8", headers=headers)

    def get_page_subtitle(self) -> str:
        return self.quiz.title

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return [
            *self.breadcrumbs_items,
            {"url": quiz_url("list"), "label": gettext("Quizzes")},
            {"url": quiz_url("edit", self.quiz.pk), "label": self.quiz.title},
            {"url": "", "label": self.get_page_title()},
        ]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        text, omitted = as_gift(self.quiz)
        return super().get_context_data(text=text, omitted=omitted, **kwargs)


def as_gift(quiz: Quiz) -> tuple[str, list[dict[str, str]]]:
    """The questions as GIFT, and what is left out of which."""
    children = {child.id: child for child in quiz.questions}
    broken = {finding.question_id for finding in check_quiz(quiz) if finding.code in INCOMPLETE}
    stored = quiz.questions.get_prep_value()
    text, omitted = write(load_stored(item) for item in stored if item["id"] not in broken)
    incomplete = [Omission(item["id"], "incomplete") for item in stored if item["id"] in broken]
    return text, [_note(children[lost.question_id], lost) for lost in [*omitted, *incomplete]]


def _note(child: Any, lost: Omission) -> dict[str, str]:
    """What is left out of a question, the field as the editor calls it."""
    block = child.block.child_blocks.get(lost.field)
    named = lost._replace(field=str(block.label)) if block else lost
    return {"title": title_of(child), "message": omission_text(named)}
