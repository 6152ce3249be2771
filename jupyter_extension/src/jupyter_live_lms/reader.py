"""Reads a saved notebook through Jupyter's contents manager and judges it beside the event loop."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from jupyter_core.utils import ensure_async
from jupyter_server.services.contents.filemanager import (
    AsyncFileContentsManager,
    FileContentsManager,
)
from tornado.web import HTTPError

from .judge import judge_file, judge_text
from .lesson import Evaluation, Ran, evaluate


class Reader:
    """Evaluates notebooks one at a time, so that many saves cost one thread."""

    def __init__(self, contents_manager: Any) -> None:
        self._contents = contents_manager
        self._one_at_a_time = asyncio.Lock()
        # A manager that reads files in a way of its own is always asked for the content.
        own = type(contents_manager).get
        self._keeps_files = own in {FileContentsManager.get, AsyncFileContentsManager.get}

    async def evaluate(self, path: str, ran: Ran | None = None) -> Evaluation | None:
        """The lesson at `path` as saved; None when it is no lesson, is gone or cannot be read."""
        async with self._one_at_a_time:
            try:
                return await self._judge(path, ran)
            except (HTTPError, OSError, ValueError):  # also a link to itself, or an odd name
                return None

    async def _judge(self, path: str, ran: Ran | None) -> Evaluation | None:
        """From the notebook's text: no validation and no signature, which would hold the loop."""
        if not self._keeps_files:
            return await asyncio.to_thread(_judge_content, await self._ask(path), ran)
        await self._get(path, content=False, type="file")  # may it be read at all?
        file = Path(self._contents._get_os_path(path))
        return await asyncio.to_thread(judge_file, file, ran)

    async def _ask(self, path: str) -> object:
        """A manager that keeps no text of notebooks is asked for the notebook itself."""
        try:
            return (await self._get(path, content=True, type="file", format="text"))["content"]
        except HTTPError as error:
            if error.status_code == 404:
                raise
        return (await self._get(path, content=True, type="notebook"))["content"]

    async def _get(self, path: str, **options: Any) -> dict[str, Any]:
        model: dict[str, Any] = await ensure_async(self._contents.get(path, **options))
        return model


def _judge_content(content: object, ran: Ran | None) -> Evaluation | None:
    if isinstance(content, str):
        return judge_text(content, ran)
    return evaluate(content, ran) if isinstance(content, dict) else None
