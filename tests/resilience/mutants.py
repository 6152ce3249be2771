"""The live path with one of its four rules removed, to show that the fault runs notice."""

from __future__ import annotations

import asyncio
import random
import threading
from collections.abc import Callable, Hashable
from typing import Any

from django.db import transaction

from wagtail_live_lms import actions
from wagtail_live_lms.actions.changes import instructor_topic
from wagtail_live_lms.live import broadcasting
from wagtail_live_lms.live.outbox import Outbox
from wagtail_live_lms.live.topics import Position, personal_topic
from wagtail_live_lms.live.windows import Seat, Window
from wagtail_live_lms.models import Enrolment

from .classroom import Classroom
from .convergence import WatchedHub

_early = threading.local()
_raise_sequences = broadcasting._raise_sequences


def numbers_taken_before(names: list[str]) -> dict[str, int]:
    """Rule 1: numbers are given out before the transaction that uses them, as by a counter."""
    taken = getattr(_early, "numbers", {})
    if set(names) <= taken.keys():
        return {name: taken.pop(name) for name in names}
    return _raise_sequences(names)


def out_of_order(room: Classroom, rng: random.Random) -> Callable[[], Any]:
    """Completions whose number is taken now and committed after that of a later one."""
    usual = room.happening(rng)
    if rng.random() > 0.5:
        return usual
    first, second = rng.sample(room.students, 2)
    module = rng.choice(room.modules)

    def work() -> None:
        numbers = _take_numbers(room, first)
        _complete(room, second, module)
        threading.Event().wait(0.03)  # long enough for a hub to look in between
        _early.numbers = numbers
        _complete(room, first, module)
        _early.numbers = {}

    return work


def _take_numbers(room: Classroom, student: Any) -> dict[str, int]:
    topics = sorted([instructor_topic(room.course.pk), personal_topic(student.pk)])
    with transaction.atomic():
        return _raise_sequences(topics)


def _complete(room: Classroom, student: Any, module: Any) -> None:
    enrolment = Enrolment.objects.get(course=room.course, user=student)
    if enrolment.withdrawn_at is not None or room.is_archived(module):
        return
    if not actions.reset_module(enrolment, module, by=room.teacher, reason="again"):
        actions.complete_module(student, module)


class SnapshotFirstHub(WatchedHub):
    """Rule 2: the snapshot is read before the socket is registered."""

    async def show(self, socket: Any, window: Window, since: dict[str, Position]) -> None:
        snapshot = await self._reads.run(lambda: window.take_snapshot(Seat()))
        for _ in range(3):
            await asyncio.sleep(0.005)
        window = self.windows.setdefault(window.key, window)
        window.seats[socket] = Seat(keys=snapshot.keys)
        for topic in window.topics:
            self._feed(topic).windows.add(window)
        self._begin(snapshot.at)
        is_current = all(since.get(topic) == at for topic, at in snapshot.at.items())
        socket.outbox.release(window.key, "" if is_current else snapshot.html)


class ForgetfulOutbox(Outbox):
    """Rule 3: an overflow clears the box and owes nothing."""

    def _overflow(self) -> None:
        self._frames.clear()


class DroppingOutbox(Outbox):
    """Rule 3, another way: a full box drops what is put into it."""

    def put(self, view: Hashable, key: Hashable, text: str) -> None:
        if len(self._frames) < self._limit or (view, key) in self._frames:
            super().put(view, key, text)


def never_older(fresh: Any, shown: Any) -> bool:
    """Rule 4: the browser takes whatever comes."""
    return False
