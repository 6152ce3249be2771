"""The components editors place on pages, and the topics they listen to."""

from .course_progress import CourseProgress
from .grade_notification import GradeNotification
from .grade_poster import GradePoster
from .instructor_dashboard import InstructorDashboard
from .join_course import JoinCourse
from .notebook_lesson import NotebookLessonView
from .permissions import CanJoinCourse, IsEnrolled, IsInstructor
from .quiz import QuizComponent
from .quiz_paper import Policy, present
from .quiz_results import QuizResults
from .topics import declare_topics

__all__ = [
    "CanJoinCourse",
    "CourseProgress",
    "GradeNotification",
    "GradePoster",
    "InstructorDashboard",
    "IsEnrolled",
    "IsInstructor",
    "JoinCourse",
    "Policy",
    "QuizComponent",
    "QuizResults",
    "NotebookLessonView",
    "declare_topics",
    "present",
]
