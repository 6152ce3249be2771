"""Raw sockets of the real application, with what a browser would send along."""

from __future__ import annotations

import json
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from asgiref.sync import sync_to_async
from django.test import Client

from wagtail_live_lms.live import signing
from wagtail_live_lms.routing import websocket_application
from wagtail_live_lms.testing.connection import Connection

WAIT = 10.0


def log_in(user: Any) -> Client:
    client = Client()
    if user is not None:
        client.force_login(user)
    return client


class Socket:
    """One connection, and what came out of it."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.frames: list[str] = []
        self.controls: list[dict[str, Any]] = []
        self.code: int | None = None
        self.is_accepted = False

    async def step(self, timeout: float = WAIT) -> None:
        message = await self.connection.receive(timeout)
        match message["type"]:
            case "websocket.accept":
                self.is_accepted = True
            case "websocket.close":
                self.code = message["code"]
            case _ if message["text"].startswith("{"):
                self.controls.append(json.loads(message["text"]))
            case _:
                self.frames.append(message["text"])

    async def until(self, is_so: Callable[[Socket], object], timeout: float = WAIT) -> None:
        deadline = time.monotonic() + timeout
        while not is_so(self):
            assert self.code is None, f"closed with {self.code}"
            await self.step(max(0.0, deadline - time.monotonic()))

    async def ready(self) -> Socket:
        await self.until(lambda s: any(c["type"] == "ready" for c in s.controls))
        return self

    async def closed(self) -> int:
        while self.code is None:
            await self.step()
        return self.code

    async def say(self, text: str | None = None, *, data: bytes | None = None) -> None:
        message: dict[str, Any] = {"type": "websocket.receive"}
        message |= {"text": text} if text is not None else {"bytes": data}
        await self.connection.say(message)

    def has(self, text: str) -> bool:
        return any(text in frame for frame in self.frames)


@asynccontextmanager
async def socket_of(
    user: Any = None,
    path: str = "/ws/live/",
    *,
    client: Client | None = None,
    query: dict[str, str] | None = None,
    headers: dict[str, str] | None = None,
    buffer: int = 0,
) -> AsyncIterator[Socket]:
    client = client or await sync_to_async(log_in)(user)
    cookies = "; ".join(f"{name}={morsel.value}" for name, morsel in client.cookies.items())
    sent = {"Host": "testserver", "Origin": "http://testserver", "Cookie": cookies}
    sent |= headers or {}
    connection = Connection(
        websocket_application,
        path,
        query or {},
        {name: value for name, value in sent.items() if value},
        buffer=buffer,
    )
    await connection.open()
    try:
        yield Socket(connection)
    finally:
        await connection.close()


def tokens(user: Any, *views: tuple[str, dict[str, Any]]) -> str:
    return ",".join(signing.sign(name, params, user) for name, params in views)


def views_of(user: Any, room: Any, **params: Any) -> dict[str, str]:
    return {"views": tokens(user, ("toy_notes", {"room_id": room.pk, **params}))}
