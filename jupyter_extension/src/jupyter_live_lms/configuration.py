"""What the environment says about the course site and the student's token."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


@dataclass(frozen=True)
class Finding:
    """One fact about the configuration; `text` is fit to print and never holds a secret."""

    is_usable: bool
    text: str


def describe_address(environment: Mapping[str, str] = os.environ) -> Finding:
    """Whether a token may be sent to the site LIVE_LMS_URL: https, or http on this machine."""
    address = environment.get("LIVE_LMS_URL", "").strip()
    if not address:
        return Finding(False, "not set (LIVE_LMS_URL)")
    try:
        parts = urlsplit(address)
        host, is_private = parts.hostname, parts.username or parts.password
    except ValueError:
        return Finding(False, "LIVE_LMS_URL is not a web address")
    if is_private:
        return Finding(False, "LIVE_LMS_URL must not contain a user name or password")
    if not host or parts.scheme not in {"http", "https"}:
        return Finding(False, f"{address} is not a web address (LIVE_LMS_URL)")
    if parts.scheme == "http" and host not in LOOPBACK:
        return Finding(False, f"{address} is refused: use https, http is for this machine only")
    return Finding(True, address)


def describe_token(environment: Mapping[str, str] = os.environ) -> Finding:
    """Where the token comes from and whether it can be read there; a named file wins."""
    path = environment.get("LIVE_LMS_TOKEN_FILE", "").strip()
    if path:
        return _describe_token_file(Path(path).expanduser())
    if environment.get("LIVE_LMS_TOKEN", "").strip():
        return Finding(True, "from the environment variable LIVE_LMS_TOKEN")
    return Finding(False, "not set (LIVE_LMS_TOKEN_FILE or LIVE_LMS_TOKEN)")


def _describe_token_file(path: Path) -> Finding:
    try:
        is_empty = not path.read_text(encoding="utf-8").strip()
    except OSError as error:
        return Finding(False, f"file {path} cannot be read: {error.strerror}")
    except UnicodeDecodeError:
        return Finding(False, f"file {path} is not text")
    if is_empty:
        return Finding(False, f"file {path} is empty")
    return Finding(True, f"from the file {path}")
