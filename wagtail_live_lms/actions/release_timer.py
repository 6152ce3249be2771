"""Releasing posted grades on time, in the process that posted them.

No promise rests on it: whoever looks first, or the command, releases what is due.
"""

import atexit
import logging
import threading
from collections.abc import Callable
from datetime import datetime

from django.db import connections
from django.utils import timezone

logger = logging.getLogger(__name__)

LATE_SECONDS = 0.05
"""Clocks of threads and of the database's rows are not the same to the last millisecond."""


class ReleaseTimer:
    """Calls something at a moment, in a thread that ends with the process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._timers: set[threading.Timer] = set()

    def at(self, moment: datetime, release: Callable[[], object]) -> None:
        """Call `release` then; what it raises is logged."""
        wait = max(0.0, (moment - timezone.now()).total_seconds()) + LATE_SECONDS
        timer = threading.Timer(wait, lambda: self._run(timer, release))
        timer.daemon = True
        with self._lock:
            self._timers.add(timer)
        timer.start()

    def finish(self) -> None:
        """Wait for what is waiting."""
        for timer in self._copy():
            timer.join()

    def stop(self) -> None:
        """Call nothing any more, and let what is running end."""
        for timer in self._copy():
            timer.cancel()
            timer.join()
        with self._lock:
            self._timers.clear()

    def _copy(self) -> list[threading.Timer]:
        with self._lock:
            return list(self._timers)

    def _run(self, timer: threading.Timer, release: Callable[[], object]) -> None:
        try:
            release()
        except Exception:
            logger.exception("Posted grades were not released, and wait for whoever looks first")
        finally:
            connections.close_all()
            with self._lock:
                self._timers.discard(timer)


release_timer = ReleaseTimer()
atexit.register(release_timer.stop)
