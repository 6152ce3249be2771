"""Facts: fields, constraints and querysets. No I/O and no push; the verbs are in `actions`.

Import from here. The submodules depend on each other in the order below, never upwards.
"""

from wagtail_live_lms.live.models import LiveChange, LiveTopic

from .courses import CompletionRule, Course, CourseInstructor, EnrolmentPolicy, Module
from .enrolments import NEVER, CourseTotals, Enrolment, percentage
from .papers import Paper, paper_of, read_paper
from .progress import Progress, Source
from .quizzes import (
    AttemptRule,
    FeedbackDetail,
    FeedbackTime,
    PreviewMode,
    QuestionsField,
    Quiz,
    QuizVersion,
)
from .submissions import Answer, Outcome, QuizStanding, Submission, SubmissionState

__all__ = [
    "NEVER",
    "Answer",
    "AttemptRule",
    "CompletionRule",
    "Course",
    "CourseInstructor",
    "CourseTotals",
    "Enrolment",
    "EnrolmentPolicy",
    "FeedbackDetail",
    "FeedbackTime",
    "LiveChange",
    "LiveTopic",
    "Module",
    "Outcome",
    "Paper",
    "PreviewMode",
    "Progress",
    "QuestionsField",
    "Quiz",
    "QuizStanding",
    "QuizVersion",
    "Source",
    "Submission",
    "SubmissionState",
    "paper_of",
    "percentage",
    "read_paper",
]
