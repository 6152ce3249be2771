"""Facts: fields, constraints and querysets. No I/O and no push; the verbs are in `actions`.

Import from here. The submodules depend on each other in the order below, never upwards.
"""

from wagtail_live_lms.live.models import LiveChange, LiveTopic

from .courses import CompletionRule, Course, CourseInstructor, EnrolmentPolicy, Module
from .enrolments import NEVER, CourseTotals, Enrolment, percentage
from .notebooks import NotebookLesson, NotebookProgress, NotebookReport
from .notices import NoticePayload, Notification, NotificationKind, notification_kinds
from .outbox import (
    Channel,
    Delivery,
    DeliveryState,
    NotificationChoice,
    NotificationSettings,
    PushSubscription,
    digest_of,
)
from .papers import Paper, paper_of, read_paper
from .postings import UNDO_TIME, Posting
from .progress import Progress, Source
from .quizzes import (
    AttemptRule,
    FeedbackDetail,
    FeedbackTime,
    PostingMode,
    PreviewMode,
    QuestionsField,
    Quiz,
    QuizVersion,
)
from .submissions import Answer, Outcome, QuizStanding, Submission, SubmissionState
from .tokens import ApiToken, Pairing, TokenScope

__all__ = [
    "NEVER",
    "Channel",
    "Answer",
    "ApiToken",
    "AttemptRule",
    "CompletionRule",
    "Course",
    "CourseInstructor",
    "CourseTotals",
    "Delivery",
    "DeliveryState",
    "Enrolment",
    "EnrolmentPolicy",
    "FeedbackDetail",
    "FeedbackTime",
    "LiveChange",
    "LiveTopic",
    "Module",
    "NoticePayload",
    "Notification",
    "NotificationChoice",
    "NotificationKind",
    "NotificationSettings",
    "Progress",
    "PushSubscription",
    "Source",
    "digest_of",
    "notification_kinds",
    "NotebookLesson",
    "NotebookProgress",
    "NotebookReport",
    "Outcome",
    "Paper",
    "Posting",
    "PostingMode",
    "PreviewMode",
    "Pairing",
    "Progress",
    "QuestionsField",
    "Quiz",
    "QuizStanding",
    "QuizVersion",
    "Source",
    "Submission",
    "SubmissionState",
    "TokenScope",
    "UNDO_TIME",
    "paper_of",
    "percentage",
    "read_paper",
]
