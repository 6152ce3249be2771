"""A window: one component of this process and the sockets that show it.

`take_snapshot`, `read` and `tick` run in the reading thread, one at a time; the rest belongs to
the event loop.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.db import DatabaseError, InterfaceError
from django.utils import translation

from .component import Component
from .log import Batch
from .messages import RESNAPSHOT, Fragment, Message
from .topics import Position, format_since, positions

if TYPE_CHECKING:
    from .socket import LiveSocket

logger = logging.getLogger(__name__)

Memo = dict[Hashable, Any]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A window's HTML, the keys it shows, and where its topics were before and after the read.

    A page that was as far as `until` needs none of it; one that was as far as `at` may lack
    what happened during the read.
    """

    at: Mapping[str, Position]
    until: Mapping[str, Position]
    html: str
    keys: frozenset[str]


@dataclass(frozen=True, slots=True)
class Patch:
    """A rendered fragment; `html` is None when no socket shows its key.

    `is_here`: every seat should show its key, and one that does not was read ahead of the changes.
    """

    key: str
    html: str | None
    for_all: bool
    part: str
    is_here: bool = False


@dataclass(slots=True)
class Seat:
    """One socket's place at a window: the keys it was shown, and what changed beside them.

    `told` is the number of changes elsewhere that the browser was told of; `component` reads
    snapshots with this person's rights.
    """

    keys: frozenset[str] = frozenset()
    elsewhere: int = 0
    told: int = 0
    component: Component | None = None


@dataclass(eq=False)
class Window:
    """A component that sockets of this process show, rendered once for all of them.

    The state of `component` is what every seat has been told at least: only what is handed out
    to all of them moves it. A snapshot is therefore read into a component of its own.
    """

    key: Hashable
    component: Component
    language: str
    topics: tuple[str, ...]
    seats: dict[LiveSocket, Seat] = field(default_factory=dict)
    is_due: bool = False
    _cached: Snapshot | None = None
    _reading: Memo | None = None
    _starts_over: bool = False

    def take_snapshot(self, seat: Seat) -> Snapshot:
        """The window as the database has it now, rendered unless nothing has changed.

        The seat learns its keys here and not on the loop, so that the next read of this thread
        already renders them. It is the seat's own component that reads: whoever came first may
        have lost the right to.
        """
        self._start_over_if_owed()
        at = positions(self.topics)
        if self._cached is None or self._cached.at != at or not at:
            with translation.override(self.language):
                component = (seat.component or self.component).twin()
                component.since = format_since(at)
                component.load()
                html = str(component.render_snapshot())
            if not self.component.is_loaded:
                self.component = component
            self._cached = Snapshot(at, positions(self.topics), html, component.window())
        seat.keys, seat.elsewhere, seat.told = self._cached.keys, 0, 0
        return self._cached

    def read(self, topic: str, batch: Batch, memo: Memo) -> list[Patch] | None:
        """Patches for the changes of a batch; None when the window needs a snapshot.

        It does when an earlier look moved the state and then failed to hand out the patches.
        """
        self._start_over_if_owed()
        is_torn = self._reading is not None and self._reading is not memo
        if is_torn:
            return None
        if not self.component.is_loaded:  # the first snapshot, still to be read, tells it all
            return None if self._cached else []
        self._reading = memo
        patches: list[Patch] = []
        key = ("records", type(self.component), topic)
        if key not in memo:
            load_records({topic: batch}, {topic: [self]}, memo)
        records = memo[key]
        with translation.override(self.language):
            for change, seq in batch.changes.items():
                record = records.get((change.kind, change.object_id))
                message = Message(
                    topic,
                    seq,
                    change.kind,
                    change.object_id,
                    record,
                    memo.setdefault((topic, seq, change, self.language), {}),
                )
                answer = self.component.on_ws_message(message)
                if answer is RESNAPSHOT:
                    return None
                patches += self._patches(answer)  # type: ignore[arg-type]
        return patches

    def handed_out(self, *, is_owed: bool) -> None:
        """Its answers have reached the seats. When those owe snapshots, the state starts over."""
        self._reading = None
        self._starts_over = self._starts_over or is_owed

    def _start_over_if_owed(self) -> None:
        if self._starts_over:
            self._starts_over = False
            self.component.forget()

    def tick(self, memo: Memo) -> list[Patch]:
        """What may wait: summaries, at most once a second. None while a snapshot is owed."""
        if not self.component.is_loaded:
            return []

        def once(key: Hashable, make: Callable[[], Any]) -> Any:
            full_key = (key, self.language)
            if full_key not in memo:
                memo[full_key] = make()
            return memo[full_key]

        with translation.override(self.language):
            return self._patches(self.component.on_tick(once))

    def render_elsewhere(self, count: int) -> str:
        """The note about changes beside the window."""
        with translation.override(self.language):
            fragment = self.component.elsewhere(count)
            return fragment.html() if fragment else ""

    def _patches(self, fragments: Iterable[Fragment]) -> list[Patch]:
        shown = frozenset().union(*{seat.keys for seat in list(self.seats.values())})
        window = self.component.window()
        return [
            Patch(
                fragment.key,
                fragment.html() if fragment.for_all or fragment.key in shown else None,
                fragment.for_all,
                fragment.part,
                fragment.key in window,
            )
            for fragment in fragments
        ]


def load_records(
    batches: Mapping[str, Batch], shown: Mapping[str, list[Window]], memo: Memo
) -> None:
    """Read the changed rows, in one query per kind for all topics and windows of a class.

    What a class fails to read so is left to each of its windows, which reads by itself.
    """
    for (cls, kind), ids in _asked(batches, shown, memo).items():
        try:
            for topic, rows in cls.load_changes_of(kind, ids).items():
                memo["records", cls, topic] |= {(kind, key): row for key, row in rows.items()}
        except (DatabaseError, InterfaceError):
            raise
        except Exception:
            logger.exception("%s cannot read what changed", cls.name)
            for topic in ids:
                memo.pop(("records", cls, topic), None)


def _asked(
    batches: Mapping[str, Batch], shown: Mapping[str, list[Window]], memo: Memo
) -> dict[tuple[type[Component], str], dict[str, list[int]]]:
    """Which rows of which kind each class is to read, by topic; none of them read yet."""
    asked: dict[tuple[type[Component], str], dict[str, list[int]]] = {}
    for topic, batch in batches.items():
        for cls in {type(window.component) for window in shown[topic]}:
            memo["records", cls, topic] = {}
            for change in batch.changes:
                ids = asked.setdefault((cls, change.kind), {}).setdefault(topic, [])
                ids.append(change.object_id)
    return asked
