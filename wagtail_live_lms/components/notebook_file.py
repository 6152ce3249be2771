"""A module's notebook, saved by a browser whose person is logged in."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.urls import get_script_prefix
from django.utils.cache import patch_cache_control
from django.views.decorators.http import require_safe

from wagtail_live_lms import access
from wagtail_live_lms.live import LiveError, row_id
from wagtail_live_lms.live.views import error_response
from wagtail_live_lms.notebooks import notebook_response


@require_safe
@login_required
def download_notebook(request: HttpRequest, module_id: int) -> HttpResponse:
    """The file for those who take the course or teach it."""
    try:
        lesson = access.get_notebook_for(request.user, row_id(str(module_id)))
    except LiveError as error:
        return error_response(request, error)
    response = notebook_response(lesson, request.build_absolute_uri(get_script_prefix()))
    patch_cache_control(response, private=True, no_store=True)
    return response
