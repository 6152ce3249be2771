"""The JSON API for Jupyter and other programs: `/live-lms/api/v1/`, described by OpenAPI.

It calls the same actions as the pages do. Errors are problem details, translated in `problems`.
"""

from .application import api, urlpatterns

__all__ = ["api", "urlpatterns"]
