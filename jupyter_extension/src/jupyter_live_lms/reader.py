"""Reads a saved notebook through Jupyter's contents manager and judges it beside the event loop."""

from __future__ import annotations

import asyncio
from typing import Any

from jupyter_core.utils import ensure_async
from tornado.web import HTTPError

from .lesson import Evaluation, Ran, evaluate, parse


class Reader:
    """Evaluates notebooks one at a time, so that many saves cost one thread."""

    def __init__(self, contents_manager: Any) -> None:
        self._contents = contents_manager
        self._one_at_a_time = asyncio.Lock()

    async def evaluate(self, path: str, ran: Ran | None = None) -> Evaluation | None:
        """The lesson at `path` as saved; None when it is no lesson, is gone or cannot be read."""
        async with self._one_at_a_time:
            content = await self._read(path)
            return await asyncio.to_thread(_judge, content, ran)

    async def _read(self, path: str) -> object:
        """The file's text: no validation, no signature, nothing that would hold the loop.

        A manager that keeps no text of notebooks is asked for the notebook itself.
        """
        for options in ({"type": "file", "format": "text"}, {"type": "notebook"}):
            try:
                model = await ensure_async(self._contents.get(path, content=True, **options))
            except HTTPError as error:
                if error.status_code == 404:
                    return None
                continue
            except (OSError, ValueError):  # a link to itself, a name no file can have
                return None
            return model.get("content")
        return None


def _judge(content: object, ran: Ran | None) -> Evaluation | None:
    notebook = parse(content) if isinstance(content, str) else content
    return evaluate(notebook, ran) if isinstance(notebook, dict) else None
