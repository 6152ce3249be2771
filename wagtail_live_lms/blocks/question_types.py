"""The question types that come with the package."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from wagtail.blocks import (
    BlockGroup,
    BooleanBlock,
    CharBlock,
    ChoiceBlock,
    DecimalBlock,
    IntegerBlock,
    ListBlock,
    StructBlock,
)

from .question_samples import SAMPLES
from .question_text import QuestionTextBlock
from .questions import (
    CHOICE_FEATURES,
    TEXT_FEATURES,
    InformationBlock,
    QuestionBlock,
    add_question,
    tail_block,
)
from .stable import StableBlock

CHOSEN, TYPED, ARRANGED = _("Choose"), _("Type in"), _("Arrange")
OPTION_CLASS = "struct-block live-lms-option"


def _text(label: Any, **options: Any) -> QuestionTextBlock:
    return QuestionTextBlock(label=label, features=CHOICE_FEATURES, **options)


def _feedback(help_text: Any = "", label: Any = None) -> CharBlock:
    label = label or _("Feedback")
    return CharBlock(label=label, required=False, default="", help_text=help_text)


class OptionBlock(StableBlock, StructBlock):
    """What a student can choose, whatever the type of the question."""

    text = _text(_("Choice"))
    correct = BooleanBlock(label=_("Correct"), required=False, default=False)
    feedback = _feedback(_("Shown to those who chose it."))
    pinned = BooleanBlock(
        label=_("Keep last"),
        required=False,
        default=False,
        help_text=_("Stays at the end when shuffled."),
    )

    class Meta:
        label_format = "{text}"
        form_classname = OPTION_CLASS
        form_layout = BlockGroup(["text", "correct", "feedback"], settings=["pinned"])


class ChoiceOptionBlock(OptionBlock):
    """A choice of a multiple choice question."""


class SingleOptionBlock(OptionBlock):
    """A choice of a single choice question."""

    credit = IntegerBlock(
        label=_("Part of the points, in per cent"),
        default=0,
        min_value=0,
        max_value=100,
        help_text=_("For a choice that is not correct but not quite wrong either."),
    )

    class Meta:
        form_layout = BlockGroup(["text", "correct", "feedback"], settings=["credit", "pinned"])


class AcceptedTextBlock(StableBlock, StructBlock):
    """An answer that a short text question accepts."""

    text = CharBlock(label=_("Accepted answer"), default="", max_length=500)
    credit = IntegerBlock(label=_("Points, in per cent"), default=100, min_value=1, max_value=100)
    feedback = _feedback()

    class Meta:
        label_format = "{text}"
        form_classname = OPTION_CLASS


class AcceptedNumberBlock(StableBlock, StructBlock):
    """A number that is accepted, with how far off an answer may be."""

    value = DecimalBlock(label=_("Number"))
    absolute = DecimalBlock(
        label=_("Tolerance"), default=0, min_value=0, help_text=_("Off by at most this much.")
    )
    relative = DecimalBlock(
        label=_("Tolerance in per cent"),
        default=0,
        min_value=0,
        max_value=100,
        help_text=_("Off by at most this share of the number. The larger tolerance counts."),
    )
    credit = IntegerBlock(label=_("Points, in per cent"), default=100, min_value=1, max_value=100)
    feedback = _feedback()

    class Meta:
        label_format = "{value}"
        form_classname = OPTION_CLASS


class OrderedItemBlock(StableBlock, StructBlock):
    """Something to be put in its place."""

    text = _text(_("Item"))

    class Meta:
        label_format = "{text}"


class PairBlock(StableBlock, StructBlock):
    """A prompt and what belongs to it."""

    prompt = _text(_("Prompt"))
    match = CharBlock(label=_("What belongs to it"), default="")
    feedback = _feedback(_("Shown to those who matched it rightly."))

    class Meta:
        label_format = "{prompt}"
        form_classname = OPTION_CLASS


class DistractorBlock(StableBlock, StructBlock):
    """An option that belongs to nothing."""

    text = CharBlock(label=_("Option"), default="")


class ChoicesBlock(StableBlock, QuestionBlock):
    """A question with choices that the author writes."""

    shuffle = BooleanBlock(label=_("Shuffle the choices"), required=False, default=True)

    class Meta:
        group = CHOSEN


@add_question("single_choice")
class SingleChoiceBlock(ChoicesBlock):
    choices = ListBlock(SingleOptionBlock(), label=_("Choices"), min_num=2)
    tail = tail_block()

    class Meta:
        icon = "radio-full"
        label = _("Single choice")
        description = _("One of several choices is right.")
        preview_value = SAMPLES["single_choice"]
        settings = ("shuffle", "tail")


@add_question("multiple_choice")
class MultipleChoiceBlock(ChoicesBlock):
    choices = ListBlock(ChoiceOptionBlock(), label=_("Choices"), min_num=2)
    method = ChoiceBlock(
        label=_("Points for a part"),
        default="right_minus_wrong",
        choices=[
            ("right_minus_wrong", _("Right minus wrong choices")),
            ("all_or_nothing", _("All or nothing")),
            ("each_decision", _("Each choice decided rightly counts")),
        ],
        help_text=_("“Right minus wrong” gives nothing to those who tick everything."),
    )

    class Meta:
        icon = "tasks"
        label = _("Multiple choice")
        description = _("Several choices may be right.")
        preview_value = SAMPLES["multiple_choice"]
        settings = ("method", "shuffle")


@add_question("true_false")
class TrueFalseBlock(StableBlock, QuestionBlock):
    correct = ChoiceBlock(
        label=_("The statement is"),
        choices=[("true", _("True")), ("false", _("False"))],
        default="true",
    )
    feedback_true = _feedback(label=_("Feedback to “True”"))
    feedback_false = _feedback(label=_("Feedback to “False”"))

    class Meta:
        icon = "tick-inverse"
        label = _("True or false")
        description = _("A statement to be judged.")
        group = CHOSEN
        preview_value = SAMPLES["true_false"]


@add_question("short_text")
class ShortTextBlock(StableBlock, QuestionBlock):
    answers = ListBlock(
        AcceptedTextBlock(),
        label=_("Accepted answers"),
        min_num=1,
        help_text=_("The first that fits decides points and feedback."),
    )
    match_case = BooleanBlock(label=_("Upper and lower case matter"), required=False, default=False)
    ignore_accents = BooleanBlock(label=_("Ignore accents"), required=False, default=False)
    ignore_punctuation = BooleanBlock(
        label=_("Ignore punctuation at the end"), required=False, default=False
    )
    wildcards = BooleanBlock(
        label=_("* stands for any text"),
        required=False,
        default=False,
        help_text=_("In an accepted answer, “*” then fits whatever is written there."),
    )
    tail = tail_block()

    class Meta:
        icon = "pilcrow"
        label = _("Short text")
        description = _("A word or a few, compared with the accepted answers.")
        group = TYPED
        preview_value = SAMPLES["short_text"]
        settings = ("match_case", "ignore_accents", "ignore_punctuation", "wildcards", "tail")


@add_question("number")
class NumberBlock(StableBlock, QuestionBlock):
    answers = ListBlock(AcceptedNumberBlock(), label=_("Accepted numbers"), min_num=1)
    unit = CharBlock(
        label=_("Unit"),
        required=False,
        default="",
        max_length=40,
        help_text=_("Shown behind the field."),
    )
    decimal_comma = BooleanBlock(
        label=_("Decimal comma"),
        required=False,
        default=False,
        help_text=_("Answers are written with a comma, as in 3,14. A point is then refused."),
    )
    tail = tail_block()

    class Meta:
        icon = "order"
        label = _("Number")
        description = _("A number, within a tolerance.")
        group = TYPED
        preview_value = SAMPLES["number"]
        settings = ("decimal_comma", "tail")


@add_question("ordering")
class OrderingBlock(StableBlock, QuestionBlock):
    items = ListBlock(
        OrderedItemBlock(),
        label=_("Items in the right order"),
        min_num=2,
        help_text=_("Students get them shuffled."),
    )
    method = ChoiceBlock(
        label=_("Points for a part"),
        default="each_position",
        choices=[
            ("each_position", _("Each item in its place counts")),
            ("all_or_nothing", _("All or nothing")),
        ],
    )

    class Meta:
        icon = "list-ol"
        label = _("Ordering")
        description = _("Items to be put in order.")
        group = ARRANGED
        preview_value = SAMPLES["ordering"]
        settings = ("method",)


@add_question("matching")
class MatchingBlock(StableBlock, QuestionBlock):
    pairs = ListBlock(PairBlock(), label=_("Pairs"), min_num=2)
    distractors = ListBlock(
        DistractorBlock(), label=_("Further options that fit nowhere"), min_num=0, default=[]
    )
    shuffle = BooleanBlock(label=_("Shuffle the prompts"), required=False, default=True)

    class Meta:
        icon = "link"
        label = _("Matching")
        description = _("For each prompt, what belongs to it.")
        group = ARRANGED
        preview_value = SAMPLES["matching"]
        settings = ("shuffle",)


@add_question("long_answer")
class LongAnswerBlock(StableBlock, QuestionBlock):
    guidance = QuestionTextBlock(
        label=_("Guidance for grading"),
        required=False,
        features=TEXT_FEATURES,
        help_text=_("Only those who grade see it."),
    )
    min_words = IntegerBlock(label=_("At least so many words"), default=0, min_value=0)
    max_words = IntegerBlock(
        label=_("At most so many words"), default=0, min_value=0, help_text=_("0: no limit.")
    )

    class Meta:
        icon = "edit"
        label = _("Long answer")
        description = _("A text that a person grades.")
        group = TYPED
        preview_value = SAMPLES["long_answer"]
        settings = ("min_words", "max_words")


add_question("information")(InformationBlock)
