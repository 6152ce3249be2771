"""Signed component parameters: bound to component, person and language, aged."""

from dataclasses import dataclass
from typing import Any

from django.core import signing
from django.utils.translation import get_language

from wagtail_live_lms import conf

from .exceptions import InvalidToken, TokenExpired

_SALT = "wagtail_live_lms.live.v1"
_SHELL_SALT = "wagtail_live_lms.live.shell.v1"


@dataclass(frozen=True, slots=True)
class Claim:
    """What a token says: which component, with which identifiers, in which language."""

    component: str
    params: dict[str, Any]
    language: str
    page: int | None = None
    is_offer: bool = False


def sign(component: str, params: dict[str, Any], user: Any, page: int | None = None) -> str:
    """A URL-safe token of identifiers; it authorises nothing by itself.

    `page` is the page that the component stands on.
    """
    language = get_language() or "en"
    claim: dict[str, Any] = {"c": component, "p": params, "u": _key(user), "l": language}
    if page is not None:
        claim["g"] = page
    return signing.dumps(claim, salt=_SALT, compress=True)


def verify(token: str, user: Any, *, component: str | None = None) -> Claim:
    """The claim of a token made for this user.

    Raises TokenExpired past `TOKEN_MAX_AGE`, and InvalidToken for one that was altered or made
    for another component or person.
    """
    try:
        claim = signing.loads(token, salt=_SALT, max_age=conf.current().TOKEN_MAX_AGE)
    except signing.SignatureExpired as error:
        raise TokenExpired from error
    except (signing.BadSignature, ValueError) as error:
        raise InvalidToken from error
    if claim["u"] != _key(user) or component not in (None, claim["c"]):
        raise InvalidToken
    return Claim(claim["c"], claim["p"], claim["l"], claim.get("g"))


def sign_shell(
    component: str, params: dict[str, Any], page: int | None, *, is_offer: bool = False
) -> str:
    """A token that is the same for everybody and as old as a cache likes."""
    language = get_language() or "en"
    claim = {"c": component, "p": params, "g": page, "l": language, "o": is_offer}
    return signing.dumps(claim, salt=_SHELL_SALT, compress=True)


def verify_shell(token: str) -> Claim:
    """The claim of a shell. Raises InvalidToken."""
    try:
        claim = signing.loads(token, salt=_SHELL_SALT)
    except (signing.BadSignature, ValueError) as error:
        raise InvalidToken from error
    return Claim(claim["c"], claim["p"], claim["l"], claim["g"], claim["o"])


def _key(user: Any) -> str | None:
    return str(user.pk) if user is not None and user.is_authenticated else None
