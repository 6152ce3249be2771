"""Facts: fields, constraints and querysets. No I/O and no push; the verbs are in `actions`.

Import from here. The submodules depend on each other in the order below, never upwards.
"""

from wagtail_live_lms.live.models import LiveChange, LiveTopic

from .alert_kinds import AlertKind, Cause, KindOfAlert, alert_kinds
from .alerts import (
    MESSAGE_LENGTH,
    Alert,
    AlertClock,
    AlertRule,
    AlertState,
    ClearReason,
    HelpRequest,
    HelpState,
    PreparedHint,
)
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
from .papers import Paper, paper_of, plain, read_paper, title_of
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
    "Alert",
    "AlertClock",
    "AlertKind",
    "AlertRule",
    "AlertState",
    "Answer",
    "ApiToken",
    "AttemptRule",
    "Cause",
    "ClearReason",
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
    "HelpRequest",
    "HelpState",
    "KindOfAlert",
    "LiveChange",
    "LiveTopic",
    "MESSAGE_LENGTH",
    "Module",
    "NoticePayload",
    "Notification",
    "NotificationChoice",
    "NotificationKind",
    "NotificationSettings",
    "PreparedHint",
    "Progress",
    "PushSubscription",
    "Source",
    "alert_kinds",
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
    "plain",
    "read_paper",
    "title_of",
]
