"""A push service on loopback, and browsers whose pushes it can read, because it made their keys."""

from __future__ import annotations

import base64
import json
import secrets
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import http_ece
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

HANG_UP = 0
"""Instead of a status: take the push and close the line without a word."""


def encode(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


@dataclass
class Browser:
    """What a browser gives a site that it allows to push: an address and two keys."""

    endpoint: str
    private_key: Any = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    secret: bytes = field(default_factory=lambda: secrets.token_bytes(16))

    @property
    def keys(self) -> dict[str, str]:
        point = self.private_key.public_key().public_bytes(
            Encoding.X962, PublicFormat.UncompressedPoint
        )
        return {"p256dh": encode(point), "auth": encode(self.secret)}

    def read(self, body: bytes) -> Any:
        text = http_ece.decrypt(
            body, private_key=self.private_key, auth_secret=self.secret, version="aes128gcm"
        )
        return json.loads(text)


@dataclass(frozen=True)
class Push:
    """What arrived: where, with which headers (names in small letters), and the encrypted body."""

    path: str
    headers: dict[str, str]
    body: bytes


class PushService:
    """Keeps what it is sent. `answers` are the statuses of the next pushes, then 201."""

    def __init__(self) -> None:
        self.pushes: list[Push] = []
        self.answers: list[int] = []
        self.answer_headers: dict[str, str] = {}
        self.is_open = threading.Event()
        self.is_open.set()
        self._arrived = threading.Condition()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self._thread.start()

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def browser(self) -> Browser:
        return Browser(f"{self.origin}/push/{secrets.token_hex(8)}")

    def take(self, push: Push) -> int:
        with self._arrived:
            self.pushes.append(push)
            self._arrived.notify_all()
        self.is_open.wait(20)
        return self.answers.pop(0) if self.answers else 201

    def wait_for(self, count: int, timeout: float = 15.0) -> None:
        """Until so many have arrived."""
        deadline = time.monotonic() + timeout
        with self._arrived:
            while len(self.pushes) < count:
                if not self._arrived.wait(deadline - time.monotonic()):
                    raise AssertionError(f"{len(self.pushes)} of {count} pushes arrived")

    def close(self) -> None:
        self.is_open.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(10)


def _lower(headers: Any) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}


def _handler(service: PushService) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            status = service.take(Push(self.path, _lower(self.headers), body))
            if status == HANG_UP:
                self.close_connection = True
                return
            self.send_response(status)
            for name, value in service.answer_headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *args: Any) -> None:
            """Say nothing."""

    return Handler
