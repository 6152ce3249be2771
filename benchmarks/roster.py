"""The same completion for rosters of different sizes: nothing in the live path grows with it."""

from collections.abc import Iterator

import uvloop

from .completion import post_and_watch
from .plan import Bench
from .results import Row, Samples, Target
from .servers import running

SERVER = "daphne"


def measure(bench: Bench) -> Iterator[Row]:
    """One row for each size against the smallest, and one for the largest frame."""
    found = {size: Samples(f"{size:,} students", "ms") for size in bench.rosters}
    frames = Samples("largest row frame", "bytes")
    for repetition in range(bench.effort.repetitions):
        sizes = sorted(bench.rosters, reverse=bool(repetition % 2))
        with running(SERVER, bench.seed) as server:
            for size in sizes:
                roster = bench.rosters[size]
                work = post_and_watch(server, roster, "ours", bench, found[size])
                frames.add([float(uvloop.run(work))])
    smallest, *others = sorted(found)
    for size in others:
        what = f"POST to the last dashboard, {size:,} students against {smallest:,}, {SERVER}"
        target = Target("<=", 1.2) if size == max(found) else None
        yield Row(what, found[size], found[smallest], target)
    yield Row("largest row frame", frames, target=Target("<=", 1024, "ours", "bytes"))
