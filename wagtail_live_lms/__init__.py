"""Live progress for Wagtail courses: components that editors place as StreamField blocks."""

__version__ = "0.1.0"
