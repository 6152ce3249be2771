"""Question types as blocks: what an editor fills in. How each is judged is in `grading`.

A site adds its own type by subclassing `QuestionBlock` and registering it:
see `docs/how-to/question-type.md`.
"""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, TypeVar

from django.utils.translation import gettext_lazy as _
from wagtail.blocks import (
    Block,
    BlockGroup,
    BooleanBlock,
    CharBlock,
    DecimalBlock,
    StreamBlock,
    StructBlock,
)

from .question_samples import SAMPLES
from .question_text import CODE_FEATURE, QuestionTextBlock
from .stable import StableBlock

TEXT_FEATURES = ["bold", "italic", "code", CODE_FEATURE, "link", "ol", "ul", "image"]
"""What a question, an explanation and a note may contain."""

CHOICE_FEATURES = ["bold", "italic", "code", "image"]
"""What a choice may contain: it stands on one line."""

question_types: dict[str, Block] = {}
"""Every question type by its kind, in the order of the picker. Fill it with `register_question`."""

BlockClass = TypeVar("BlockClass", bound=type[Block])


def add_question(kind: str) -> Callable[[BlockClass], BlockClass]:
    """Class decorator: add a block to the picker. Raises ValueError when the kind is taken."""

    def add(block_class: BlockClass) -> BlockClass:
        if kind in question_types:
            raise ValueError(f"The question type {kind!r} is registered already.")
        block = block_class()
        block.set_name(kind)
        question_types[kind] = block
        return block_class

    return add


def register_question(kind: str) -> Callable[[BlockClass], BlockClass]:
    """Class decorator: add a question type of your own, a `QuestionBlock` with `grade`.

    The kind is stored with every question and answer, so it must not change. Raises ValueError
    when it is taken, TypeError when the class cannot grade.
    """

    def add(block_class: BlockClass) -> BlockClass:
        if not callable(getattr(block_class, "grade", None)):
            raise TypeError(f"{block_class.__name__} needs a method grade(data, response).")
        return add_question(kind)(block_class)

    return add


def unregister_question(kind: str) -> None:
    """Take a question type back, as a test of one does when it ends."""
    del question_types[kind]


class PreviewedBlock(StructBlock):
    """A block that the picker shows as a student would see it."""

    class Meta:
        preview_template = "wagtail_live_lms/blocks/question_preview.html"
        label_format = "{text}"


class QuestionBlock(PreviewedBlock):
    """What all questions have. A type of your own adds fields and says how it is graded:

    `grade(data, response)` returns 0 to 1 or a boolean; `data` is the block as stored. It may
    also have `response_type` (what pydantic validates the response with, default text),
    `lint(data)` (warnings for the editor), `key_text(data)` (the right answer in words), and
    `answer_template`, which renders the field.
    """

    text = QuestionTextBlock(label=_("Question"), features=TEXT_FEATURES)
    points = DecimalBlock(
        label=_("Points"), default=1, min_value=Decimal("0.01"), max_value=1000, decimal_places=2
    )
    explanation = QuestionTextBlock(
        label=_("Explanation"),
        required=False,
        features=TEXT_FEATURES,
        help_text=_("Shown with the result, whatever was answered."),
    )
    void = BooleanBlock(
        label=_("Void"),
        required=False,
        default=False,
        help_text=_("Everybody gets full points, as for a question that turned out to be wrong."),
    )

    grade: Callable[[Mapping[str, Any], Any], Any] | None = None
    response_type: Any = str
    answer_template = "wagtail_live_lms/quiz/answers/short_text.html"

    def get_form_layout(self) -> BlockGroup:
        """The question, what its type adds, points and explanation; the rest in a drawer."""
        if self.meta.form_layout is not None:
            return super().get_form_layout()
        settings = [*self.meta.settings, "void"]
        ends = ["points", "explanation"]
        own = [name for name in self.child_blocks if name not in {"text", *ends, *settings}]
        return BlockGroup(["text", *own, *ends], settings=settings)

    class Meta:
        group = _("Your site's questions")
        icon = "help"
        settings: tuple[str, ...] = ()


class QuestionStreamBlock(StableBlock, StreamBlock):
    """The questions of a quiz: any registered type, also those a site registers later."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.child_blocks = question_types


class InformationBlock(StableBlock, PreviewedBlock):
    """Text between questions: nothing to answer."""

    text = QuestionTextBlock(label=_("Text"), features=TEXT_FEATURES)

    class Meta:
        icon = "doc-full"
        label = _("Text")
        description = _("An introduction or a case that the next questions are about.")
        group = _("Other")
        preview_value = SAMPLES["information"]


def tail_block() -> CharBlock:
    """The text after the gap, of questions that may have one."""
    return CharBlock(
        label=_("Text after the answer"),
        required=False,
        default="",
        help_text=_("For a gap in a sentence: what follows the gap."),
    )
