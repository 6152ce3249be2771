"""Light browsers: raw WebSocket protocols that stamp the clock first thing on arrival.

They run in the benchmark's own process, on uvloop, apart from the server. Both read the same
monotonic clock of one machine.
"""

from __future__ import annotations

import asyncio
import base64
import os
import re
import struct
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

ROW = re.compile(rb'<tr id="student-(\d+)" data-pct="\d+" data-v="(\d+)"')
READY = b'{"type": "ready"'
OPEN_AT_ONCE = 25
PATIENCE = 10.0

TEXT, CLOSE, PING, PONG = 1, 8, 9, 10

RowKey = tuple[int, int]
"""A student's id and the version of their row."""


@dataclass(slots=True)
class Handshake:
    """What a browser says when it opens a socket."""

    port: int
    path: str
    session: str = ""

    def request(self) -> bytes:
        host = f"127.0.0.1:{self.port}"
        lines = [
            f"GET {self.path} HTTP/1.1",
            f"Host: {host}",
            f"Origin: http://{host}",
            "Upgrade: websocket",
            "Connection: Upgrade",
            "Sec-WebSocket-Version: 13",
            f"Sec-WebSocket-Key: {base64.b64encode(os.urandom(16)).decode()}",
            f"Cookie: sessionid={self.session}",
        ]
        return "\r\n".join([*lines, "", ""]).encode()


class Socket(asyncio.Protocol):
    """One socket; calls `heard(payload, at)` for every text frame."""

    def __init__(self, handshake: Handshake, heard: Callable[[Socket, bytes, float], None]):
        self.opened: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.is_closed = False
        self._handshake = handshake
        self._heard = heard
        self._buffer = b""
        self._transport: Any = None  # uvloop's is no asyncio.Transport

    def connection_made(self, transport: Any) -> None:
        self._transport = transport
        transport.write(self._handshake.request())

    def data_received(self, data: bytes) -> None:
        at = time.monotonic()
        self._buffer = self._buffer + data if self._buffer else data
        if not self.opened.done():
            self._read_answer()
        if self.opened.done():
            for opcode, payload in self._frames():
                self._receive(opcode, payload, at)

    def connection_lost(self, error: Exception | None) -> None:
        self.is_closed = True
        for waiting in (self.opened, self.ready):
            if not waiting.done():
                waiting.set_exception(ConnectionError("The socket was closed while it opened"))
                waiting.exception()  # nobody may be waiting

    def send(self, payload: bytes, opcode: int = TEXT) -> None:
        """Send a frame, masked with zeros as clients must mask."""
        size = len(payload)
        head = bytes([0x80 | opcode, 0x80 | size]) if size < 126 else b""
        head = head or bytes([0x80 | opcode, 0x80 | 126]) + struct.pack(">H", size)
        self._transport.write(head + b"\0\0\0\0" + payload)

    def close(self) -> None:
        """Leave as a browser does."""
        if not self.is_closed:
            self.send(b"\x03\xe9", CLOSE)

    def _read_answer(self) -> None:
        head, found, rest = self._buffer.partition(b"\r\n\r\n")
        if found:
            if not head.startswith(b"HTTP/1.1 101"):
                raise ConnectionError(head.decode("latin1"))
            self._buffer = rest
            self.opened.set_result(None)

    def _frames(self) -> Iterator[tuple[int, bytes]]:
        buffer, start = self._buffer, 0
        while len(buffer) - start >= 2:
            size, begin = buffer[start + 1] & 0x7F, start + 2
            if size > 125:
                length = 2 if size == 126 else 8
                if len(buffer) < begin + length:
                    break
                size, begin = int.from_bytes(buffer[begin : begin + length]), begin + length
            if len(buffer) < begin + size:
                break
            yield buffer[start] & 0x0F, buffer[begin : begin + size]
            start = begin + size
        self._buffer = buffer[start:]

    def _receive(self, opcode: int, payload: bytes, at: float) -> None:
        if opcode == TEXT:
            if payload.startswith(READY) and not self.ready.done():
                self.ready.set_result(None)
            self._heard(self, payload, at)
        elif opcode == PING:
            self.send(payload, PONG)
        elif opcode == CLOSE:
            self._transport.close()


@dataclass(slots=True)
class Swarm:
    """Many open dashboards; tells when the last of them has a row."""

    sockets: list[Socket] = field(default_factory=list)
    counts: dict[RowKey, int] = field(default_factory=dict)
    missing: int = 0
    largest_frame: int = 0
    _waiting: asyncio.Future[float] | None = None

    async def open(self, handshakes: list[Handshake], *, waits_for_ready: bool) -> None:
        """Open all sockets, 25 at a time, and wait until each follows."""
        loop = asyncio.get_running_loop()
        for start in range(0, len(handshakes), OPEN_AT_ONCE):
            batch = []
            for handshake in handshakes[start : start + OPEN_AT_ONCE]:
                _, socket = await loop.create_connection(
                    lambda handshake=handshake: Socket(handshake, self._heard),
                    "127.0.0.1",
                    handshake.port,
                )
                batch.append(socket)
            waits = [s.ready if waits_for_ready else s.opened for s in batch]
            await asyncio.wait_for(asyncio.gather(*waits), PATIENCE)
            self.sockets += batch

    def expect_row(self) -> asyncio.Future[float]:
        """The time at which a row that nobody had yet has reached every socket."""
        self.counts = {}
        self._waiting = asyncio.get_running_loop().create_future()
        return self._waiting

    async def last_arrival(self, row: asyncio.Future[float]) -> float | None:
        """The awaited time; None, and counted, when frames are missing."""
        try:
            return await asyncio.wait_for(row, PATIENCE)
        except TimeoutError:
            self.missing += len(self.sockets) - max(self.counts.values(), default=0)
            return None

    async def close(self) -> None:
        """Leave, 25 at a time, and wait for the server to let go.

        All at once would exhaust a Redis layer's connections, and who cannot leave a group stays.
        """
        give_up = time.monotonic() + PATIENCE
        for start in range(0, len(self.sockets), OPEN_AT_ONCE):
            batch = self.sockets[start : start + OPEN_AT_ONCE]
            for socket in batch:
                socket.close()
            while not all(s.is_closed for s in batch) and time.monotonic() < give_up:
                await asyncio.sleep(0.02)

    def _heard(self, socket: Socket, payload: bytes, at: float) -> None:
        row = ROW.match(payload)
        if row is None:
            return
        key = (int(row[1]), int(row[2]))
        count = self.counts[key] = self.counts.get(key, 0) + 1
        self.largest_frame = max(self.largest_frame, len(payload))
        if count == len(self.sockets) and self._waiting and not self._waiting.done():
            self._waiting.set_result(at)


@dataclass(frozen=True, slots=True)
class Answer:
    """When a request's first byte was written and its answer read, and what the answer was."""

    at: float
    read: float
    status: int
    location: str
    body: bytes


class HttpConnection:
    """One keep-alive connection of a browser with htmx."""

    def __init__(self, port: int, patience: float = PATIENCE) -> None:
        self._port = port
        self._patience = patience
        self._writer: asyncio.StreamWriter | None = None

    async def open(self) -> None:
        """Connect."""
        self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self._port)

    def close(self) -> None:
        """Disconnect."""
        if self._writer is not None:
            self._writer.close()

    async def post(
        self,
        path: str,
        body: str,
        *,
        session: str,
        csrf: str,
        content_type: str = "application/x-www-form-urlencoded",
    ) -> Answer:
        """Post a body."""
        lines = [
            f"POST {path} HTTP/1.1",
            *self._headers(session, csrf),
            f"Accept: {'application/json' if 'json' in content_type else 'text/html'}",
            f"Content-Type: {content_type}",
            f"Content-Length: {len(body.encode())}",
        ]
        return await self._exchange("\r\n".join([*lines, "", body]))

    async def get(self, path: str, *, session: str, csrf: str) -> Answer:
        """Read a fragment, as htmx does."""
        lines = [f"GET {path} HTTP/1.1", *self._headers(session, csrf), "Accept: text/html"]
        return await self._exchange("\r\n".join([*lines, "", ""]))

    def _headers(self, session: str, csrf: str) -> list[str]:
        return [
            f"Host: 127.0.0.1:{self._port}",
            f"Cookie: sessionid={session}; csrftoken={csrf}",
            f"X-CSRFToken: {csrf}",
            "HX-Request: true",
        ]

    async def _exchange(self, request: str) -> Answer:
        assert self._writer is not None
        at = time.monotonic()
        self._writer.write(request.encode())
        head = await asyncio.wait_for(self._reader.readuntil(b"\r\n\r\n"), self._patience)
        size = re.search(rb"(?i)content-length: *(\d+)", head)
        if size is None:
            raise ConnectionError(head.decode("latin1"))
        body = await self._reader.readexactly(int(size[1]))
        location = re.search(rb"(?im)^location: *(\S+)", head)
        leads_to = location[1].decode("latin1") if location else ""
        return Answer(at, time.monotonic(), int(head.split(None, 2)[1]), leads_to, body)
