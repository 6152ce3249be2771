"""Errors a person can act on, each with an HTTP status, a stable code and a safe message.

    LiveError
    ├── NotAuthenticated   401  log in
    ├── PermissionDenied   403  ask for access
    │   └── InvalidToken   403  parameters altered or made for somebody else
    ├── NotFound           404
    ├── Conflict           409  the world changed meanwhile
    │   └── TokenExpired   409  the page is older than its parameters may be
    ├── PayloadTooLarge    413
    ├── InvalidInput       422  carries errors by field
    ├── RateLimitExceeded  429  carries `retry_after`, seconds
    └── Unavailable        503  the database does not answer; carries `retry_after`

Each transport translates them in one place: `views.py` for HTTP, `socket.py` for sockets.
"""

from typing import Any

from django.core import exceptions as django_exceptions
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext


class LiveError(Exception):
    """Base of all errors of the runtime; `message` is safe to show."""

    status = 500
    code = "error"
    message: str | Promise = _("Something went wrong.")

    def __init__(self, message: str | Promise | None = None, *, code: str | None = None) -> None:
        self.message = message or self.message
        self.code = code or self.code
        super().__init__(self.code)


class NotAuthenticated(LiveError):
    """Nobody is logged in."""

    status = 401
    code = "login_required"
    message = _("You are not logged in. Log in and try again.")


class PermissionDenied(LiveError, django_exceptions.PermissionDenied):
    """This person may not do this."""

    status = 403
    code = "permission_denied"
    message = _("You may not do this. Ask your instructor for access.")


class InvalidToken(PermissionDenied):
    """The signed parameters were altered, or belong to another component or person."""

    code = "invalid_token"
    message = _("This page's data does not belong to you. Reload the page.")


class NotFound(LiveError):
    """There is no such thing, or this person may not know that there is."""

    status = 404
    code = "not_found"
    message = _("This is not here. It may have been removed; reload the page.")


class Conflict(LiveError):
    """The request was right once, but the world has changed."""

    status = 409
    code = "conflict"
    message = _("This has changed meanwhile. Reload the page.")


class TokenExpired(Conflict):
    """The signed parameters are older than `TOKEN_MAX_AGE`."""

    code = "token_expired"
    message = _("This page has been open for too long. Reload it and try again.")


class PayloadTooLarge(LiveError):
    """More data than an event may carry."""

    status = 413
    code = "too_large"
    message = _("This is too large to be accepted.")


class InvalidInput(LiveError):
    """The payload does not fit; `errors` maps each field to its messages."""

    status = 422
    code = "invalid_input"
    message = _("Please correct what is marked and try again.")

    def __init__(
        self,
        errors: dict[str, list[str]] | None = None,
        *,
        message: str | Promise | None = None,
        code: str | None = None,
    ) -> None:
        super().__init__(message, code=code)
        self.errors = errors or {}
        self.component: Any = None


class RateLimitExceeded(LiveError):
    """Too many valid events; `retry_after` is in whole seconds, at least 1."""

    status = 429
    code = "rate_limited"

    def __init__(self, retry_after: int) -> None:
        super().__init__()
        self.retry_after = max(1, retry_after)
        self.message = ngettext(
            "That was too fast. Try again in %(seconds)d second.",
            "That was too fast. Try again in %(seconds)d seconds.",
            self.retry_after,
        ) % {"seconds": self.retry_after}


class Unavailable(LiveError):
    """The database does not answer at this moment. Whether it saved something is not known."""

    status = 503
    code = "unavailable"
    message = _("The site cannot save anything at this moment. Try again in a few seconds.")
    retry_after = 3


class ComponentError(Exception):
    """A component is declared wrongly; raised at registration, for its developer."""
