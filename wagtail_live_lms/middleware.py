"""For sites whose pages are cached: what has personal HTML is nobody else's."""

from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_cache_control
from django.utils.deprecation import MiddlewareMixin


class PersonalPagesMiddleware(MiddlewareMixin):
    """Marks a page with a live component in it as private to whoever asked for it.

    It goes below Django's `UpdateCacheMiddleware`, which then does not keep the page.
    """

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        if getattr(request, "live_lms_is_personal", False):
            patch_cache_control(response, private=True)
        return response
