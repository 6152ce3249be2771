"""The connection to the course site: from the configuration, the environment, or `connect`."""

from __future__ import annotations

import json
import os
from collections.abc import MutableMapping
from dataclasses import dataclass, field
from pathlib import Path

from .configuration import (
    ALIASES,
    STRICT,
    TOKEN,
    TOKEN_FILE,
    URL,
    Finding,
    check_address,
    data_folder,
    describe_token,
    is_same_site,
    read_token_file,
)
from .outbox import write_durably

CONNECTION_FILE = "connection.json"
HOW_TO_CONNECT = "Run `jupyter live-lms connect {site}` in a terminal."


@dataclass(frozen=True)
class Credentials:
    """A site and a token for it; its text never shows the token."""

    site: str
    token: str = field(repr=False)


@dataclass(frozen=True)
class Connection:
    """What `jupyter live-lms connect` stored."""

    site: str
    token: str = field(repr=False)
    name: str = ""
    expires_at: str | None = None


class Source:
    """Finds the credentials anew each time, so that a renewed token is used at once.

    Order of the address: `url`, LIVE_LMS_URL, the stored connection. Order of the token:
    `token_file`, LIVE_LMS_TOKEN_FILE, LIVE_LMS_TOKEN, the stored connection if it is of that site.
    """

    def __init__(
        self, url: str = "", token_file: str = "", aliases: tuple[str, ...] = (), token: str = ""
    ) -> None:
        self.url = url
        self.aliases = aliases
        self._token_file = token_file
        self._token = token

    @classmethod
    def from_environment(
        cls,
        environment: MutableMapping[str, str] = os.environ,
        *,
        url: str = "",
        token_file: str = "",
        aliases: tuple[str, ...] = (),
        is_inherited: bool = False,
    ) -> Source:
        """Read the environment; with `is_inherited` the token is taken out, for child processes."""
        token = environment.get(TOKEN, "").strip()
        if is_inherited:
            environment.pop(TOKEN, None)
        named = tuple(part.strip() for part in environment.get(ALIASES, "").split(","))
        return cls(
            url=url or environment.get(URL, "").strip(),
            token_file=token_file or environment.get(TOKEN_FILE, "").strip(),
            aliases=aliases + tuple(filter(None, named)),
            token=token,
        )

    def read(self) -> Credentials | None:
        """The site and its token, or None when either is missing or unusable. Reads files."""
        stored = load_connection()
        address = check_address(self.url or (stored.site if stored else ""), URL)
        if not address.is_usable:
            return None
        token = self._read_token(address.text, stored)
        return Credentials(address.text, token) if _can_travel(token) else None

    def describe_address(self) -> Finding:
        """Which site is meant, for people."""
        stored = load_connection()
        if self.url or stored is None:
            return check_address(self.url, URL)
        return check_address(stored.site, "`jupyter live-lms connect`")

    def describe_token(self) -> Finding:
        """Where the token comes from, for people."""
        if self._token_file or self._token:
            return describe_token({TOKEN_FILE: self._token_file, TOKEN: self._token})
        stored, address = load_connection(), self.describe_address()
        if stored and address.is_usable and is_same_site(stored.site, address.text):
            return Finding(True, f"from `jupyter live-lms connect` ({stored.name})")
        return Finding(False, "not set: " + HOW_TO_CONNECT.format(site=self.url or "https://…"))

    def belongs(self, lesson_site: str, site: str) -> bool:
        """Whether a lesson made by `lesson_site` may be reported to the connected `site`."""
        return any(is_same_site(lesson_site, known) for known in (site, *self.aliases))

    def _read_token(self, site: str, stored: Connection | None) -> str:
        if self._token_file:
            return read_token_file(Path(self._token_file).expanduser())
        if self._token:
            return self._token
        return stored.token if stored and is_same_site(stored.site, site) else ""


def _can_travel(token: str) -> bool:
    """Whether an HTTP header can hold it; anything else is no token but a damaged file."""
    return bool(token) and token.isascii() and token.isprintable() and " " not in token


def load_connection() -> Connection | None:
    """What `connect` stored, if anything readable."""
    try:
        content = json.loads((data_folder() / CONNECTION_FILE).read_bytes())
        return Connection(
            site=str(content["site"]),
            token=str(content["token"]),
            name=str(content["name"]),
            expires_at=content["expires_at"],
        )
    except (OSError, ValueError, TypeError, KeyError):
        return None


def store_connection(connection: Connection) -> Path:
    """Keep a connection for the Jupyter servers of this user, readable by nobody else."""
    path = data_folder() / CONNECTION_FILE
    write_durably(path, json.dumps(vars(connection), indent=1).encode())
    return path


def is_strict(environment: MutableMapping[str, str] = os.environ) -> bool:
    """Whether LIVE_LMS_STRICT asks for the strict mode."""
    return environment.get(STRICT, "").strip().lower() in {"1", "true", "yes", "on"}
