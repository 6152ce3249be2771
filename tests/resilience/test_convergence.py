"""Whatever is lost, doubled, delayed or reordered: an open page ends up equal to the database."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest

from wagtail_live_lms.live import broadcasting, hints, socket
from wagtail_live_lms.live import hub as hub_module
from wagtail_live_lms.live.threads import DatabaseThreads
from wagtail_live_lms.testing import dom

from . import mutants
from .classroom import Classroom
from .convergence import Run

pytestmark = [
    pytest.mark.resilience,
    pytest.mark.slow,
    pytest.mark.asyncio,
    pytest.mark.django_db(transaction=True),
    pytest.mark.timeout(600),
]

RUNS, AT_ONCE = 500, 100
RUNS_OF_A_MUTANT = 60
"""More than any mutant has been seen to survive, several times over."""


@pytest.fixture(autouse=True)
def _in_a_hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub_module, "PASS_INTERVAL", 0.001)
    monkeypatch.setattr(hub_module, "TICK_INTERVAL", 0.0)
    monkeypatch.setattr(hints, "GIVE_WAY_SECONDS", 0.0)  # the next write comes during the push


async def diverged(seeds: Iterable[int], *, until_first: bool = False, **options: Any) -> list[str]:
    """What differed from the database in these runs."""
    writers = DatabaseThreads(1, "writers")
    found: list[str] = []
    try:
        room = await writers.run(Classroom)
        for seed in seeds:
            found += await Run(room, seed, writers, **options).differences()
            if found and until_first:
                break
    finally:
        await writers.close()
    return found


@pytest.mark.parametrize("first", range(0, RUNS, AT_ONCE))
async def test_every_page_equals_the_database_after_a_run_of_faults(first: int) -> None:
    assert await diverged(range(first, first + AT_ONCE)) == []


class TestWithoutOneRule:
    """The same runs fail when a rule is taken away."""

    async def diverges(self, **options: Any) -> bool:
        return bool(await diverged(range(RUNS_OF_A_MUTANT), until_first=True, **options))

    async def test_numbers_not_in_the_order_of_commits(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(broadcasting, "_raise_sequences", mutants.numbers_taken_before)
        assert await self.diverges(decide=mutants.out_of_order)

    async def test_hints_without_a_poll(self) -> None:
        assert await self.diverges(settings={"POLL_SECONDS": 3600.0}, settle_seconds=1.0)

    async def test_a_snapshot_before_the_registration(self) -> None:
        assert await self.diverges(hub_class=mutants.SnapshotFirstHub)

    @pytest.mark.parametrize("outbox", [mutants.ForgetfulOutbox, mutants.DroppingOutbox])
    async def test_an_overflow_that_owes_nothing(
        self, monkeypatch: pytest.MonkeyPatch, outbox: type
    ) -> None:
        monkeypatch.setattr(socket, "Outbox", outbox)
        assert await self.diverges()

    async def test_a_browser_that_does_not_look_at_versions(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(dom, "is_older", mutants.never_older)
        assert await self.diverges()
