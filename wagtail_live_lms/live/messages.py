"""What travels from a change to the browser: the change, the message, the fragment."""

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Any, Final


@dataclass(frozen=True, slots=True)
class Change:
    """Something on a topic changed: its kind, and the id of the row to read again."""

    kind: str
    object_id: int = 0


@dataclass(slots=True)
class Message:
    """A change that arrived on a subscribed topic, with the row as it is now.

    `record` is what the component's `load_changes` returned for the id, None when it is gone.
    """

    topic: str
    seq: int
    kind: str
    object_id: int
    record: Any = None
    memo: dict[Hashable, Any] = field(default_factory=dict, repr=False)

    def once(self, key: Hashable, make: Callable[[], Any]) -> Any:
        """`make()` for this change, shared by all windows of the process that show it."""
        if key not in self.memo:
            self.memo[key] = make()
        return self.memo[key]


@dataclass(frozen=True, slots=True)
class Fragment:
    """A piece of HTML for the element with the same id.

    `key` names what the window must show for the fragment to be sent; `for_all` sends it to
    every window. `part` tells fragments of one key apart. `html` is called at most once, and not
    at all when no window wants it.
    """

    key: str
    html: Callable[[], str]
    for_all: bool = False
    part: str = ""


class _Resnapshot:
    """Returned by `on_ws_message` when a patch cannot tell the change: send the whole window."""

    def __repr__(self) -> str:
        return "RESNAPSHOT"


RESNAPSHOT: Final = _Resnapshot()
