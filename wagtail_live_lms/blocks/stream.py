"""All blocks that editors place on pages, ready to use."""

from wagtail.blocks import StreamBlock

from .course import CourseOutlineBlock, EnrolButtonBlock, StudentViewBlock
from .live import (
    CourseProgressBlock,
    GradeNotificationBlock,
    InstructorDashboardBlock,
    QuizBlock,
    QuizResultsBlock,
)
from .notebook import NotebookLessonBlock
from .stable import StableBlock


class LiveLMSStreamBlock(StableBlock, StreamBlock):
    """Every block of ours; a site adds its own in a subclass."""

    course_outline = CourseOutlineBlock()
    enrol_button = EnrolButtonBlock()
    student_view = StudentViewBlock()
    course_progress = CourseProgressBlock()
    quiz = QuizBlock()
    notebook_lesson = NotebookLessonBlock()
    grade_notification = GradeNotificationBlock()
    instructor_dashboard = InstructorDashboardBlock()
    quiz_results = QuizResultsBlock()
