"""What was said on the topics, read from the change log."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from wagtail_live_lms.models import LiveTopic
from wagtail_live_lms.testing import assert_pushes

Said = list[tuple[str, str, int]]


@contextmanager
def recorded() -> Iterator[Said]:
    """The changes of the block, as (topic, kind, id), filled in when it ends."""
    said: Said = []
    with assert_pushes() as pushes:
        yield said
    said += [(push.topic, push.kind, push.object_id) for push in pushes.recorded]


def sequence(topic: str) -> int:
    """How many transactions have said something on the topic."""
    return LiveTopic.objects.filter(name=topic).values_list("seq", flat=True).first() or 0
