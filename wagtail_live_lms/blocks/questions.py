"""Question types as blocks: what an editor fills in. How each is judged is in `grading`.

A site adds its own type by subclassing `QuestionBlock` and registering it:
see `docs/how-to/question-type.md`.
"""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from django.utils.translation import gettext_lazy as _
from wagtail.blocks import (
    Block,
    BooleanBlock,
    CharBlock,
    DecimalBlock,
    RichTextBlock,
    StreamBlock,
    StructBlock,
)

from .stable import StableBlock

TEXT_FEATURES = ["bold", "italic", "code", "live-lms-code", "link", "ol", "ul", "image"]
"""What a question, an explanation and a note may contain."""

CHOICE_FEATURES = ["bold", "italic", "code", "image"]
"""What a choice may contain: it stands on one line."""

question_types: dict[str, Block] = {}
"""Every question type by its kind, in the order of the picker. Fill it with `register_question`."""

BlockClass = TypeVar("BlockClass", bound=type[Block])


def register_question(kind: str) -> Callable[[BlockClass], BlockClass]:
    """Class decorator: add a question type. Raises ValueError when the kind is taken.

    The kind is stored with every question and answer, so it must not change.
    """

    def add(block_class: BlockClass) -> BlockClass:
        if kind in question_types:
            raise ValueError(f"The question type {kind!r} is registered already.")
        block = block_class()
        block.set_name(kind)
        question_types[kind] = block
        return block_class

    return add


class QuestionBlock(StructBlock):
    """What all questions have. A type of your own adds fields and says how it is graded:

    `grade(data, response)` returns 0 to 1 or a boolean; `data` is the block as stored. It may
    also have `response_type` (what pydantic validates the response with, default text),
    `lint(data)` (warnings for the editor), `key_text(data)` (the right answer in words), and
    `answer_template`, which renders the field.
    """

    text = RichTextBlock(label=_("Question"), features=TEXT_FEATURES)
    points = DecimalBlock(
        label=_("Points"), default=1, min_value="0.01", max_value=1000, decimal_places=2
    )
    explanation = RichTextBlock(
        label=_("Explanation"),
        required=False,
        features=TEXT_FEATURES,
        help_text=_("Shown with the result, whatever was answered."),
    )
    void = BooleanBlock(
        label=_("Void"),
        required=False,
        help_text=_("Everybody gets full points, as for a question that turned out to be wrong."),
    )

    grade: Callable[[Mapping[str, Any], Any], Any] | None = None
    response_type: Any = str
    answer_template = "wagtail_live_lms/quiz/answers/short_text.html"

    class Meta:
        group = _("Your site's questions")
        preview_template = "wagtail_live_lms/blocks/question_preview.html"


class QuestionStreamBlock(StableBlock, StreamBlock):
    """The questions of a quiz: any registered type, also those a site registers later."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.child_blocks = question_types


class InformationBlock(StableBlock, StructBlock):
    """Text between questions: nothing to answer."""

    text = RichTextBlock(label=_("Text"), features=TEXT_FEATURES)

    class Meta:
        icon = "doc-full"
        label = _("Text")
        description = _("An introduction or a case that the next questions are about.")
        group = _("Other")
        preview_template = "wagtail_live_lms/blocks/question_preview.html"


def tail_block() -> CharBlock:
    """The text after the gap, of questions that may have one."""
    return CharBlock(
        label=_("Text after the answer"),
        required=False,
        help_text=_("For a gap in a sentence: what follows the gap."),
    )
