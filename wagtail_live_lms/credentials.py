"""The text of secrets that programs carry: made, recognised and digested. Nothing is stored here.

A token reads `livelms_<43 random characters><6 of a checksum>`, so that a mistyped one is refused
without a query and secret scanners can find one that leaked.
"""

import secrets
import zlib
from collections.abc import Iterator

from django.conf import settings
from django.utils.crypto import salted_hmac

REPORT = "livelms_"
"""Prefix of a student's token."""

MINT = "livelmshub_"
"""Prefix of a hub's credential."""

CODE_LETTERS = "BCDFGHJKLMNPQRSTVWXZ"
"""Letters of a pairing code: no vowels, so that it spells no word; RFC 8628, section 6.1."""

CODE_LENGTH = 8

_BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_CHECKSUM_LENGTH = 6
_RANDOM_BYTES = 32
_SHOWN = 6
_SALT = "wagtail_live_lms.credentials.v1"


def make_token(prefix: str) -> str:
    """A new secret of 256 random bits."""
    body = secrets.token_urlsafe(_RANDOM_BYTES)
    return f"{prefix}{body}{_checksum(prefix + body)}"


def is_well_formed(token: str) -> bool:
    """Whether it can be a token at all: prefix, length and checksum are right."""
    prefix = next((prefix for prefix in (MINT, REPORT) if token.startswith(prefix)), "")
    body = token[:-_CHECKSUM_LENGTH]
    is_long_enough = len(body) >= len(prefix) + _RANDOM_BYTES
    return bool(prefix) and is_long_enough and token[-_CHECKSUM_LENGTH:] == _checksum(body)


def shown_part(token: str) -> str:
    """The beginning of a token, by which its owner recognises it in a list."""
    prefix = token[: token.index("_") + 1]
    return token[: len(prefix) + _SHOWN]


def make_device_code() -> str:
    """The secret half of a pairing, which the person never sees."""
    return secrets.token_urlsafe(_RANDOM_BYTES)


def make_user_code() -> str:
    """The half of a pairing that a person types, without its hyphen."""
    return "".join(secrets.choice(CODE_LETTERS) for _ in range(CODE_LENGTH))


def read_user_code(typed: str) -> str:
    """A code as it is compared: upper case, without the hyphen and what else was typed."""
    return "".join(letter for letter in typed.upper() if letter in CODE_LETTERS)


def show_user_code(code: str) -> str:
    """A code as people read it: `BCDF-GHJK`."""
    half = CODE_LENGTH // 2
    return f"{code[:half]}-{code[half:]}"


def digest(secret: str) -> str:
    """What is stored of a secret: a keyed digest that is of no use without SECRET_KEY."""
    return _digest(secret, settings.SECRET_KEY)


def digests(secret: str) -> Iterator[str]:
    """The digests of a secret under the present key and those before it."""
    for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS):
        yield _digest(secret, key)


def _digest(secret: str, key: str | bytes) -> str:
    return salted_hmac(_SALT, secret, secret=key, algorithm="sha256").hexdigest()


def _checksum(text: str) -> str:
    number = zlib.crc32(text.encode())
    letters = []
    for _ in range(_CHECKSUM_LENGTH):
        number, place = divmod(number, len(_BASE62))
        letters.append(_BASE62[place])
    return "".join(reversed(letters))
