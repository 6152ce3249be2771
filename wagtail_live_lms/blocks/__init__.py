"""StreamField blocks. This module's names are permanent: sites' migrations refer to them."""

from .live import CourseProgressBlock, InstructorDashboardBlock
from .notebook import NotebookLessonBlock

__all__ = ["CourseProgressBlock", "InstructorDashboardBlock", "NotebookLessonBlock"]
