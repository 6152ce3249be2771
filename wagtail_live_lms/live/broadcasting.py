"""Recording changes: the sequence, the log, and the hint after commit."""

from collections.abc import Iterable, Mapping

from django.db import transaction
from django.db.models import F, QuerySet

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
    topics = LiveTopic.objects.filter(name__in=names)
    known = _lock(topics)
    if len(known) < len(names):
        insert_new(LiveTopic, (LiveTopic(name=name) for name in names))
        known = _lock(topics)
    topics.update(seq=F("seq") + 1)
    return {name: seq + 1 for name, seq in known.items()}


def _lock(topics: QuerySet[LiveTopic]) -> dict[str, int]:
    """In one order: two writers of many topics must not wait for each other in a circle."""
    return dict(topics.order_by("name").select_for_update().values_list("name", "seq"))
