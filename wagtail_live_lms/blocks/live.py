"""Blocks that put a live component on a page. They hold structure only."""

from typing import Any

from django.apps import apps
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from wagtail.blocks import BlockGroup, StructBlock, StructBlockValidationError
from wagtail.snippets.blocks import SnippetChooserBlock

from .stable import StableBlock

COURSE = "wagtail_live_lms.Course"
MODULE = "wagtail_live_lms.Module"
QUIZ = "wagtail_live_lms.Quiz"


class LiveBlock(StableBlock, StructBlock):
    """A component of a course; without a choice, of the course its page belongs to."""

    course = SnippetChooserBlock(
        COURSE,
        required=False,
        label=_("Course"),
        help_text=_("Leave empty for the course that this page belongs to."),
    )

    class Meta:
        group = _("Learning")
        help_text = _("Of the course that this page belongs to, or of another: see its settings.")
        form_layout = BlockGroup([], settings=["course"])
        preview_template = "wagtail_live_lms/blocks/picker_preview.html"

    def get_preview_value(self) -> Any:
        return self.normalize({})

    def get_context(
        self, value: Any, parent_context: dict[str, Any] | None = None
    ) -> dict[str, Any]:
        context = super().get_context(value, parent_context=parent_context)
        page = context.get("page")
        course = value.get("course") or getattr(page, "course", None)
        module = _module_of(page, course)
        context["course"] = course or (module.course if module else None)
        context["module"] = module
        context["is_preview"] = _is_preview(context)
        return context


class CourseProgressBlock(LiveBlock):
    """The student's progress. On a module's page, that module's."""

    class Meta:
        icon = "tick-inverse"
        label = _("Course progress")
        description = _("How far the student is, moving the moment they finish something.")
        template = "wagtail_live_lms/blocks/course_progress.html"


class GradeNotificationBlock(LiveBlock):
    """The student's notices of the course; without a course, of all their courses."""

    class Meta:
        icon = "live-lms-bell"
        label = _("Notifications")
        description = _("Grades and hints, the moment they are posted, kept until dismissed.")
        template = "wagtail_live_lms/blocks/grade_notification.html"


class InstructorDashboardBlock(LiveBlock):
    """Every student of the course, for those who teach it."""

    class Meta:
        icon = "group"
        label = _("Instructor dashboard")
        description = _("A live table of every enrolled student. Only instructors see it.")
        template = "wagtail_live_lms/blocks/instructor_dashboard.html"


class AskForHelpBlock(LiveBlock):
    """Asking the instructors for help. On a module's page, with that module."""

    class Meta:
        icon = "comment"
        label = _("Ask for help")
        description = _("Students ask their instructors, and read the answer on the page.")
        template = "wagtail_live_lms/blocks/ask_for_help.html"


class OfQuizBlock(StableBlock, StructBlock):
    """What the blocks of a quiz share."""

    class Meta:
        group = _("Learning")
        preview_template = "wagtail_live_lms/blocks/picker_preview.html"

    def get_preview_value(self) -> Any:
        return self.normalize({})

    def clean(self, value: Any) -> Any:
        cleaned = super().clean(value)
        quiz = cleaned.get("quiz")
        if quiz is None or self.is_deferred_validation or quiz.live or quiz.approved_schedule:
            return cleaned
        message = _("“%(quiz)s” is not published. Publish it first, or choose another one.")
        error = ValidationError(message, code="not_published", params={"quiz": quiz.title})
        raise StructBlockValidationError(block_errors={"quiz": error})

    def get_context(
        self, value: Any, parent_context: dict[str, Any] | None = None
    ) -> dict[str, Any]:
        context = super().get_context(value, parent_context=parent_context)
        return context | {"quiz": value.get("quiz"), "is_preview": _is_preview(context)}


class QuizBlock(OfQuizBlock):
    """A quiz; without a choice, the one that completes the module of its page."""

    quiz = SnippetChooserBlock(
        QUIZ,
        required=False,
        label=_("Quiz"),
        help_text=_("Leave empty for the quiz of the module that this page teaches."),
    )

    class Meta:
        icon = "help"
        label = _("Quiz")
        help_text = _("Of the module that this page teaches, or another: see its settings.")
        form_layout = BlockGroup([], settings=["quiz"])
        description = _("Questions that students answer here, with their result.")
        template = "wagtail_live_lms/blocks/quiz.html"

    def get_context(
        self, value: Any, parent_context: dict[str, Any] | None = None
    ) -> dict[str, Any]:
        context = super().get_context(value, parent_context=parent_context)
        if context["quiz"] is None and not context["is_preview"]:
            context["quiz"] = _quiz_of(_module_of(context.get("page"), None))
        return context


class QuizResultsBlock(OfQuizBlock):
    """The live results of a quiz, for those who teach its course."""

    quiz = SnippetChooserBlock(QUIZ, label=_("Quiz"))

    class Meta:
        icon = "list-ul"
        label = _("Quiz results")
        description = _("Attempts and questions of a quiz, live. Only instructors see it.")
        template = "wagtail_live_lms/blocks/quiz_results.html"


class GradePosterBlock(LiveBlock):
    """Grading and posting, for those who teach the course: of one quiz, or of all."""

    quiz = SnippetChooserBlock(
        QUIZ,
        required=False,
        label=_("Quiz"),
        help_text=_("Leave empty for every quiz of the course."),
    )

    class Meta:
        icon = "tasks"
        label = _("Grading")
        description = _("Grade answers and post the results. Only instructors see it.")
        template = "wagtail_live_lms/blocks/grade_poster.html"

    def get_context(
        self, value: Any, parent_context: dict[str, Any] | None = None
    ) -> dict[str, Any]:
        context = super().get_context(value, parent_context=parent_context)
        quiz = value.get("quiz")
        return context | {"quiz": quiz, "course": quiz.course if quiz else context["course"]}


def _is_preview(context: dict[str, Any]) -> bool:
    """In the block picker and in a page's preview nothing is live and nobody's data is read."""
    return "block_def" in context or getattr(context.get("request"), "is_preview", False)


def _quiz_of(module: Any) -> Any:
    """The published quiz that completes a module; the newest, if there are several."""
    if module is None:
        return None
    return apps.get_model(QUIZ).objects.live().filter(module=module).order_by("-pk").first()


def _module_of(page: Any, course: Any) -> Any:
    """The module that the page teaches, of that course if one is given.

    A page's translations teach the same module.
    """
    if page is None or page.pk is None:
        return None
    modules = apps.get_model(MODULE).objects.live().select_related("course")
    if course is not None:
        modules = modules.filter(course=course)
    return modules.filter(page__translation_key=page.translation_key).first()
