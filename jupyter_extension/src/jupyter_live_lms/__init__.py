"""Wagtail Live LMS for the student's Jupyter."""

from importlib import import_module

__version__ = "0.1.0"


def _jupyter_server_extension_points() -> list[dict[str, object]]:
    """What Jupyter loads; only then, so that the command starts without a server's imports."""
    extension = import_module("jupyter_live_lms.extension")
    return [{"module": "jupyter_live_lms", "app": extension.LiveLmsExtension}]
