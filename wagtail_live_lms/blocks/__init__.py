"""StreamField blocks. This module's names are permanent: sites' migrations refer to them."""

from .live import CourseProgressBlock, GradeNotificationBlock, InstructorDashboardBlock

__all__ = ["CourseProgressBlock", "GradeNotificationBlock", "InstructorDashboardBlock"]
