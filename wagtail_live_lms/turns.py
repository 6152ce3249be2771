"""Writers of one process take turns where the database has one writer at a time.

SQLite lets waiting writers look again and again until their patience ends, in no order: of some
hundred at once a few never get their turn. Threads that wait for a lock sleep until they have it.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

PATIENCE = 60.0
"""Seconds after which a thread asks the database nevertheless, which then decides."""

_turn = threading.RLock()


@contextmanager
def taking_turns() -> Iterator[None]:
    """Hold this process's turn to write, if the default database is SQLite."""
    has_turn = connection.vendor == "sqlite" and _turn.acquire(timeout=PATIENCE)
    try:
        yield
    finally:
        if has_turn:
            _turn.release()
