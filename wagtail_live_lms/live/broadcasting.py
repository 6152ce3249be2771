"""Recording changes: the sequence, the log, and the hint after commit."""

from collections.abc import Iterable, Mapping
from uuid import uuid4

from django.db import connections, router, transaction

from .hints import send_hints
from .inserting import insert_new
from .messages import Change
from .models import LiveChange, LiveTopic


def broadcast(topic: str, change: Change) -> None:
    """Record one change of a topic in the running transaction and hint on commit.

    Make it the transaction's last statement: it takes the topic's row lock, which is what makes
    the order of sequence numbers the order of commits.
    """
    broadcast_many({topic: [change]})


def broadcast_many(changes: Mapping[str, Iterable[Change]]) -> None:
    """Record changes of several topics, one sequence number each, locks taken in one order."""
    if not changes:
        return
    with transaction.atomic(savepoint=False):
        sequences = _raise_sequences(sorted(changes))
        insert_new(
            LiveChange,
            (
                LiveChange(
                    topic=name, seq=sequences[name], kind=change.kind, object_id=change.object_id
                )
                for name in sorted(changes)
                for change in changes[name]
            ),
        )
        # No partial: Django asks a robust hook that failed for its name, which a partial lacks.
        transaction.on_commit(lambda: send_hints(sequences), robust=True)


def _raise_sequences(names: list[str]) -> dict[str, int]:
    """In one statement, which takes the rows' locks in the order of the names.

    Two writers of many topics must not wait for each other in a circle.
    """
    connection = connections[router.db_for_write(LiveTopic)]
    table = connection.ops.quote_name(LiveTopic._meta.db_table)
    epoch = LiveTopic._meta.get_field("epoch").get_db_prep_value(uuid4(), connection)
    with connection.cursor() as cursor:
        rows = ", ".join(["(%s, %s, 1)"] * len(names))
        raised = f" ON CONFLICT (name) DO UPDATE SET seq = {table}.seq + 1 RETURNING name, seq"
        added = f"INSERT INTO {table} (name, epoch, seq) VALUES {rows}"  # noqa: S608
        cursor.execute(added + raised, [value for name in names for value in (name, epoch)])
        return dict(cursor.fetchall())
