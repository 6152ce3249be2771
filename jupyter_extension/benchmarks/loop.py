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


class Waiting:
    """How long this thread has been ready to run while all cores were busy, where Linux tells."""

    def __init__(self) -> None:
        path = Path("/proc/thread-self/schedstat")
        self._file = path.open("rb", buffering=0) if path.exists() else None

    def seconds(self) -> float:
        if self._file is None:
            return 0.0
        self._file.seek(0)
        return int(self._file.read(200).split()[1]) / 1e9


async def longest_hold(work: Callable[[], Awaitable[object]]) -> float:
    """Milliseconds a ticker of one millisecond was late at most while `work` was done.

    The time for which other programs had the cores is no hold, and is left out.
    """
    task, latest, waiting = asyncio.ensure_future(work()), 0.0, Waiting()
    last, waited = time.perf_counter(), waiting.seconds()
    while not task.done():
        await asyncio.sleep(TICK)
        now, waited_now = time.perf_counter(), waiting.seconds()
        latest = max(latest, now - last - TICK - (waited_now - waited))
        last, waited = now, waited_now
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
            started = time.perf_counter()
            held["ours"].append(await longest_hold(lambda: _judge(reader)))
            as_long = time.perf_counter() - started
            held["idle"].append(await longest_hold(partial(asyncio.sleep, as_long)))
            held["on the loop"].append(await longest_hold(partial(_naive, path)))
        found[f"{kind}, {path.stat().st_size / 1e6:.0f} MB"] = held
    return found


async def _judge(reader: Reader) -> None:
    evaluation = await reader.evaluate("lesson.ipynb")
    assert evaluation is not None
    assert len(evaluation.passed) == CELLS


async def _naive(path: Path) -> None:
    evaluate(json.loads(path.read_text()))
