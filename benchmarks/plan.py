"""How much is measured: what the modules of the measurements are given."""

from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from .data import Roster

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Effort:
    """Repetitions and counts."""

    repetitions: int
    publishes: int
    posts: int
    page_loads: int
    rosters: tuple[int, ...] = (100, 1_000, 10_000, 100_000)


FULL = Effort(repetitions=3, publishes=20, posts=40, page_loads=15)
QUICK = Effort(1, publishes=8, posts=12, page_loads=4, rosters=(100, 1_000, 10_000))


@dataclass(frozen=True, slots=True)
class Bench:
    """What every measurement needs."""

    effort: Effort
    seed: Path
    rosters: dict[int, Roster]
    redis_url: str

    @property
    def smallest(self) -> Roster:
        return self.rosters[min(self.rosters)]

    @property
    def largest(self) -> Roster:
        return self.rosters[max(self.rosters)]


def in_turn(modes: tuple[T, ...], repetition: int) -> tuple[T, ...]:
    """The modes in an order that changes, so that none always runs on a warmer machine."""
    return modes if repetition % 2 == 0 else modes[::-1]
