"""Wagtail Live LMS for the student's Jupyter."""

from .extension import LiveLmsExtension

__version__ = "0.1.0"


def _jupyter_server_extension_points() -> list[dict[str, object]]:
    return [{"module": "jupyter_live_lms", "app": LiveLmsExtension}]
