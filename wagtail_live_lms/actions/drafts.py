"""What a person gave an answer and has not posted: nobody but those who teach sees it."""

from decimal import Decimal
from typing import Any

from django.utils import timezone

from wagtail_live_lms.models import Answer, Outcome

GIVEN_FIELDS = ("points", "comment", "outcome", "graded_by", "graded_at")
DRAFT_FIELDS = ("draft_points", "draft_comment", "drafted_by", "drafted_at")


def grading_revision(answer: Answer) -> int:
    """Tells whether a person graded the answer since, posted or not; 0 when nobody has."""
    moments = [moment for moment in (answer.graded_at, answer.drafted_at) if moment]
    return int(max(moments).timestamp() * 1_000_000) if moments else 0


def given_points(answer: Answer) -> Decimal | None:
    """The points as those who teach see them: the draft, or what the student was given."""
    return answer.draft_points if answer.is_draft else answer.points


def given_comment(answer: Answer) -> str:
    """The comment as those who teach see it."""
    return answer.draft_comment if answer.is_draft else answer.comment


def given_by(answer: Answer) -> Any:
    """Who graded it last, if that is known."""
    return answer.drafted_by if answer.is_draft else answer.graded_by


def outcome_of(points: Decimal, maximum: Decimal) -> str:
    """What points that a person gave come to."""
    if points >= maximum:
        return Outcome.CORRECT
    return Outcome.PARTIAL if points > 0 else Outcome.INCORRECT


def set_draft(answer: Answer, points: Decimal, comment: str, by: Any) -> bool:
    """Set the draft, or none where it is what the student has; whether that is anything new."""
    was = (answer.is_draft, given_points(answer), given_comment(answer))
    if answer.is_graded_by_hand and (points, comment) == (answer.points, answer.comment):
        clear_draft(answer)
    elif was != (True, points, comment):
        answer.draft_points, answer.draft_comment = points, comment
        answer.drafted_by, answer.drafted_at = by, timezone.now()
    return was != (answer.is_draft, given_points(answer), given_comment(answer))


def clear_draft(answer: Answer) -> None:
    """Forget what was not posted."""
    answer.draft_points, answer.draft_comment = None, ""
    answer.drafted_by, answer.drafted_at = None, None


def take_over(answer: Answer) -> None:
    """Make the draft, if there is one, what the student has."""
    if not answer.is_draft:
        return
    answer.points, answer.comment = answer.draft_points, answer.draft_comment
    answer.outcome = outcome_of(answer.points or Decimal(0), answer.maximum or Decimal(0))
    answer.graded_by_id, answer.graded_at = answer.drafted_by_id, answer.drafted_at
    clear_draft(answer)
