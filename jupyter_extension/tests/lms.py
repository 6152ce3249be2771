"""A small course site that speaks the API's contract over real HTTP, to be told how to fail."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

API = "/live-lms/api/v1"
TOKEN = "livelms_s3cret-value"


@dataclass
class Reply:
    status: int
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    delay: float = 0.0
    """Seconds until it is sent."""


@dataclass
class Request:
    method: str
    path: str
    headers: dict[str, str]
    body: Any


def problem(status: int, code: str, detail: str = "Because.", **headers: str) -> Reply:
    body = {"type": "about:blank", "title": code, "status": status, "code": code, "detail": detail}
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Reply(status, body, {"Content-Type": "application/problem+json", **named})


class Lms:
    """Modules, what was passed in them, and every request; `scripted` replies come first."""

    def __init__(self) -> None:
        self.required: dict[int, list[str]] = {7: ["a", "b"]}
        self.passed: dict[int, set[str]] = {}
        self.completions: list[int] = []
        self.is_waiting = False
        """Whether what has passed waits for lessons before it."""
        self.tokens = {TOKEN}
        self.requests: list[Request] = []
        self.scripted: list[Reply] = []
        self.always: Callable[[Request], Reply | None] = lambda request: None
        self.answers: dict[str, Reply] = {}
        self.notifications: list[dict[str, Any]] = []
        self.pairing = [problem(400, "authorization_pending")]
        self._changed = threading.Condition()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    @contextmanager
    def running(self) -> Iterator[Lms]:
        self._thread.start()
        yield self
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def reports(self) -> list[Request]:
        return [request for request in self.requests if request.path.endswith("/progress")]

    def wait_for(self, condition: Callable[[], object], seconds: float = 15.0) -> None:
        """Block until a request makes the condition true."""
        with self._changed:
            assert self._changed.wait_for(condition, seconds), self.requests

    def answer(self, request: Request) -> Reply:
        with self._changed:
            self.requests.append(request)
            reply = self.always(request) or (self.scripted.pop(0) if self.scripted else None)
            reply = reply or self._route(request)
            self._changed.notify_all()
        time.sleep(reply.delay)
        return reply

    def _route(self, request: Request) -> Reply:
        what = request.path.removeprefix(API).split("?")[0].strip("/").split("/")
        if what[0] == "pairings":
            return self._pair(what)
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        if token not in self.tokens:
            return problem(401, "token_revoked", "The token was revoked.")
        if what == ["notifications"]:
            after = int(request.path.rpartition("after=")[2])
            newer = [one for one in self.notifications if one["id"] > after]
            return Reply(200, {"notifications": newer})
        if what[0] == "modules" and int(what[1]) in self.required:
            return self._module(int(what[1]), request)
        return problem(404, "unknown_module", "There is no such lesson.")

    def _pair(self, what: list[str]) -> Reply:
        if len(what) == 2:
            return self.pairing.pop(0)
        url = f"{self.url}/live-lms/jupyter/connect/"
        body = {
            "user_code": "BCDF-GHJK", "device_code": "device", "verification_url": url,
            "expires_in": 600, "interval": 0,
        }  # fmt: skip
        return Reply(201, body)

    def _module(self, module: int, request: Request) -> Reply:
        if request.method == "GET":
            return Reply(200, self._state(module))
        key = request.headers["idempotency-key"]
        if key not in self.answers:
            self.answers[key] = Reply(200, self._record(module, request.body["passed"]))
        return self.answers[key]

    def _record(self, module: int, passed: list[str]) -> dict[str, Any]:
        before = self._state(module)["state"]
        known = self.passed.setdefault(module, set())
        known |= set(passed) & set(self.required[module])
        is_new = self._state(module)["state"] == "completed" != before
        self.completions += [module] if is_new else []
        return {**self._state(module), "created": is_new}

    def _state(self, module: int) -> dict[str, Any]:
        required, passed = self.required[module], sorted(self.passed.get(module, ()))
        has_all = set(required) <= set(passed)
        is_done = has_all and not self.is_waiting
        state = "completed" if is_done else "queued" if has_all else "in_progress"
        state = state if passed else "not_started"
        return {
            "state": state, "passed": passed, "required": required, "source": None,
            "completed_at": "2026-01-01T10:00:00Z" if is_done else None, "page_url": "",
        }  # fmt: skip

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        lms = self

        class Handler(BaseHTTPRequestHandler):
            def _respond(self) -> None:
                length = int(self.headers.get("Content-Length") or 0)
                body = json.loads(self.rfile.read(length) or b"null")
                headers = {name.lower(): value for name, value in self.headers.items()}
                reply = lms.answer(Request(self.command, self.path, headers, body))
                is_raw = isinstance(reply.body, bytes)
                content = reply.body if is_raw else json.dumps(reply.body).encode()
                self.send_response(reply.status)
                for name, value in reply.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            do_GET = do_POST = _respond

            def handle_one_request(self) -> None:
                try:
                    super().handle_one_request()
                except OSError:  # the client has gone
                    self.close_connection = True

            def log_message(self, *arguments: object) -> None:
                pass

        return Handler


def lesson(
    site: str, *cells: dict[str, Any], required: list[str] | None = None, **mark: Any
) -> dict[str, Any]:
    """A lesson's notebook as the course site hands it out, with cells as given."""
    metadata = {
        "schema": 1, "site": site, "course": 1, "module": 7, "title": "Loops",
        "policy": "required-cells", "required": ["a", "b"] if required is None else required,
        "digest": "sha256:0", **mark,
    }  # fmt: skip
    return {
        "cells": list(cells), "metadata": {"live_lms": metadata},
        "nbformat": 4, "nbformat_minor": 5,
    }  # fmt: skip


def cell(cell_id: str, source: str = "1 + 1", count: int | None = 1, **more: Any) -> dict[str, Any]:
    """A code cell, executed unless `count` is None."""
    return {
        "cell_type": "code", "id": cell_id, "source": source, "execution_count": count,
        "metadata": {}, "outputs": [], **more,
    }  # fmt: skip


ERROR = {"output_type": "error", "ename": "E", "evalue": "", "traceback": []}
