"""The components editors place on pages, and the topics they listen to."""

from .course_progress import CourseProgress
from .grade_notification import GradeNotification
from .instructor_dashboard import InstructorDashboard
from .join_course import JoinCourse
from .permissions import CanJoinCourse, IsEnrolled, IsInstructor
from .topics import declare_topics

__all__ = [
    "CanJoinCourse",
    "CourseProgress",
    "GradeNotification",
    "InstructorDashboard",
    "IsEnrolled",
    "IsInstructor",
    "JoinCourse",
    "declare_topics",
]
