"""StreamField blocks. This module's names are permanent: sites' migrations refer to them."""

from .live import CourseProgressBlock, InstructorDashboardBlock

__all__ = ["CourseProgressBlock", "InstructorDashboardBlock"]
