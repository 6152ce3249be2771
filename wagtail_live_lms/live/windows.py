"""A window: one component of this process and the sockets that show it.

`take_snapshot`, `read` and `tick` run in the reading thread, one at a time; the rest belongs to
the event loop.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.utils import translation

from .component import Component
from .log import Batch
from .messages import RESNAPSHOT, Fragment, Message
from .topics import Position, format_since, positions

if TYPE_CHECKING:
    from .socket import LiveSocket

Memo = dict[Hashable, Any]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A window's HTML, the keys it shows, and where its topics were before it was read."""

    at: Mapping[str, Position]
    html: str
    keys: frozenset[str]


@dataclass(frozen=True, slots=True)
class Patch:
    """A rendered fragment; `html` is None when no socket shows its key."""

    key: str
    html: str | None
    for_all: bool
    part: str


@dataclass(slots=True)
class Seat:
    """One socket's place at a window: the keys it was shown, and what changed beside them."""

    keys: frozenset[str] = frozenset()
    elsewhere: int = 0


@dataclass(eq=False)
class Window:
    """A component that sockets of this process show, rendered once for all of them."""

    key: Hashable
    component: Component
    language: str
    topics: tuple[str, ...]
    seats: dict[LiveSocket, Seat] = field(default_factory=dict)
    is_due: bool = False
    _cached: Snapshot | None = None

    def take_snapshot(self, seat: Seat) -> Snapshot:
        """The window as the database has it now, rendered unless nothing has changed.

        The seat learns its keys here and not on the loop, so that the next read of this thread
        already renders them.
        """
        at = positions(self.topics)
        if self._cached is None or self._cached.at != at or not at:
            with translation.override(self.language):
                self.component.since = format_since(at)
                self.component.load()
                html = str(self.component.render_snapshot())
            self._cached = Snapshot(at, html, self.component.window())
        seat.keys, seat.elsewhere = self._cached.keys, 0
        return self._cached

    def read(self, topic: str, batch: Batch, memo: Memo) -> list[Patch] | None:
        """Patches for the changes of a batch; None when the window needs a snapshot."""
        patches: list[Patch] = []
        records = _records(type(self.component), topic, batch, memo)
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

    def tick(self, memo: Memo) -> list[Patch]:
        """What may wait: summaries, at most once a second."""

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
        return [
            Patch(
                fragment.key,
                fragment.html() if fragment.for_all or fragment.key in shown else None,
                fragment.for_all,
                fragment.part,
            )
            for fragment in fragments
        ]


def _records(
    cls: type[Component], topic: str, batch: Batch, memo: Memo
) -> dict[tuple[str, int], Any]:
    """The changed rows, one query per kind, shared by all windows of the class."""
    key = ("records", cls, topic)
    if key not in memo:
        by_kind: dict[str, list[int]] = {}
        for change in batch.changes:
            by_kind.setdefault(change.kind, []).append(change.object_id)
        memo[key] = {
            (kind, object_id): record
            for kind, ids in by_kind.items()
            for object_id, record in cls.load_changes(topic, kind, ids).items()
        }
    records: dict[tuple[str, int], Any] = memo[key]
    return records
