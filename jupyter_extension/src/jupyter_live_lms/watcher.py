"""Save events of the contents service, at most one evaluation per notebook at a time."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from typing import Any

from jupyter_events import EventLogger

CONTENTS = "https://events.jupyter.org/jupyter_server/contents_service/v1"
REST_FACTOR = 4.0
LONGEST_REST = 10.0
"""After work of n seconds a notebook rests for 4 n seconds, at most 10: a fifth of one core."""


class SaveWatcher:
    """Calls `on_save(path)` after saves and `on_rename(old, new)` after renames.

    A save is never delayed or failed: the listener only notes the path. Saves that arrive while a
    notebook is evaluated are coalesced into one more evaluation of it.
    """

    def __init__(
        self,
        on_save: Callable[[str], Awaitable[object]],
        on_rename: Callable[[str, str], None],
        log: logging.Logger | logging.LoggerAdapter[Any],
    ) -> None:
        self._on_save = on_save
        self._on_rename = on_rename
        self._log = log
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._again: set[str] = set()

    def attach(self, events: EventLogger) -> None:
        events.add_listener(schema_id=CONTENTS, listener=self._listen)

    def detach(self, events: EventLogger) -> None:
        events.remove_listener(schema_id=CONTENTS, listener=self._listen)

    async def stop(self) -> None:
        """Give up what is being evaluated; the next start looks at the notebooks again."""
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def settle(self) -> None:
        """Wait until every noticed save has been evaluated."""
        while self._tasks:
            await asyncio.gather(*self._tasks.values(), return_exceptions=True)

    async def _listen(self, logger: EventLogger, schema_id: str, data: dict[str, Any]) -> None:
        path = str(data.get("path", "")).strip("/")
        if not path.endswith(".ipynb"):
            return
        if data.get("action") == "save":
            self._notice(path)
        elif data.get("action") == "rename":
            self._on_rename(str(data.get("source_path", "")).strip("/"), path)

    def _notice(self, path: str) -> None:
        if path in self._tasks:
            self._again.add(path)
            return
        task = asyncio.get_running_loop().create_task(self._work(path))
        self._tasks[path] = task
        task.add_done_callback(lambda _: self._tasks.pop(path, None))

    async def _work(self, path: str) -> None:
        while True:
            self._again.discard(path)
            started = time.monotonic()
            await self._call(path)
            if path not in self._again:
                return
            took = time.monotonic() - started
            await asyncio.sleep(min(REST_FACTOR * took, LONGEST_REST))

    async def _call(self, path: str) -> None:
        """Whatever goes wrong with one notebook is logged and stays with it."""
        try:
            await self._on_save(path)
        except Exception:  # noqa: BLE001 - a guest in the student's server
            self._log.warning("Live LMS could not evaluate %s", path, exc_info=True)
