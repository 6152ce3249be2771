"""What a check of a quiz found, in words, and beside the question it is about."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Self

from django.core.exceptions import ValidationError
from django.utils.functional import Promise
from django.utils.html import strip_tags
from django.utils.text import Truncator
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.blocks import StructBlock
from wagtail.blocks.list_block import ListBlock, ListBlockValidationError
from wagtail.blocks.stream_block import StreamBlockValidationError
from wagtail.blocks.struct_block import StructBlockValidationError

from wagtail_live_lms.grading import Finding
from wagtail_live_lms.models import Quiz
from wagtail_live_lms.models.quiz_checks import check_quiz

MESSAGES: dict[str, Promise | str] = {
    "invalid": "%(message)s",
    "custom": "%(message)s",
    "unreadable": _("This question cannot be graded as it is. %(reason)s"),
    "no_questions": _("Add a question that students can answer."),
    "no_correct_answer": _("Say which answer is right: as it is, nobody can get full points."),
    "ticking_all_scores": _(
        "Ticking every choice would give points. Leave a choice wrong, or count points in another "
        "way."
    ),
    "anything_scores": _("Any answer would be right. Make the answers differ."),
    "every_choice_scores": _("Every choice gives points, so a guess is never wrong."),
    "duplicate_choices": _("“%(text)s” is there twice."),
    "shadowed_answer": _("“%(text)s” is never reached: “%(by)s” above it accepts all of it."),
    "image_without_alternative": _(
        "An image has no description. Those who cannot see it cannot answer."
    ),
    "word_limits_cross": _("The upper limit of words is below the lower one."),
    "relative_to_zero": _("A percentage of 0 is 0. Give the tolerance as a number."),
    "tolerance_too_tight": _(
        "An answer rounded to the decimals of %(value)s may be refused. Allow a wider tolerance."
    ),
    "pass_mark_unreachable": _(
        "Nobody can pass: the questions give at most %(reachable)g per cent. Lower the pass mark."
    ),
    "closes_before_opening": _("Choose a time after the opening."),
    "window_shorter_than_limit": _(
        "The quiz is open for a shorter time than an attempt may take. Close it later, or shorten "
        "the time limit."
    ),
}
"""Every code of a finding, with what an editor reads."""

QUIZ_FIELDS = {"closes": "closes_at"}
"""Fields of the quiz that the core of grading knows under another name."""


def describe(finding: Finding) -> str:
    """What an editor reads."""
    message = MESSAGES.get(finding.code)
    if message is None:
        return gettext("Look at this again (%(code)s).") % {"code": finding.code}
    return str(message) % {name: _plain(value) for name, value in finding.params.items()}


def _plain(value: Any) -> Any:
    return strip_tags(value) if isinstance(value, str) else value


@dataclass(frozen=True, slots=True)
class Note:
    """A finding as the list of them shows it."""

    message: str
    is_error: bool
    question_id: str = ""
    number: int = 0
    title: str = ""
    tab: str = "questions"


@dataclass(frozen=True, slots=True)
class QuizCheck:
    """All that was found in a quiz."""

    notes: tuple[Note, ...]

    @classmethod
    def of(cls, quiz: Quiz) -> Self:
        titles = [(child.id, title_of(child)) for child in quiz.questions]
        places = {id: (number, title) for number, (id, title) in enumerate(titles, 1)}
        return cls(tuple(_note(finding, places) for finding in check_quiz(quiz)))

    @property
    def errors(self) -> list[Note]:
        return [note for note in self.notes if note.is_error]

    @property
    def warnings(self) -> list[Note]:
        return [note for note in self.notes if not note.is_error]


def title_of(child: Any) -> str:
    """The beginning of a question's text."""
    source = getattr(child.value.get("text"), "source", "")
    return Truncator(strip_tags(source).strip()).chars(60) or str(child.block.label)


def _note(finding: Finding, places: dict[str, tuple[int, str]]) -> Note:
    number, title = places.get(finding.question_id, (0, ""))
    tab = "questions" if finding.question_id or finding.field == "questions" else "rules"
    return Note(describe(finding), finding.is_error, finding.question_id, number, title, tab)


def form_errors(quiz: Quiz) -> dict[str, ValidationError]:
    """The errors of a check by the form's field, those of questions where they are."""
    found = [finding for finding in check_quiz(quiz) if finding.is_error]
    of_quiz = [finding for finding in found if not finding.question_id]
    errors = {
        QUIZ_FIELDS.get(finding.field, finding.field): ValidationError(describe(finding))
        for finding in of_quiz
    }
    of_questions = [finding for finding in found if finding.question_id]
    if of_questions:
        errors["questions"] = _stream_error(quiz, of_questions)
    return errors


def _stream_error(quiz: Quiz, findings: list[Finding]) -> StreamBlockValidationError:
    errors = {}
    for index, child in enumerate(quiz.questions):
        own = [finding for finding in findings if finding.question_id == child.id]
        if own:
            errors[index] = _struct_error(child.block, own)
    return StreamBlockValidationError(errors)


def _struct_error(block: StructBlock, findings: Iterable[Finding]) -> StructBlockValidationError:
    """The findings of one question beside its fields; those of no field of it, above them."""
    fields: dict[str, list[Finding]] = {}
    for finding in findings:
        name = finding.field.split(".")[0]
        fields.setdefault(name if name in block.child_blocks else "", []).append(finding)
    above = [describe(finding) for finding in fields.pop("", [])]
    errors = {name: _field_error(block.child_blocks[name], of) for name, of in fields.items()}
    return StructBlockValidationError(errors, above)


def _field_error(block: Any, findings: list[Finding]) -> ValidationError:
    if not isinstance(block, ListBlock):
        return ValidationError([describe(finding) for finding in findings])
    rows: dict[int, dict[str, ValidationError]] = {}
    whole: list[str] = []
    for finding in findings:
        match finding.field.split("."):
            case [_, index, field]:
                rows.setdefault(int(index), {})[field] = ValidationError(describe(finding))
            case _other:
                whole.append(describe(finding))
    return ListBlockValidationError(
        {index: StructBlockValidationError(fields) for index, fields in rows.items()}, whole
    )
