"""Runs Jupyter or the course site with moments noted: `python -m ….probes jupyter|site FILE …`.

Nothing of what runs is replaced; each named function notes the time before or after it.
"""

from __future__ import annotations

import functools
import importlib
import inspect
import json
import runpy
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

JUPYTER = (
    ("jupyter_live_lms.watcher:SaveWatcher._listen", "heard", "before"),
    ("jupyter_live_lms.reader:Reader.evaluate", "judged", "after"),
    ("jupyter_live_lms.outbox:Outbox.add", "queued", "after"),
    ("jupyter_live_lms.client:Client.report", "sent", "before"),
    ("jupyter_live_lms.client:Client.report", "answered", "after"),
)
SITE = (
    ("wagtail_live_lms.api.students:report_notebook", "arrived", "before"),
    ("wagtail_live_lms.live.broadcasting:send_hints", "committed", "before"),
    ("wagtail_live_lms.live.outbox:Outbox.put", "pushed", "after"),
)


class Log:
    """Appends one line for each moment."""

    def __init__(self, path: str) -> None:
        self._file = Path(path).open("a", buffering=1)

    def note(self, moment: str) -> None:
        self._file.write(json.dumps([moment, time.time()]) + "\n")

    def watch(self, function: Callable[..., Any], moment: str, when: str) -> Callable[..., Any]:
        """The function, noting the time before or after it."""
        if inspect.iscoroutinefunction(function):
            return self._watch_coroutine(function, moment, when)

        @functools.wraps(function)
        def noted(*arguments: Any, **options: Any) -> Any:
            if when == "before":
                self.note(moment)
            result = function(*arguments, **options)
            if when == "after":
                self.note(moment)
            return result

        return noted

    def _watch_coroutine(self, function: Any, moment: str, when: str) -> Callable[..., Any]:
        @functools.wraps(function)
        async def noted(*arguments: Any, **options: Any) -> Any:
            if when == "before":
                self.note(moment)
            result = await function(*arguments, **options)
            if when == "after":
                self.note(moment)
            return result

        return noted


def install(log: Log, probes: tuple[tuple[str, str, str], ...]) -> None:
    """Put the notes around the named functions."""
    for place, moment, when in probes:
        module, _, names = place.partition(":")
        *path, name = names.split(".")
        owner: Any = importlib.import_module(module)
        for part in path:
            owner = getattr(owner, part)
        setattr(owner, name, log.watch(getattr(owner, name), moment, when))


def main() -> None:
    what, path = sys.argv[1:3]
    log = Log(path)
    if what == "jupyter":
        install(log, JUPYTER)
        sys.argv = ["jupyter-server", *sys.argv[3:]]
        runpy.run_module("jupyter_server", run_name="__main__", alter_sys=True)
    else:
        import django  # noqa: PLC0415 - the Jupyter server needs none

        django.setup()
        install(log, SITE)
        sys.argv = ["manage.py", *sys.argv[3:]]
        runpy.run_path("manage.py", run_name="__main__")


if __name__ == "__main__":
    main()
