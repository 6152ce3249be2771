"""The components editors place on pages, and the topics they listen to."""

from .active_quiz import ActiveQuiz, QuizAgenda
from .ask_for_help import AskForHelp
from .course_outline import CourseOutline
from .course_progress import CourseProgress
from .enrol_button import EnrolButton
from .grade_notification import GradeNotification
from .grade_poster import GradePoster
from .instructor_alerts import InstructorAlerts
from .instructor_dashboard import InstructorDashboard
from .join_course import JoinCourse
from .notebook_lesson import NotebookLessonView
from .notebook_lessons import NotebookLessons
from .permissions import (
    CanAskForHelp,
    CanJoinCourse,
    CanReadOutline,
    IsEnrolled,
    IsInstructor,
)
from .quiz import QuizComponent
from .quiz_paper import Policy, present
from .quiz_results import QuizResults
from .student_view import StudentView
from .topics import declare_places, declare_topics

__all__ = [
    "AskForHelp",
    "CanAskForHelp",
    "ActiveQuiz",
    "CanJoinCourse",
    "CanReadOutline",
    "CourseOutline",
    "CourseProgress",
    "EnrolButton",
    "GradeNotification",
    "InstructorAlerts",
    "GradePoster",
    "InstructorDashboard",
    "IsEnrolled",
    "IsInstructor",
    "JoinCourse",
    "Policy",
    "QuizComponent",
    "QuizResults",
    "NotebookLessonView",
    "NotebookLessons",
    "QuizAgenda",
    "StudentView",
    "declare_places",
    "declare_topics",
    "present",
]
