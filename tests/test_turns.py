"""Writers of one process take turns on SQLite."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from django.db import connection

from wagtail_live_lms import turns
from wagtail_live_lms.turns import taking_turns


def in_a_thread(reached: threading.Event) -> threading.Thread:
    def work() -> None:
        with taking_turns():
            reached.set()
        connection.close()

    thread = threading.Thread(target=work)
    thread.start()
    return thread


@pytest.mark.skipif(connection.vendor != "sqlite", reason="others have many writers")
class TestOnSqlite:
    def test_a_second_writer_waits_for_the_first(self) -> None:
        reached = threading.Event()
        with taking_turns(), taking_turns():
            thread = in_a_thread(reached)
            assert not reached.wait(0.05)
        assert reached.wait(10)
        thread.join(10)

    def test_after_a_failure_it_is_the_next_ones_turn(self) -> None:
        with pytest.raises(ValueError, match="no"), taking_turns():
            raise ValueError("no")
        reached = threading.Event()
        in_a_thread(reached).join(10)
        assert reached.is_set()

    def test_patience_ends(self, monkeypatch: Any) -> None:
        monkeypatch.setattr(turns, "PATIENCE", 0.01)
        reached = threading.Event()
        with taking_turns():
            in_a_thread(reached).join(10)
            assert reached.is_set()
