"""The site's key for pushing to browsers (VAPID, RFC 8292). It needs the extra `[push]`."""

import base64
import binascii
from functools import lru_cache
from typing import Any

from wagtail_live_lms import conf

try:
    import pywebpush  # type: ignore[import-untyped]
    import requests
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
except ImportError:  # the extra is not installed, and nothing is pushed
    pywebpush = requests = ec = None  # type: ignore[assignment]

KEY_BYTES, POINT_BYTES, SECRET_BYTES = 32, 65, 16


def are_installed() -> bool:
    """Whether the packages of the extra are there."""
    return pywebpush is not None


def are_configured() -> bool:
    """Whether the site can push: the packages, a key and a contact."""
    settings = conf.current()
    return are_installed() and bool(settings.WEB_PUSH_PRIVATE_KEY and settings.WEB_PUSH_CONTACT)


def make_private_key() -> str:
    """A new key, as the setting WEB_PUSH_PRIVATE_KEY takes it."""
    number = ec.generate_private_key(ec.SECP256R1()).private_numbers().private_value
    return _encode(number.to_bytes(KEY_BYTES, "big"))


def public_key() -> str:
    """What a browser is given to recognise this site by."""
    return _public_key_of(conf.current().WEB_PUSH_PRIVATE_KEY)


@lru_cache(maxsize=4)
def _public_key_of(private_key: str) -> str:
    """Raises ValueError for what is no key."""
    number = int.from_bytes(decode(private_key, KEY_BYTES), "big")
    point = ec.derive_private_key(number, ec.SECP256R1()).public_key()
    return _encode(point.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint))


def is_private_key(text: str) -> bool:
    """Whether the setting holds a key."""
    try:
        _public_key_of(text)
    except ValueError:
        return False
    return True


def is_browser_key(p256dh: str, auth: str) -> bool:
    """Whether a browser's keys can encrypt anything."""
    try:
        point, _ = decode(p256dh, POINT_BYTES), decode(auth, SECRET_BYTES)
        ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
    except ValueError:
        return False
    return True


def decode(text: str, size: int) -> bytes:
    """URL-safe base64 of so many bytes. Raises ValueError for anything else."""
    try:
        value = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as error:
        raise ValueError("not base64") from error
    if len(value) != size:
        raise ValueError(f"{len(value)} bytes instead of {size}")
    return value


def _encode(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


def vapid_claims() -> dict[str, Any]:
    """Who a push service may write to when something is wrong with our pushes."""
    return {"sub": conf.current().WEB_PUSH_CONTACT}
