"""Reads a saved notebook through Jupyter's contents manager and judges it beside the event loop."""

from __future__ import annotations

import asyncio
import codecs
from pathlib import Path
from typing import Any

from jupyter_core.utils import ensure_async
from jupyter_server.services.contents.filemanager import (
    AsyncFileContentsManager,
    FileContentsManager,
)
from tornado.web import HTTPError

from .lesson import Evaluation, Ran, evaluate, parse

SLICE_BYTES = 1 << 19


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
                content = await self._read(path)
            except (HTTPError, OSError, ValueError):  # also a link to itself, or an odd name
                return None
            return await asyncio.to_thread(_judge, content, ran)

    async def _read(self, path: str) -> object:
        """The notebook's text: no validation and no signature, which would hold the loop."""
        if not self._keeps_files:
            return await self._ask(path)
        await self._get(path, content=False, type="file")  # may it be read at all?
        return await asyncio.to_thread(_read_in_slices, Path(self._contents._get_os_path(path)))

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


def _read_in_slices(path: Path) -> str:
    """The text of a file; decoded in slices, because each holds the interpreter."""
    decoder, parts = codecs.getincrementaldecoder("utf-8")(), []
    with path.open("rb") as file:
        while data := file.read(SLICE_BYTES):
            parts.append(decoder.decode(data))
    parts.append(decoder.decode(b"", final=True))
    return "".join(parts)


def _judge(content: object, ran: Ran | None) -> Evaluation | None:
    notebook = parse(content) if isinstance(content, str) else content
    return evaluate(notebook, ran) if isinstance(notebook, dict) else None
