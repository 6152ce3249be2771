"""Facts: fields, constraints and querysets. No I/O and no push; the verbs are in `actions`.

Import from here. The submodules depend on each other in the order below, never upwards.
"""

from wagtail_live_lms.live.models import LiveChange, LiveTopic

from .courses import CompletionRule, Course, CourseInstructor, EnrolmentPolicy, Module
from .enrolments import NEVER, CourseTotals, Enrolment, percentage
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
from .progress import Progress, Source

__all__ = [
    "NEVER",
    "Channel",
    "CompletionRule",
    "Course",
    "CourseInstructor",
    "CourseTotals",
    "Delivery",
    "DeliveryState",
    "Enrolment",
    "EnrolmentPolicy",
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
    "percentage",
]
