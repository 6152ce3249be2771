"""A long list a page at a time."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from wagtail_live_lms import conf

Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """One page of a list: its rows, which page of how many it is, and all rows there are."""

    rows: list[Row]
    number: int
    pages: int
    total: int

    @property
    def first(self) -> int:
        return (self.number - 1) * page_size() + 1 if self.rows else 0

    @property
    def last(self) -> int:
        return self.first + len(self.rows) - 1 if self.rows else 0

    @property
    def has_room(self) -> bool:
        """Whether another row would be shown on it."""
        return len(self.rows) < page_size()


def page_size() -> int:
    """Rows on a page: WINDOW_SIZE, within 1 and 100."""
    return max(1, min(100, conf.current().WINDOW_SIZE))


def read_page_of(
    found: Any, number: int, total: int, make: Callable[[Sequence[Any]], list[Row]]
) -> Page[Row]:
    """The page's part of a list or queryset, made into rows; past the end, the last page."""
    size = page_size()
    pages = max(1, -(-total // size))
    number = min(max(1, number), pages)
    return Page(make(found[(number - 1) * size : number * size]), number, pages, total)
