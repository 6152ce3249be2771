"""How long the event loop is held while a large lesson is read and judged."""

from __future__ import annotations

import asyncio
import json
import logging
import tempfile
import time
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path

from jupyter_server.services.contents.largefilemanager import AsyncLargeFileManager

from jupyter_live_lms.lesson import evaluate
from jupyter_live_lms.reader import Reader

from .notebooks import CELLS, KINDS, large_lesson

TICK = 0.001
logging.getLogger("traitlets").setLevel(logging.ERROR)


async def longest_hold(work: Callable[[], Awaitable[object]]) -> float:
    """Milliseconds a ticker of one millisecond was late at most while `work` was done."""
    task, latest = asyncio.ensure_future(work()), 0.0
    last = time.perf_counter()
    while not task.done():
        await asyncio.sleep(TICK)
        now = time.perf_counter()
        latest, last = max(latest, now - last - TICK), now
    await task
    return latest * 1000


def measure(repetitions: int) -> dict[str, dict[str, list[float]]]:
    """By kind of notebook: our evaluation, reading it on the loop, and doing nothing as long."""
    with tempfile.TemporaryDirectory() as folder:
        return asyncio.run(_measure(Path(folder), repetitions))


async def _measure(folder: Path, repetitions: int) -> dict[str, dict[str, list[float]]]:
    manager = AsyncLargeFileManager(root_dir=str(folder))
    reader, found = Reader(manager), {}
    for kind in KINDS:
        path = folder / "lesson.ipynb"
        path.write_text(json.dumps(large_lesson("https://example.org", kind), ensure_ascii=False))
        held: dict[str, list[float]] = {"ours": [], "on the loop": [], "idle": []}
        for _ in range(repetitions):
            held["ours"].append(await longest_hold(lambda: _judge(reader)))
            held["on the loop"].append(await longest_hold(partial(_naive, path)))
            held["idle"].append(await longest_hold(lambda: asyncio.sleep(0.2)))
        found[f"{kind}, {path.stat().st_size / 1e6:.0f} MB"] = held
    return found


async def _judge(reader: Reader) -> None:
    evaluation = await reader.evaluate("lesson.ipynb")
    assert evaluation is not None
    assert len(evaluation.passed) == CELLS


async def _naive(path: Path) -> None:
    evaluate(json.loads(path.read_text()))
