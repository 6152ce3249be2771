"""Facts: fields, constraints and querysets. No I/O and no push; the verbs are in `actions`.

Import from here. The submodules depend on each other in the order below, never upwards.
"""

from wagtail_live_lms.live.models import LiveChange, LiveTopic

from .courses import CompletionRule, Course, CourseInstructor, EnrolmentPolicy, Module
from .enrolments import NEVER, CourseTotals, Enrolment, percentage
from .notebooks import NotebookLesson, NotebookProgress, NotebookReport
from .progress import Progress, Source
from .tokens import ApiToken, Pairing, TokenScope

__all__ = [
    "NEVER",
    "ApiToken",
    "CompletionRule",
    "Course",
    "CourseInstructor",
    "CourseTotals",
    "Enrolment",
    "EnrolmentPolicy",
    "LiveChange",
    "LiveTopic",
    "Module",
    "NotebookLesson",
    "NotebookProgress",
    "NotebookReport",
    "Pairing",
    "Progress",
    "Source",
    "TokenScope",
    "percentage",
]
