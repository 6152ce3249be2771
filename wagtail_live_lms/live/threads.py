"""Threads for the runtime's own database work, apart from the thread all consumers share."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import cycle
from typing import TypeVar

from django.db import DatabaseError, InterfaceError, connections

T = TypeVar("T")


class DatabaseThreads:
    """A few threads, each with its own lasting database connections."""

    def __init__(self, count: int, name: str) -> None:
        self._threads = [ThreadPoolExecutor(1, f"live-lms-{name}") for _ in range(count)]
        self._turns = cycle(self._threads)

    async def run(self, work: Callable[[], T]) -> T:
        """Run `work` in the next thread. After a database error its connections are renewed."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(next(self._turns), _with_fresh_connections, work)

    async def close(self) -> None:
        """Close the connections, each in the thread that owns it, and end the threads."""
        loop = asyncio.get_running_loop()
        closing = [loop.run_in_executor(thread, connections.close_all) for thread in self._threads]
        await asyncio.gather(*closing)
        for thread in self._threads:
            thread.shutdown(wait=False)


def _with_fresh_connections(work: Callable[[], T]) -> T:
    try:
        return work()
    except (DatabaseError, InterfaceError):
        connections.close_all()
        raise
