"""Grading by a person what no key can judge."""

from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from wagtail.log_actions import log

from wagtail_live_lms.exceptions import BeingPosted, GradedByKey, GradedMeanwhile
from wagtail_live_lms.live.exceptions import InvalidInput
from wagtail_live_lms.models import (
    Answer,
    CourseTotals,
    Outcome,
    Submission,
    SubmissionState,
    paper_of,
)

from .changes import push_drafts, push_submissions
from .drafts import (
    DRAFT_FIELDS,
    GIVEN_FIELDS,
    clear_draft,
    given_by,
    given_comment,
    given_points,
    grading_revision,
    outcome_of,
    set_draft,
)
from .enrolment import display_name_of
from .grading import conclude, set_percent
from .result_notices import tell_changed, tell_graded
from .standings import CENT
from .summaries import lock_course


def is_for_a_person(answer: Answer, submission: Submission) -> bool:
    """Whether the key the attempt was graded with leaves this answer to a person."""
    version = submission.graded_version or submission.version
    question = paper_of(version).answerable.get(answer.question_id)
    question = question or paper_of(submission.version).answerable[answer.question_id]
    return question.grade(answer.response).outcome == Outcome.PENDING


def grade_answer(
    answer: Answer,
    points: Decimal,
    comment: str,
    by: Any,
    revision: int,
    *,
    as_draft: bool = False,
) -> Submission:
    """Give points, 0 to the question's in steps of 0.01, and a comment in plain text.

    A draft where the quiz's grades are posted by hand, or where `as_draft` asks for one; otherwise
    the attempt has its result with its last answer graded. `revision` is what `grading_revision`
    said when the person looked: GradedMeanwhile says who was faster. Raises BeingPosted,
    GradedByKey for what the key judges, InvalidInput for points that cannot be given.
    """
    with transaction.atomic():
        attempt = Submission.objects.select_related("quiz").get(pk=answer.submission_id)
        totals = lock_course(attempt.quiz.course_id)
        submission = _lock(answer.submission_id)
        answer = Answer.objects.select_related("graded_by", "drafted_by").get(pk=answer.pk)
        check_gradable(submission, answer, points, revision)
        if as_draft or submission.quiz.is_posted_by_hand:
            if set_draft(answer, points, comment.strip(), by):
                answer.save(update_fields=DRAFT_FIELDS)
                _keep_draft(submission)
            return submission
        _write(answer, points, comment, by)
        _log(submission, answer, by)
        _conclude(submission, totals)
    return submission


def check_gradable(submission: Submission, answer: Answer, points: Decimal, revision: int) -> None:
    """Raises what `grade_answer` raises."""
    if submission.is_open or not is_for_a_person(answer, submission):
        raise GradedByKey
    if submission.is_being_posted:
        raise BeingPosted
    if grading_revision(answer) != revision:
        raise GradedMeanwhile(_who_was_faster(answer))
    _check_points(answer, points)


def _lock(submission_id: int) -> Submission:
    rows = Submission.objects.select_for_update(of=("self",))
    rows = rows.select_related("quiz__module", "quiz__course", "enrolment__user")
    rows = rows.select_related("version", "graded_version", "posting")
    return rows.defer("version__content", "graded_version__content").get(pk=submission_id)


def _who_was_faster(answer: Answer) -> str:
    by = given_by(answer)
    values = {
        "name": display_name_of(by) if by else _("Somebody"),
        "points": given_points(answer),
        "maximum": answer.maximum,
        "comment": Truncator(given_comment(answer)).chars(200),
    }
    changed = _("%(name)s has graded this answer meanwhile: %(points)s of %(maximum)s points.")
    if values["comment"]:
        changed = _(
            "%(name)s has graded this answer meanwhile: %(points)s of %(maximum)s points, "
            "“%(comment)s”."
        )
    rest = _("Nothing of yours was saved. Look at it again before you change it.")
    return f"{changed % values} {rest}"


def _check_points(answer: Answer, points: Decimal) -> None:
    maximum = answer.maximum or Decimal(0)
    if not points.is_finite() or not 0 <= points <= maximum or points != points.quantize(CENT):
        message = _("Give 0 to %(maximum)s points, in steps of 0.01.") % {"maximum": maximum}
        raise InvalidInput({"points": [message]})


def _write(answer: Answer, points: Decimal, comment: str, by: Any) -> None:
    answer.points, answer.comment = points, comment.strip()
    answer.outcome = outcome_of(points, answer.maximum or Decimal(0))
    answer.graded_by, answer.graded_at = by, timezone.now()
    clear_draft(answer)
    answer.save(update_fields=[*GIVEN_FIELDS, *DRAFT_FIELDS])


def _log(submission: Submission, answer: Answer, by: Any) -> None:
    data = {
        "student": submission.enrolment.display_name,
        "attempt": submission.number,
        "question": answer.question_id,
        "points": str(answer.points),
        "maximum": str(answer.maximum),
    }
    log(submission.quiz, "wagtail_live_lms.grade_answer", user=by, data=data)


def _keep_draft(submission: Submission) -> None:
    """Nothing but those who teach hears of it."""
    submission.revision += 1
    if submission.is_waiting and not any(a.is_undecided for a in submission.answers.all()):
        submission.state = SubmissionState.GRADED
    submission.save(update_fields=["revision", "state"])
    push_drafts([submission])


def _conclude(submission: Submission, totals: CourseTotals) -> None:
    """The attempt's result, once no answer waits any more."""
    answers = list(submission.answers.all())
    if any(answer.outcome == Outcome.PENDING and answer.is_draft for answer in answers):
        _keep_draft(submission)
        return
    submission.revision += 1
    if any(answer.outcome == Outcome.PENDING for answer in answers):
        submission.save()
        push_submissions([submission])
        return
    had_a_result = submission.is_graded
    if submission.is_waiting:
        submission.state = SubmissionState.GRADED
    score = sum((answer.points or Decimal(0) for answer in answers), Decimal(0))
    version = submission.graded_version or submission.version
    set_percent(submission, score, version.pass_mark)
    conclude(submission, totals, is_active=False)
    if had_a_result:
        tell_changed([submission])
    else:
        tell_graded(submission)
