"""The strict mode: which code kernels of this server really ran, as digests."""

from __future__ import annotations

import asyncio
import logging
from collections import ChainMap
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from jupyter_client.session import Session
from jupyter_events import EventLogger

from .lesson import Ran, digest_of

KERNELS = "https://events.jupyter.org/jupyter_server/kernel_actions/v1"
NEEDED = frozenset({"execute_input", "error", "status"})


@dataclass
class Run:
    """One execution under way."""

    digest: str = ""
    has_failed: bool = False


@dataclass
class Kernel:
    """What one kernel ran, and for which notebooks."""

    results: dict[str, bool] = field(default_factory=dict)
    running: dict[str, Run] = field(default_factory=dict)
    paths: set[str] = field(default_factory=set)
    stream: Any = None

    def hear(self, kind: str, parent: str, content: dict[str, Any]) -> None:
        """One message about the execution `parent`; the result counts once the kernel is idle."""
        if kind == "execute_input":
            self.running[parent] = Run(digest_of(str(content.get("code", ""))))
        elif kind == "error" and parent in self.running:
            self.running[parent].has_failed = True
        elif kind == "status" and content.get("execution_state") == "idle":
            run = self.running.pop(parent, None)
            if run is not None:
                self.results[run.digest] = not run.has_failed


class Ledger:
    """Listens to every local kernel; keeps digests, never code, and only in memory."""

    def __init__(
        self,
        kernels: Any,
        list_sessions: Callable[[], Awaitable[list[dict[str, Any]]]],
        log: logging.Logger | logging.LoggerAdapter[Any],
    ) -> None:
        self._manager = kernels
        self._list_sessions = list_sessions
        self._log = log
        self._kernels: dict[str, Kernel] = {}
        self._locating: asyncio.Task[None] | None = None

    def attach(self, events: EventLogger) -> None:
        events.add_listener(schema_id=KERNELS, listener=self._listen)

    def detach(self, events: EventLogger) -> None:
        events.remove_listener(schema_id=KERNELS, listener=self._listen)
        for kernel in self._kernels.values():
            _close(kernel)

    async def ran(self, path: str) -> Ran:
        """What kernels of this notebook ran, those that have ended included."""
        await self._locate()
        kernels = [kernel for kernel in self._kernels.values() if path in kernel.paths]
        return ChainMap(*[kernel.results for kernel in reversed(kernels)])

    def move(self, old: str, new: str) -> None:
        """A notebook has another name now."""
        for kernel in self._kernels.values():
            if old in kernel.paths:
                kernel.paths = kernel.paths - {old} | {new}

    async def _listen(self, logger: EventLogger, schema_id: str, data: dict[str, Any]) -> None:
        kernel_id, action = str(data.get("kernel_id", "")), data.get("action")
        if action == "start" and kernel_id in self._manager and kernel_id not in self._kernels:
            self._watch(kernel_id)
        elif action == "shutdown" and kernel_id in self._kernels:
            await self._locate()
            _close(self._kernels[kernel_id])

    def _watch(self, kernel_id: str) -> None:
        manager = self._manager.get_kernel(kernel_id)
        if not hasattr(manager, "connect_iopub"):
            self._log.warning("Live LMS strict mode cannot see kernels behind a gateway")
            return
        kernel = self._kernels.setdefault(kernel_id, Kernel())
        session = Session(config=manager.session.config, key=manager.session.key)
        kernel.stream = manager.connect_iopub()
        kernel.stream.on_recv(lambda parts: self._receive(kernel, session, parts))

    def _receive(self, kernel: Kernel, session: Session, parts: list[bytes]) -> None:
        """Only three kinds of messages are unpacked: outputs may be large."""
        _, message = session.feed_identities(parts)
        header = session.deserialize(message, content=False)
        kind, parent = header["header"]["msg_type"], header.get("parent_header") or {}
        if kind not in NEEDED or parent.get("msg_type") != "execute_request":
            return
        content = session.unpack(header["content"])
        kernel.hear(kind, str(parent.get("msg_id")), content)
        if not kernel.paths and self._locating is None:
            self._locating = asyncio.get_running_loop().create_task(self._locate())
            self._locating.add_done_callback(self._located)

    def _located(self, task: asyncio.Task[None]) -> None:
        self._locating = None
        if not task.cancelled() and task.exception() is not None:
            self._log.warning("Live LMS could not list sessions", exc_info=task.exception())

    async def _locate(self) -> None:
        """Note which notebook each kernel serves now; a session ends with its kernel."""
        for session in await self._list_sessions():
            kernel = self._kernels.get(str((session.get("kernel") or {}).get("id")))
            if kernel is not None:
                kernel.paths.add(str(session.get("path", "")).strip("/"))


def _close(kernel: Kernel) -> None:
    if kernel.stream is not None and not kernel.stream.closed():
        kernel.stream.close()
    kernel.stream = None
