"""The API as a whole: what every request meets before and after its own view."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import URLPattern, re_path
from django.utils.cache import patch_cache_control
from django.views.decorators.csrf import csrf_exempt
from ninja import NinjaAPI

from wagtail_live_lms.live.exceptions import NotFound, PayloadTooLarge

from . import connections, students
from .openapi import with_problem_type
from .problems import MethodNotAllowed, problem_response

BODY_LIMIT = 64 * 1024
"""Bytes a request may carry: reports name cells, never what is in them."""

View = Callable[..., HttpResponseBase]


class LiveApi(NinjaAPI):
    """Ninja, with every error translated in one place."""

    def on_exception(self, request: HttpRequest, exc: Any) -> HttpResponse:
        return problem_response(request, exc)

    def get_openapi_schema(self, **kwargs: Any) -> Any:
        return with_problem_type(super().get_openapi_schema(**kwargs))

    def get_openapi_operation_id(self, operation: Any) -> str:
        return str(operation.view_func.__name__)


api = LiveApi(
    title="Wagtail Live LMS",
    version="1",
    description=(
        "For programs that report a student's progress, such as Jupyter. Every answer is private "
        "and not stored; every error is a problem document (RFC 9457) with a stable `code`."
    ),
    docs_url=None,
    urls_namespace="wagtail_live_lms:api",
)
api.add_router("", students.router)
api.add_router("", connections.router)


def _guarded(view: View) -> View:
    @csrf_exempt  # no cookie is looked at: whoever calls must know a token
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            _check_size(request)
            response = view(request, *args, **kwargs)
            if response.status_code == MethodNotAllowed.status:
                raise MethodNotAllowed(response.headers["Allow"])
        except Exception as error:  # noqa: BLE001 - translated, and logged if nobody expected it
            response = problem_response(request, error)
        patch_cache_control(response, private=True, no_store=True)
        return response

    return guarded


def _check_size(request: HttpRequest) -> None:
    announced = request.META.get("CONTENT_LENGTH") or "0"
    if announced.isdigit() and int(announced) > BODY_LIMIT or len(request.body) > BODY_LIMIT:
        raise PayloadTooLarge


def _not_here(request: HttpRequest) -> HttpResponseBase:
    raise NotFound


def _guarded_patterns() -> list[URLPattern]:
    found = [pattern for pattern in api.urls[0] if isinstance(pattern, URLPattern)]
    return [
        URLPattern(pattern.pattern, _guarded(pattern.callback), pattern.default_args, pattern.name)
        for pattern in found
    ]


urlpatterns = [*_guarded_patterns(), re_path("", _guarded(_not_here), name="not_here")]
"""Every path below the root; those that lead nowhere answer with a problem, too."""
