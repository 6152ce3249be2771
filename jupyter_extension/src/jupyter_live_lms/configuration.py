"""Where the course site is and which token opens it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from jupyter_core.paths import jupyter_data_dir

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
URL, TOKEN, TOKEN_FILE = "LIVE_LMS_URL", "LIVE_LMS_TOKEN", "LIVE_LMS_TOKEN_FILE"
ALIASES, STRICT = "LIVE_LMS_SITE_ALIASES", "LIVE_LMS_STRICT"


@dataclass(frozen=True)
class Finding:
    """One fact about the configuration; `text` is fit to print and never holds a secret."""

    is_usable: bool
    text: str


def data_folder() -> Path:
    """Where reports and the connection are kept: one folder for all Jupyter servers of a user."""
    return Path(jupyter_data_dir()) / "live-lms"


def describe_address(environment: Mapping[str, str] = os.environ) -> Finding:
    """Whether a token may be sent to the site LIVE_LMS_URL: https, or http on this machine."""
    return check_address(environment.get(URL, ""), URL)


def check_address(address: str, source: str) -> Finding:
    """Whether a token may be sent to this site; `source` tells where the address is from."""
    address = address.strip()
    if not address:
        return Finding(False, f"not set ({source})")
    try:
        parts = urlsplit(address)
        host, is_private = parts.hostname, parts.username or parts.password
    except ValueError:
        return Finding(False, f"{source} is not a web address")
    if is_private:
        return Finding(False, f"{source} must not contain a user name or password")
    if not host or parts.scheme not in {"http", "https"}:
        return Finding(False, f"{address} is not a web address ({source})")
    if parts.scheme == "http" and host not in LOOPBACK:
        return Finding(False, f"{address} is refused: use https, http is for this machine only")
    return Finding(True, address.rstrip("/"))


def is_loopback(address: str) -> bool:
    """Whether the site runs on this machine."""
    return _origin(address)[1] == "localhost"


def is_same_site(one: str, other: str) -> bool:
    """Whether two addresses are the same host and port; this machine has several names."""
    return _origin(one) == _origin(other)


def _origin(address: str) -> tuple[str, str, int]:
    try:
        parts = urlsplit(address.strip())
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return "", address, 0
    usual = 443 if parts.scheme == "https" else 80
    return parts.scheme, "localhost" if host in LOOPBACK else host.lower(), port or usual


def describe_token(environment: Mapping[str, str] = os.environ) -> Finding:
    """Where the token comes from and whether it can be read there; a named file wins."""
    path = environment.get(TOKEN_FILE, "").strip()
    if path:
        return _describe_token_file(Path(path).expanduser())
    if environment.get(TOKEN, "").strip():
        return Finding(True, "from the environment variable LIVE_LMS_TOKEN")
    return Finding(False, "not set (LIVE_LMS_TOKEN_FILE or LIVE_LMS_TOKEN)")


def read_token_file(path: Path) -> str:
    """The token in a file; empty when it cannot be read."""
    try:
        return path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        return ""


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
