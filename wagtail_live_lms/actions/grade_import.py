"""Grades that were given in a table: drafts, and a reason for each row that is refused."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from wagtail.log_actions import log

from wagtail_live_lms.live.exceptions import InvalidInput, LiveError
from wagtail_live_lms.models import Answer, Quiz, Submission, SubmissionState

from .bulk import update_rows
from .changes import push_drafts
from .drafts import DRAFT_FIELDS, set_draft
from .hand_grading import check_gradable
from .summaries import lock_course


@dataclass(frozen=True, slots=True)
class GradeLine:
    """A row of the table; the ids and the revision say which answer it was made for."""

    number: int
    submission_id: int
    enrolment_id: int
    question_id: str
    points: Decimal
    comment: str
    revision: int


@dataclass(frozen=True, slots=True)
class RefusedLine:
    """A row of which nothing was kept, and why."""

    number: int
    reason: str


@dataclass(frozen=True, slots=True)
class ImportedGrades:
    """What became of the rows: drafts, those that said what was known, and those refused."""

    drafted: int
    unchanged: int
    refused: tuple[RefusedLine, ...]


def import_grades(quiz: Quiz, lines: Sequence[GradeLine], by: Any) -> ImportedGrades:
    """Keep the grades as drafts, whatever the quiz's mode of posting; students see nothing.

    One transaction, in a number of queries that does not grow with the rows.
    """
    with transaction.atomic():
        lock_course(quiz.course_id)
        attempts = _attempts(quiz, lines)
        answers = _answers(attempts.values())
        changed, refused = _set_drafts(lines, attempts, answers, by)
        update_rows(Answer, changed, DRAFT_FIELDS)
        touched = _settle(changed, attempts, answers)
        if changed:
            data = {"count": len(changed)}
            log(quiz, "wagtail_live_lms.import_grades", user=by, data=data)
            push_drafts(touched)
    unchanged = len(lines) - len(refused) - len(changed)
    return ImportedGrades(len(changed), unchanged, tuple(refused))


def _attempts(quiz: Quiz, lines: Sequence[GradeLine]) -> dict[int, Submission]:
    rows = Submission.objects.select_related("enrolment", "version", "graded_version", "posting")
    whole = rows.defer("version__content", "graded_version__content")
    asked = {line.submission_id for line in lines}
    found = whole.filter(quiz=quiz, pk__in=asked)
    return {attempt.pk: attempt for attempt in found}


def _answers(attempts: Iterable[Submission]) -> dict[int, dict[str, Answer]]:
    answers: dict[int, dict[str, Answer]] = defaultdict(dict)
    rows = Answer.objects.select_related("graded_by", "drafted_by")
    for answer in rows.filter(submission__in=list(attempts)):
        answers[answer.submission_id][answer.question_id] = answer
    return answers


def _set_drafts(
    lines: Sequence[GradeLine],
    attempts: dict[int, Submission],
    answers: dict[int, dict[str, Answer]],
    by: Any,
) -> tuple[list[Answer], list[RefusedLine]]:
    changed: list[Answer] = []
    refused: list[RefusedLine] = []
    seen: set[tuple[int, str]] = set()
    for line in lines:
        try:
            answer = _checked(line, attempts, answers, seen)
        except LiveError as error:
            refused.append(RefusedLine(line.number, _words(error)))
            continue
        if set_draft(answer, line.points, line.comment, by):
            changed.append(answer)
    return changed, refused


def _checked(
    line: GradeLine,
    attempts: dict[int, Submission],
    answers: dict[int, dict[str, Answer]],
    seen: set[tuple[int, str]],
) -> Answer:
    """The answer that the row is about. Raises why it cannot be graded with it."""
    attempt = attempts.get(line.submission_id)
    answer = answers.get(line.submission_id, {}).get(line.question_id)
    if attempt is None or answer is None:
        raise InvalidInput(message=_("This quiz has no such attempt or question."))
    if attempt.enrolment_id != line.enrolment_id:
        raise InvalidInput(message=_("The attempt is another student's: rows were mixed up."))
    if (line.submission_id, line.question_id) in seen:
        raise InvalidInput(message=_("The answer has been graded in a row above."))
    check_gradable(attempt, answer, line.points, line.revision)
    seen.add((line.submission_id, line.question_id))
    return answer


def _words(error: LiveError) -> str:
    if isinstance(error, InvalidInput) and error.errors:
        return " ".join(text for texts in error.errors.values() for text in texts)
    return str(error.message)


def _settle(
    changed: list[Answer],
    attempts: dict[int, Submission],
    answers: dict[int, dict[str, Answer]],
) -> list[Submission]:
    """An attempt without an undecided answer is graded, and waits to be posted."""
    touched = [attempts[pk] for pk in sorted({answer.submission_id for answer in changed})]
    for attempt in touched:
        attempt.revision += 1
        if attempt.is_waiting and not any(a.is_undecided for a in answers[attempt.pk].values()):
            attempt.state = SubmissionState.GRADED
    update_rows(Submission, touched, ("revision", "state"))
    return touched
