"""A socket's handshake as a Django request, with the session and user as they are now."""

from importlib import import_module
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth import get_user
from django.core.exceptions import DisallowedHost, TooManyFieldsSent
from django.http import HttpRequest, QueryDict, parse_cookie

from .exceptions import InvalidInput

Scope = dict[str, Any]


def request_from(scope: Scope) -> HttpRequest:
    """A GET request for the handshake. The session and user are read anew from their stores."""
    request = HttpRequest()
    request.method = "GET"
    request.path = request.path_info = scope["path"]
    request.GET = _query(scope)  # type: ignore[assignment]
    request.META = _meta(scope)
    request.COOKIES = parse_cookie(request.META.get("HTTP_COOKIE", ""))
    store = import_module(settings.SESSION_ENGINE).SessionStore
    request.session = store(request.COOKIES.get(settings.SESSION_COOKIE_NAME))
    # A socket cannot set a cookie, so it must not give the session a new key either.
    request.session.cycle_key = lambda: None  # type: ignore[method-assign]
    request.user = get_user(request)
    request.is_live_socket = True  # type: ignore[attr-defined]
    return request


def is_same_origin(scope: Scope) -> bool:
    """Whether a page of this site opened the socket: browsers always say whose page it was."""
    request = HttpRequest()
    request.META = _meta(scope)
    origin = request.META.get("HTTP_ORIGIN", "")
    try:
        is_own = urlsplit(origin).netloc == request.get_host()
    except (DisallowedHost, ValueError):  # a host that is not ours, an origin that is no URL
        return False
    return bool(origin) and (is_own or origin in settings.CSRF_TRUSTED_ORIGINS)


def _query(scope: Scope) -> QueryDict:
    try:
        return QueryDict(scope.get("query_string", b""))
    except TooManyFieldsSent as error:
        raise InvalidInput from error


def _meta(scope: Scope) -> dict[str, Any]:
    meta: dict[str, Any] = {
        f"HTTP_{name.decode('latin1').upper().replace('-', '_')}": value.decode("latin1")
        for name, value in scope.get("headers", [])
    }
    host, port = (scope.get("server") or ("localhost", 80))[:2]
    client = scope.get("client") or ("", 0)
    return meta | {"SERVER_NAME": host, "SERVER_PORT": str(port), "REMOTE_ADDR": client[0]}


def page_of(request: HttpRequest) -> str:
    """The page a component is on: an answer to a POST is swapped into the page that sent it."""
    if hasattr(request, "live_lms_page"):
        return str(request.live_lms_page)
    return request.POST.get("next", "") if request.method == "POST" else request.get_full_path()
