"""The blocks an editor assembles a bootcamp page from."""

from functools import lru_cache
from typing import Any

from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext_lazy as _
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import get_lexer_by_name
from wagtail import blocks
from wagtail.images.blocks import ImageBlock

from wagtail_live_lms.blocks import (
    AskForHelpBlock,
    CourseOutlineBlock,
    CourseProgressBlock,
    EnrolButtonBlock,
    GradeNotificationBlock,
    GradePosterBlock,
    InstructorDashboardBlock,
    NotebookLessonBlock,
    QuizBlock,
    QuizResultsBlock,
    StudentViewBlock,
)

LANGUAGES = [
    ("python", "Python"),
    ("html", "HTML"),
    ("console", _("Terminal")),
    ("text", _("Plain text")),
]


@lru_cache(maxsize=512)
def highlight_code(code: str, language: str) -> SafeString:
    """Code as HTML with Pygments' CSS classes; everything in it is escaped by Pygments."""
    lexer = get_lexer_by_name(language, stripnl=False)
    return mark_safe(highlight(code, lexer, HtmlFormatter(nowrap=True)))  # noqa: S308


class CodeBlock(blocks.StructBlock):
    """A code sample, and beneath it what it prints."""

    language = blocks.ChoiceBlock(choices=LANGUAGES, default="python")
    filename = blocks.CharBlock(required=False)
    code = blocks.TextBlock()
    output = blocks.TextBlock(required=False, help_text=_("What running the code prints."))

    def get_context(
        self, value: blocks.StructValue, parent_context: dict[str, Any] | None = None
    ) -> dict[str, Any]:
        context = super().get_context(value, parent_context=parent_context)
        context["highlighted"] = highlight_code(value["code"], value["language"])
        return context

    class Meta:
        icon = "code"
        template = "bootcamp/blocks/code.html"


class CalloutBlock(blocks.StructBlock):
    """A passage set apart: a note, a warning or an exercise."""

    kind = blocks.ChoiceBlock(
        choices=[("note", _("Note")), ("warning", _("Warning")), ("exercise", _("Exercise"))],
        default="note",
    )
    title = blocks.CharBlock(required=False)
    text = blocks.RichTextBlock(features=["bold", "italic", "code", "link", "ol", "ul"])

    class Meta:
        icon = "info-circle"
        template = "bootcamp/blocks/callout.html"


class FigureBlock(blocks.StructBlock):
    """An image with its alternative text and an optional caption."""

    image = ImageBlock()
    caption = blocks.CharBlock(required=False)

    class Meta:
        icon = "image"
        template = "bootcamp/blocks/figure.html"


class BootcampBody(blocks.StreamBlock):
    heading = blocks.CharBlock(icon="title", template="bootcamp/blocks/heading.html")
    text = blocks.RichTextBlock(
        features=["bold", "italic", "code", "link", "ol", "ul", "h3"],
        template="bootcamp/blocks/text.html",
    )
    code = CodeBlock()
    image = FigureBlock()
    callout = CalloutBlock()
    course_progress = CourseProgressBlock()
    instructor_dashboard = InstructorDashboardBlock()
    grade_notification = GradeNotificationBlock()
    quiz = QuizBlock()
    quiz_results = QuizResultsBlock()
    notebook_lesson = NotebookLessonBlock()
    ask_for_help = AskForHelpBlock()
    student_view = StudentViewBlock()
    course_outline = CourseOutlineBlock()
    enrol_button = EnrolButtonBlock()
    grade_poster = GradePosterBlock()
