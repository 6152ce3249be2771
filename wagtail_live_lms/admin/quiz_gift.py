"""Questions from a GIFT text and back: shown before they are imported, all of them or none."""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.utils.functional import cached_property
from django.utils.translation import gettext, gettext_lazy, ngettext
from django.views.generic import FormView
from wagtail.actions.create import CreateAction
from wagtail.actions.edit import EditAction
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin
from wagtail.admin.views.generic.permissions import PermissionCheckedMixin
from wagtail.log_actions import log

from wagtail_live_lms.blocks import question_types
from wagtail_live_lms.grading.gift import Draft, GiftErrors, parse
from wagtail_live_lms.models import Course, Quiz

from .enrolment_actions import CourseChooser
from .history import IMPORT_QUESTIONS
from .links import quiz_url
from .quiz_gift_words import note_text, refusal_text
from .quiz_results import plain
from .uploads import MAX_BYTES, TextOrFileForm


class GiftForm(TextOrFileForm):
    """A text, pasted or in a file. What is wrong with it is in `refused`, line by line."""

    file = forms.FileField(
        label=gettext_lazy("GIFT file"),
        required=False,
        widget=forms.ClearableFileInput(attrs={"accept": ".txt,.gift,text/plain"}),
    )
    text = forms.CharField(
        label=gettext_lazy("Or paste the questions"),
        required=False,
        strip=False,
        max_length=MAX_BYTES,
        widget=forms.Textarea(attrs={"rows": 14, "spellcheck": "false"}),
    )

    missing = gettext_lazy("Choose a file or paste some questions.")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.drafts: list[Draft] = []
        self.refused: list[RefusedLine] = []

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        try:
            self.drafts = parse(self.source)
        except GiftErrors as error:
            lines = self.source.splitlines()
            self.refused = [RefusedLine.of(refused, lines) for refused in error.errors]
            raise ValidationError(
                gettext("Nothing can be imported before these lines are put right.")
            ) from error
        if not self.drafts:
            raise ValidationError(gettext("There is no question in the text."))
        return cleaned


class NewQuizForm(GiftForm):
    """A text that becomes a quiz."""

    title = forms.CharField(label=gettext_lazy("Title"), max_length=200)
    course: Any = forms.ModelChoiceField(
        queryset=Course.objects.all(), label=gettext_lazy("Course"), widget=CourseChooser
    )
    field_order = ["title", "course", "file", "text"]


@dataclass(frozen=True, slots=True)
class RefusedLine:
    """A line that cannot be imported."""

    number: int
    text: str
    reason: str

    @classmethod
    def of(cls, refused: Any, lines: list[str]) -> "RefusedLine":
        text = lines[refused.line - 1] if 0 < refused.line <= len(lines) else ""
        return cls(refused.line, text.strip()[:120], refusal_text(refused))


@dataclass(frozen=True, slots=True)
class ReadQuestion:
    """A question as the preview lists it."""

    kind: str
    text: str
    line: int
    notes: list[str]

    @classmethod
    def of(cls, draft: Draft) -> "ReadQuestion":
        label = str(question_types[draft.kind].label)
        notes = [note_text(code) for code in draft.notes]
        return cls(label, plain(str(draft.value["text"])), draft.line, notes)


class ImportView(PermissionCheckedMixin, WagtailAdminTemplateMixin, FormView):
    """Reads a text and shows what is in it; imports it when that is confirmed."""

    model = Quiz
    page_title = gettext_lazy("Import questions")
    header_icon = "upload"
    template_name = "wagtail_live_lms/admin/quiz_import.html"

    def save(self, form: Any) -> Quiz:
        """Store the questions; returns the quiz that has them now."""
        raise NotImplementedError

    def form_valid(self, form: Any) -> HttpResponse:
        if "import" not in self.request.POST:
            read = [ReadQuestion.of(draft) for draft in form.drafts]
            context = self.get_context_data(form=form.with_text(), read=read)
            return self.render_to_response(context)
        with transaction.atomic():
            quiz = self.save(form)
        count = len(form.drafts)
        done = ngettext("%(count)d question imported.", "%(count)d questions imported.", count)
        messages.success(self.request, done % {"count": count})
        return redirect(quiz_url("edit", quiz.pk))

    def form_invalid(self, form: Any) -> HttpResponse:
        context = self.get_context_data(form=form.with_text(), refused=form.refused)
        return self.render_to_response(context)

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        here = {"url": "", "label": self.get_page_title()}
        quizzes = {"url": quiz_url("list"), "label": gettext("Quizzes")}
        return [*self.breadcrumbs_items, quizzes, *self.parents(), here]

    def parents(self) -> list[dict[str, Any]]:
        """The pages between the list and this one."""
        return []


class ImportNewView(ImportView):
    """Makes a quiz of a text."""

    permission_required = "add"
    form_class = NewQuizForm

    def get_initial(self) -> dict[str, Any]:
        course = self.request.GET.get("course", "")
        return {"course": int(course)} if course.isdecimal() else {}

    def save(self, form: Any) -> Quiz:
        quiz = Quiz(title=form.cleaned_data["title"], course=form.cleaned_data["course"])
        quiz.questions = stored(form.drafts)
        CreateAction(quiz, user=self.request.user).execute(skip_permission_checks=True)
        return quiz


class ImportIntoView(ImportView):
    """Appends the questions of a text to a quiz's draft."""

    permission_required = "change"
    form_class = GiftForm

    @cached_property
    def quiz(self) -> Quiz:
        return get_object_or_404(Quiz, pk=self.kwargs["pk"]).get_latest_revision_as_object()

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        lock = self.quiz.get_lock() if self.user_has_permission("change") else None
        if lock and lock.for_user(request.user):
            messages.error(request, lock.get_message(request.user))
            return redirect(quiz_url("edit", self.quiz.pk))
        return super().dispatch(request, *args, **kwargs)

    def get_page_subtitle(self) -> str:
        return self.quiz.title

    def parents(self) -> list[dict[str, Any]]:
        return [{"url": quiz_url("edit", self.quiz.pk), "label": self.quiz.title}]

    def save(self, form: Any) -> Quiz:
        quiz, user = self.quiz, self.request.user
        quiz.questions = [*quiz.questions.get_prep_value(), *stored(form.drafts)]
        action = EditAction(quiz, user=user, log_action=False)
        action.execute(skip_permission_checks=True)
        data = {"count": len(form.drafts)}
        log(quiz, IMPORT_QUESTIONS, user=user, data=data, revision=action.revision)
        return quiz


def stored(drafts: list[Draft]) -> list[dict[str, Any]]:
    """The questions as their blocks store them."""
    blocks = [draft.block() for draft in drafts]
    for block in blocks:
        if block["type"] == "true_false":
            block["value"]["correct"] = "true" if block["value"]["correct"] else "false"
    return blocks
