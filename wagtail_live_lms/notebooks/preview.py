"""A notebook as pages show it, rendered once for each of its versions."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from .rendering import CellView, is_shown_whole, render_cells


@dataclass(frozen=True, slots=True)
class Preview:
    """The cells of a notebook as safe HTML; not all of them if it is very long."""

    cells: list[CellView]
    is_whole: bool


class Text:
    """A notebook's text that is read when it is needed. Two of one digest are the same."""

    def __init__(self, digest: str, read: Callable[[], str]) -> None:
        self.digest = digest
        self.read = read

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Text) and other.digest == self.digest

    def __hash__(self) -> int:
        return hash(self.digest)


@lru_cache(maxsize=64)
def preview(text: Text, required_ids: tuple[str, ...]) -> Preview:
    """What a page shows of it; kept by the process as long as the digest is asked for."""
    notebook = json.loads(text.read())
    return Preview(render_cells(notebook, required_ids), is_shown_whole(notebook))
