"""What was recorded for pushing while something ran."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from django.db.models import Max

from wagtail_live_lms.live.models import LiveChange


@dataclass(frozen=True, slots=True)
class Push:
    """One recorded change."""

    topic: str
    kind: str
    object_id: int

    def __str__(self) -> str:
        return f"{self.topic}: {self.kind} {self.object_id}"


@dataclass(slots=True)
class Pushes:
    """Filled at the end of the block."""

    recorded: list[Push] = field(default_factory=list)

    @property
    def topics(self) -> set[str]:
        return {push.topic for push in self.recorded}

    def __str__(self) -> str:
        return "; ".join(map(str, self.recorded)) or "nothing"


@contextmanager
def assert_pushes(
    *topics: str, kind: str | None = None, object_id: int | None = None, only: bool = False
) -> Iterator[Pushes]:
    """Assert that within the block a change was recorded on each of these topics.

    `kind` and `object_id` say which change; with `only`, nobody else is told anything.
    """
    pushes = Pushes()
    before = LiveChange.objects.aggregate(last=Max("pk"))["last"] or 0
    yield pushes
    rows = LiveChange.objects.filter(pk__gt=before).order_by("pk")
    pushes.recorded += [Push(*row) for row in rows.values_list("topic", "kind", "object_id")]
    wanted = {
        push.topic
        for push in pushes.recorded
        if kind in (None, push.kind) and object_id in (None, push.object_id)
    }
    missing = sorted(set(topics) - wanted)
    assert not missing, (
        f"Not pushed to {', '.join(missing)} (kind {kind or 'any'}, id {object_id or 'any'}). "
        f"Pushed was: {pushes}."
    )
    others = sorted(pushes.topics - set(topics))
    assert not (only and others), f"Pushed to {', '.join(others)} too. Pushed was: {pushes}."


@contextmanager
def assert_no_pushes() -> Iterator[None]:
    """Assert that nothing was recorded for anybody within the block."""
    with assert_pushes(only=True):
        yield
