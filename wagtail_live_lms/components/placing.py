"""Putting a component on a page: itself, a shell that loads it, or what is shown instead of it."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString

from wagtail_live_lms import conf
from wagtail_live_lms.live import signing
from wagtail_live_lms.live.exceptions import LiveError, NotAuthenticated
from wagtail_live_lms.live.pipeline import build, load
from wagtail_live_lms.live.registry import registry
from wagtail_live_lms.live.requests import page_of


def place(
    request: HttpRequest,
    name: str,
    params: Mapping[str, Any],
    page: int | None = None,
    query: Mapping[str, Any] | None = None,
    *,
    is_offer: bool = False,
) -> SafeString:
    """The component for this very person, or what is shown to those who may not see it.

    Of an offer they see nothing.
    """
    request.live_lms_is_personal = True  # type: ignore[attr-defined]
    try:
        return render(request, name, params, page, query)
    except LiveError as error:
        return SafeString("") if is_offer else _refusal(request, name, params, page, error)


def render(
    request: HttpRequest,
    name: str,
    params: Mapping[str, Any],
    page: int | None = None,
    query: Mapping[str, Any] | None = None,
) -> SafeString:
    """The component on a page that was asked for, and granted. Raises a LiveError."""
    component = build(request, name, params, query=query)
    component.page = page
    load(component)
    return component.html


def wants_shell(request: HttpRequest) -> bool:
    """Whether the HTML of this request may be shown to other people."""
    return bool(getattr(request, "live_lms_shells", conf.current().SHELLS))


def place_shell(
    request: HttpRequest,
    name: str,
    params: Mapping[str, Any],
    page: int | None = None,
    *,
    is_offer: bool = False,
) -> SafeString:
    """The same for everybody: it loads what is personal in a request of its own."""
    registry.get(name)
    token = signing.sign_shell(name, dict(params), page, is_offer=is_offer)
    query = urlencode({"token": token, "next": request.path})
    context = {"name": name, "url": f"{reverse('wagtail_live_lms:shell')}?{query}"}
    # Without the request: nothing of this person can be in it.
    return render_to_string("wagtail_live_lms/live/shell.html", context)


def page_id_of(page: Any) -> int | None:
    """The key of a page with rules of its own, as in a template's context."""
    has_rules = hasattr(page, "get_view_restrictions")
    return page.pk if has_rules else None


def _refusal(
    request: HttpRequest,
    name: str,
    params: Mapping[str, Any],
    page: int | None,
    error: LiveError,
) -> SafeString:
    alternative = registry.get(name).alternative if name in registry else ""
    if alternative and not isinstance(error, NotAuthenticated):
        try:
            return render(request, alternative, params, page)
        except LiveError as refused:
            error = refused
    is_login_needed = isinstance(error, NotAuthenticated)
    context = {"error": error, "is_login_needed": is_login_needed, "page_url": page_of(request)}
    return SafeString(render_to_string("wagtail_live_lms/live/refusal.html", context, request))
