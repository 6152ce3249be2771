"""The HTTP transport: events by POST, fragments by GET, and errors in one place.

HTML for htmx, JSON when asked for, and a plain page or redirect when there is no JavaScript.
"""

import json
import logging
import secrets
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import BadRequest, RequestDataTooBig, SuspiciousOperation
from django.core.exceptions import PermissionDenied as DjangoPermissionDenied
from django.db import InterfaceError, OperationalError
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseNotModified,
    HttpResponseRedirect,
    JsonResponse,
    QueryDict,
    UnreadablePostError,
)
from django.http.multipartparser import MultiPartParserError
from django.shortcuts import redirect, render, resolve_url
from django.utils.cache import patch_cache_control
from django.utils.decorators import method_decorator
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_cookie
from django.views.generic import View
from pydantic import BaseModel

from .component import Component
from .exceptions import (
    InvalidInput,
    LiveError,
    NotAuthenticated,
    NotFound,
    PayloadTooLarge,
    PermissionDenied,
    Unavailable,
)
from .pipeline import load, open_token, run
from .signatures import from_form
from .topics import format_since, positions

logger = logging.getLogger(__name__)

ENVELOPE = {"params", "event", "next", "csrfmiddlewaretoken"}
"""Form fields that are ours, not the payload's."""

UNREADABLE = (SuspiciousOperation, BadRequest, MultiPartParserError, UnreadablePostError)
"""What Django raises for a body that is no form."""


@method_decorator([vary_on_cookie, csrf_protect], name="dispatch")
class ComponentView(View):
    """`POST /live-lms/components/<name>/` runs an event, `GET` returns the current fragment."""

    http_method_names = ["get", "head", "post", "options"]

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        response = _guarded(request, lambda: super(ComponentView, self).dispatch(request, **kwargs))
        patch_cache_control(response, private=True, no_store=True)
        return response

    def get(self, request: HttpRequest, name: str) -> HttpResponse:
        component = open_token(request, name, _text(request.GET.get("params")))
        etag = f'"{format_since(positions(component.topics()))}"'
        if request.headers.get("If-None-Match") == etag and etag != '""':
            return HttpResponseNotModified(headers={"ETag": etag})
        load(component)
        headers = {"ETag": f'"{component.since}"', "Live-Since": component.since}
        event = _text(request.GET.get("after"))
        if event not in component.read_after:
            return HttpResponse(component.render_snapshot(), headers=headers)
        component.notice = component.notice_after(event)
        return HttpResponse(component.html, headers=headers)

    def post(self, request: HttpRequest, name: str) -> HttpResponse:
        form = _read_body(request)
        event, token = _text(form.get("event")), _text(form.get("params"))
        component = run(request, name, token, event, _payload_reader(form))
        if is_htmx(request) and event in component.read_after and not wants_json(request):
            query = urlencode({"params": token, "after": event})
            return HttpResponseRedirect(f"{request.path}?{query}", status=303)
        return _done(request, component)


def _read_body(request: HttpRequest) -> Mapping[str, Any]:
    if request.content_type != "application/json":
        return request.POST
    try:
        body = json.loads(request.body)
    except (ValueError, RecursionError) as error:
        raise InvalidInput(message=_("The request is not valid JSON.")) from error
    if not isinstance(body, dict):
        raise InvalidInput(message=_("The request is not a JSON object."))
    return body


def _payload_reader(form: Mapping[str, Any]) -> Callable[[type[BaseModel]], dict[str, Any]]:
    def read(model: type[BaseModel]) -> dict[str, Any]:
        values = from_form(model, form) if isinstance(form, QueryDict) else dict(form)
        return {key: value for key, value in values.items() if key not in ENVELOPE}

    return read


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def wants_json(request: HttpRequest) -> bool:
    """Whether the client prefers JSON to HTML."""
    return request.get_preferred_type(["text/html", "application/json"]) == "application/json"


def is_htmx(request: HttpRequest) -> bool:
    """Whether htmx, or our script, will swap the answer into the page."""
    return request.headers.get("HX-Request") == "true"


def _done(request: HttpRequest, component: Component) -> HttpResponse:
    if wants_json(request):
        if component.reply is not None:
            return JsonResponse(component.reply)
        load(component)
        return JsonResponse({"component": component.name, "html": component.html})
    if is_htmx(request):
        load(component)
        return HttpResponse(
            component.html, headers={"HX-Refresh": "true"} if component.reloads_page else {}
        )
    if component.notice:
        messages.success(request, component.notice)
    return redirect(_return_url(request))


def _return_url(request: HttpRequest) -> str:
    for url in (_posted(request).get("next"), request.headers.get("Referer")):
        if url and url_has_allowed_host_and_scheme(
            url, {request.get_host()}, require_https=request.is_secure()
        ):
            return url
    return "/"


def _posted(request: HttpRequest) -> QueryDict:
    try:
        return request.POST
    except UNREADABLE:  # an error about it still needs a way back
        return QueryDict()


# Errors


def _guarded(request: HttpRequest, view: Callable[[], HttpResponseBase]) -> HttpResponseBase:
    try:
        return view()
    except LiveError as error:
        return error_response(request, error)
    except Http404:
        return error_response(request, NotFound())
    except DjangoPermissionDenied:
        return error_response(request, PermissionDenied())
    except RequestDataTooBig:
        return error_response(request, PayloadTooLarge())
    except UNREADABLE as error:
        return error_response(
            request, InvalidInput(message=_("The request cannot be read.")), error
        )
    except (OperationalError, InterfaceError) as error:
        logger.warning("Sent away, the database does not answer: %s", error)
        return error_response(request, Unavailable())
    except Exception:  # noqa: BLE001 - the last place that can answer; it is logged with its id
        return _unexpected(request)


def _unexpected(request: HttpRequest) -> HttpResponse:
    reference = secrets.token_hex(4)
    logger.exception("Error %s at %s", reference, request.path)
    message = _("Something went wrong here, and nothing was changed. Tell us this number: %(id)s.")
    return error_response(request, LiveError(message % {"id": reference}, code="internal_error"))


def error_response(
    request: HttpRequest, error: LiveError, cause: Exception | None = None
) -> HttpResponse:
    """An error as JSON (problem details), as a fragment, or as a page with a way back."""
    if cause is not None:
        logger.info("Refused at %s: %s", request.path, cause)
    if wants_json(request):
        response: HttpResponse = _problem(error)
    else:
        response = _html_error(request, error)
    retry_after = getattr(error, "retry_after", None)
    if retry_after is not None:
        response.headers["Retry-After"] = str(retry_after)
    return response


def _problem(error: LiveError) -> JsonResponse:
    problem = {
        "type": "about:blank",
        "title": str(error.message),
        "status": error.status,
        "code": error.code,
    }
    if isinstance(error, InvalidInput):
        problem["errors"] = error.errors
    return JsonResponse(problem, status=error.status, content_type="application/problem+json")


def _html_error(request: HttpRequest, error: LiveError) -> HttpResponse:
    component = getattr(error, "component", None)
    if component is not None and not component.is_loaded:
        load(component)
    context = {
        "error": error,
        "component": component,
        "login_url": _login_url(request) if isinstance(error, NotAuthenticated) else "",
        "return_url": _return_url(request),
    }
    if not is_htmx(request):
        template = "wagtail_live_lms/live/error_page.html"
        return render(request, template, context, status=error.status)
    if component is not None:
        return HttpResponse(component.html, status=error.status)
    response = render(request, "wagtail_live_lms/live/error.html", context, status=error.status)
    response.headers["HX-Reswap"] = "afterbegin"
    return response


def _login_url(request: HttpRequest) -> str:
    return f"{resolve_url('wagtail_live_lms:login')}?{urlencode({'next': _return_url(request)})}"


@require_safe
def log_in(request: HttpRequest) -> HttpResponse:
    """Lead to the site's own login page and back to where somebody came from."""
    url = request.GET.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(url, {request.get_host()}, request.is_secure())
    return redirect_to_login(url if is_ours else _return_url(request))
