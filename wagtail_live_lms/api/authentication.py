"""Who calls: a bearer token, looked up by its digest, counted, and good for one thing."""

from typing import Any

from django.http import HttpRequest
from ninja.security import HttpBearer

from wagtail_live_lms import access, conf
from wagtail_live_lms.actions import touch_token
from wagtail_live_lms.exceptions import TokenMissing, WrongScope
from wagtail_live_lms.live.ratelimit import count
from wagtail_live_lms.models import ApiToken, TokenScope


class BearerToken(HttpBearer):
    """Accepts tokens of one scope. Cookies are never looked at."""

    scope: TokenScope

    def __call__(self, request: HttpRequest) -> ApiToken:
        token: ApiToken | None = super().__call__(request)
        if token is None:
            raise TokenMissing
        return token

    def authenticate(self, request: HttpRequest, token: str) -> ApiToken:
        found = access.get_token(token.strip())
        count(
            request,
            "live-lms:api",
            conf.current().API_RATE_LIMIT,
            key=lambda group, request: str(found.pk),
        )
        if found.scope != self.scope:
            raise WrongScope
        touch_token(found, token.strip())
        return found


class StudentToken(BearerToken):
    """A student's token."""

    scope = TokenScope.REPORT


class HubCredential(BearerToken):
    """The credential of a hub."""

    scope = TokenScope.MINT


def caller(request: HttpRequest) -> Any:
    """The person whose token came along."""
    return token_of(request).user


def token_of(request: HttpRequest) -> ApiToken:
    """The token that came along."""
    token: ApiToken = request.auth  # type: ignore[attr-defined]
    return token
