"""Every error of the API as a problem document (RFC 9457), in one place."""

import logging
import secrets
from http.client import responses
from typing import Any

from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, JsonResponse, UnreadablePostError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from ninja.errors import AuthenticationError, HttpError, ValidationError

from wagtail_live_lms.exceptions import TokenMissing
from wagtail_live_lms.live.exceptions import (
    InvalidInput,
    LiveError,
    NotAuthenticated,
    NotFound,
    PayloadTooLarge,
    Unavailable,
)

logger = logging.getLogger(__name__)

CONTENT_TYPE = "application/problem+json"


class MethodNotAllowed(LiveError):
    """The path exists, but not for this method."""

    status = 405
    code = "method_not_allowed"
    message = gettext_lazy("This address does not answer to this method.")

    def __init__(self, allow: str) -> None:
        super().__init__()
        self.allow = allow


def problem_response(request: HttpRequest, error: Exception) -> JsonResponse:
    """The answer that says what went wrong and what to do."""
    refusal = _as_refusal(request, error)
    problem: dict[str, Any] = {
        "type": "about:blank",
        "title": responses[refusal.status],
        "status": refusal.status,
        "code": refusal.code,
        "detail": str(refusal.message),
    }
    if isinstance(refusal, InvalidInput):
        problem["errors"] = refusal.errors
    return JsonResponse(
        problem, status=refusal.status, content_type=CONTENT_TYPE, headers=_headers(refusal)
    )


def _headers(refusal: LiveError) -> dict[str, str]:
    headers = {}
    if isinstance(refusal, NotAuthenticated):
        headers["WWW-Authenticate"] = "Bearer"
    if isinstance(refusal, MethodNotAllowed):
        headers["Allow"] = refusal.allow
    retry_after = getattr(refusal, "retry_after", None)
    if retry_after is not None:
        headers["Retry-After"] = str(retry_after)
    return headers


def _as_refusal(request: HttpRequest, error: Exception) -> LiveError:
    match error:
        case LiveError():
            return error
        case ValidationError():
            return InvalidInput(
                _by_field(error.errors), message=_("Please correct the fields under “errors”.")
            )
        case AuthenticationError():
            return TokenMissing()
        case Http404():
            return NotFound()
        case RequestDataTooBig():
            return PayloadTooLarge()
        case HttpError() | SuspiciousOperation() | UnreadablePostError():
            return InvalidInput(message=_("The request is not valid JSON."))
        case OperationalError() | InterfaceError():
            logger.warning("Sent away, the database does not answer: %s", error)
            return Unavailable()
    return _unexpected(request, error)


def _unexpected(request: HttpRequest, error: Exception) -> LiveError:
    reference = secrets.token_hex(4)
    logger.error("Error %s at %s", reference, request.path, exc_info=error)
    message = _("Something went wrong here, and nothing was changed. Tell us this number: %(id)s.")
    return LiveError(message % {"id": reference}, code="internal_error")


def _by_field(errors: list[dict[str, Any]]) -> dict[str, list[str]]:
    """Messages by the path of the field, as `evidence.mode`; the body itself is ``""``."""
    found: dict[str, list[str]] = {}
    for error in errors:
        source, *path = error["loc"]
        if source == "body":
            path = path[1:]  # the name of the view's parameter, which nobody outside knows
        found.setdefault(".".join(map(str, path)), []).append(error["msg"])
    return found
