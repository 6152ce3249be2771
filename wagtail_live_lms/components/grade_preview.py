"""What a student will see of an attempt once its grades are posted."""

from dataclasses import dataclass
from typing import Any

from wagtail_live_lms import actions
from wagtail_live_lms.models import Submission

from .quiz_context import context_for
from .quiz_paper import PaperView, Presenter
from .quiz_state import Standing, attempts_of, judged_answers, script_of


@dataclass(frozen=True, slots=True)
class GradePreview:
    """An attempt as if it were posted, presented under the quiz's rules for its student."""

    submission: Submission
    paper: PaperView
    is_complete: bool
    context: dict[str, Any]


def preview_grade(submission: Submission, prefix: str) -> GradePreview:
    """The student's page of the attempt, with nothing stored. Unposted, no part is withheld."""
    answers = list(submission.answers.all())
    is_complete = not any(answer.is_undecided for answer in answers)
    if is_complete:
        actions.set_posted_result(submission, answers)
    others = attempts_of(submission.enrolment, submission.quiz)
    earlier = tuple(other for other in others if other.pk != submission.pk)
    standing = Standing(submission.quiz, submission.enrolment, (submission, *earlier))
    script = script_of(submission, answers)
    presenter = Presenter(
        standing.policy,
        submission.order_seed,
        f"{prefix}-preview",
        script.responses,
        results=judged_answers(submission, answers),
    )
    paper = presenter.paper(script.paper)
    return GradePreview(submission, paper, is_complete, context_for(standing, None))
