"""Reading the change log: what is new on some topics, and whether the log still tells it all."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from itertools import groupby
from operator import itemgetter

from django.db import connections, router
from django.utils import timezone

from wagtail_live_lms import conf

from .messages import Change
from .models import LiveChange
from .topics import Position, positions

LIMIT = 1000
"""Changes read at once; a reader further behind takes snapshots instead."""

CHUNK = 200
"""Topics asked for in one query: SQLite bounds how deep an OR may be."""


@dataclass(slots=True)
class Batch:
    """What happened on a topic up to `position`. `is_broken` when the log cannot tell it."""

    position: Position
    changes: dict[Change, int] = field(default_factory=dict)
    is_broken: bool = False


def changes_after(cursors: Mapping[str, Position]) -> dict[str, Batch]:
    """Changes behind each cursor, in one query per 200 topics; topics without any are left out."""
    batches: dict[str, Batch] = {}
    items = sorted(cursors.items())
    for start in range(0, len(items), CHUNK):
        batches |= _read(dict(items[start : start + CHUNK]))
    return batches


def poll(cursors: Mapping[str, Position]) -> dict[str, Batch]:
    """Like `changes_after`, found by comparing positions: notices a restored database too."""
    now = positions(cursors)
    behind = {topic: cursor for topic, cursor in cursors.items() if now[topic] != cursor}
    batches = changes_after({t: c for t, c in behind.items() if _continues(c, now[t])})
    for topic, cursor in behind.items():
        if topic in batches:
            batches[topic].position = replace(batches[topic].position, epoch=now[topic].epoch)
        elif now[topic].seq != cursor.seq or cursor.epoch:
            batches[topic] = Batch(now[topic], is_broken=True)
        else:
            batches[topic] = Batch(now[topic])
    return batches


def prune() -> int:
    """Delete changes older than `CHANGE_LOG_MINUTES`; returns how many."""
    oldest = timezone.now() - timedelta(minutes=conf.current().CHANGE_LOG_MINUTES)
    return LiveChange.objects.filter(created_at__lt=oldest).delete()[0]


def _read(cursors: Mapping[str, Position]) -> dict[str, Batch]:
    rows = _rows(cursors)
    if len(rows) == LIMIT:
        now = positions(cursors)
        return {topic: Batch(now[topic], is_broken=True) for topic in cursors}
    return {
        topic: _batch(cursors[topic], [row[1:] for row in group])
        for topic, group in groupby(rows, key=itemgetter(0))
    }


def _rows(cursors: Mapping[str, Position]) -> list[tuple[str, int, str, int]]:
    """Every row waits for this query, and the ORM needs twenty times longer to write it."""
    connection = connections[router.db_for_read(LiveChange)]
    table = connection.ops.quote_name(LiveChange._meta.db_table)
    wanted = " OR ".join(["(topic = %s AND seq > %s)"] * len(cursors))
    query = f"SELECT topic, seq, kind, object_id FROM {table} WHERE {wanted}"  # noqa: S608
    values = [value for topic, cursor in cursors.items() for value in (topic, cursor.seq)]
    with connection.cursor() as rows:
        rows.execute(f"{query} ORDER BY topic, seq, id LIMIT {LIMIT}", values)
        return list(rows.fetchall())


def _continues(cursor: Position, now: Position) -> bool:
    return cursor.epoch in ("", now.epoch) and cursor.seq < now.seq


def _batch(cursor: Position, rows: list[tuple[int, str, int]]) -> Batch:
    """The newest sequence of each changed thing. A gap means that the log was pruned."""
    batch = Batch(cursor)
    for seq, kind, object_id in rows:
        if seq > batch.position.seq + 1:
            batch.is_broken = True
        batch.position = Position(cursor.epoch, seq)
        change = Change(kind, object_id)
        batch.changes.pop(change, None)
        batch.changes[change] = seq
    return batch
