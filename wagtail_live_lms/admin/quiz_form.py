"""The form of a quiz: its questions, its rules, what students get to see, and its check."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from wagtail.admin.forms import WagtailAdminModelForm
from wagtail.admin.panels import (
    FieldPanel,
    FieldRowPanel,
    MultiFieldPanel,
    ObjectList,
    Panel,
    PublishingPanel,
    TabbedInterface,
)

from wagtail_live_lms.blocks.question_text import keep_code

from .enrolment_actions import CourseChooser
from .quiz_findings import QuizCheck, form_errors
from .quiz_modules import module_chooser


class QuizForm(WagtailAdminModelForm):
    """A draft is saved as it is; what is to be published must have no errors."""

    checks_questions = True
    """Whether errors of the check refuse the form; drafts are never refused for them."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "introduction" in self.fields:
            keep_code(self.fields["introduction"].widget)

    def _post_clean(self) -> None:
        # The check reads the quiz as the form would save it, which is known only from here on.
        super()._post_clean()
        if self.checks_questions and not self.is_deferred_validation and not self.errors:
            for field, error in form_errors(self.instance).items():
                self.add_error(field, error)


class CheckPanel(Panel):
    """What the check found in the quiz as it was saved last."""

    class BoundPanel(Panel.BoundPanel):
        template_name = "wagtail_live_lms/admin/quiz_check_panel.html"

        class Media:
            js = ("wagtail_live_lms/live-lms-quiz-check.js",)
            css = {"all": ("wagtail_live_lms/live-lms-admin.css",)}

        def get_context_data(self, parent_context: Any = None) -> dict[str, Any]:
            context = super().get_context_data(parent_context)
            context["is_saved"] = self.instance.pk is not None
            context["check"] = QuizCheck.of(self.instance)
            return context


def quiz_panels() -> TabbedInterface:
    """The whole form."""
    return TabbedInterface(
        [_questions(), _rules(), _feedback()],
        base_form_class=QuizForm,
    )


def _questions() -> ObjectList:
    return ObjectList(
        [
            FieldPanel("title", classname="title"),
            FieldRowPanel(
                [
                    FieldPanel("course", widget=CourseChooser),
                    FieldPanel("module", widget=module_chooser.widget_class),
                ]
            ),
            FieldPanel("introduction"),
            CheckPanel(heading=_("Check")),
            FieldPanel("questions"),
            PublishingPanel(),
        ],
        heading=_("Questions"),
    )


def _rules() -> ObjectList:
    return ObjectList(
        [
            MultiFieldPanel(
                [FieldPanel("pass_mark")],
                heading=_("Passing"),
            ),
            MultiFieldPanel(
                [
                    FieldRowPanel([FieldPanel("attempts_allowed"), FieldPanel("attempt_rule")]),
                    FieldPanel("submissions_per_hour"),
                ],
                heading=_("Attempts"),
            ),
            MultiFieldPanel(
                [
                    FieldPanel("time_limit"),
                    FieldRowPanel([FieldPanel("opens_at"), FieldPanel("closes_at")]),
                ],
                heading=_("Time"),
            ),
            MultiFieldPanel(
                [FieldRowPanel([FieldPanel("shuffle_questions"), FieldPanel("shuffle_choices")])],
                heading=_("Order"),
            ),
        ],
        heading=_("Rules"),
    )


def _feedback() -> ObjectList:
    return ObjectList(
        [
            FieldPanel("feedback_detail", widget=forms.RadioSelect),
            FieldPanel("feedback_time", widget=forms.RadioSelect),
            FieldPanel("answers_time", widget=forms.RadioSelect),
            MultiFieldPanel(
                [FieldPanel("posting", widget=forms.RadioSelect), FieldPanel("undo")],
                heading=_("Posting"),
            ),
        ],
        heading=_("Feedback"),
    )
