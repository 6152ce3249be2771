"""From a student's POST "complete" to the row at the last of 100 dashboards."""

import asyncio
import random
from collections.abc import Iterator

import uvloop

from .clients import HttpConnection, Swarm
from .data import CSRF, POSTING_STUDENTS, Roster
from .plan import Bench, in_turn
from .results import Row, Samples, Target
from .servers import SERVERS, Server, running

DASHBOARDS = 100
WARM_UP = POSTING_STUDENTS
"""Each student's first request is not counted."""
SETTLE_SECONDS = 0.5
PAUSE_SECONDS = 0.03

TARGET = Target("<=", 0.7)


def measure(bench: Bench) -> Iterator[Row]:
    """One row for each server, on the largest roster, against a bare view."""
    found = {
        (server, mode): Samples(mode, "ms") for server in SERVERS for mode in ("ours", "stock")
    }
    for repetition in range(bench.effort.repetitions):
        for server_name in SERVERS:
            for mode in in_turn(("stock", "ours"), repetition):
                with running(server_name, bench.seed) as server:
                    samples = found[server_name, mode]
                    uvloop.run(post_and_watch(server, bench.largest, mode, bench, samples))
    for name in SERVERS:
        yield Row(
            f'POST "complete" to the row at the last of {DASHBOARDS} dashboards, {name}',
            found[name, "ours"],
            found[name, "stock"],
            TARGET,
            note="stock: a bare view that writes the same rows, and group_send",
        )


async def post_and_watch(
    server: Server, roster: Roster, mode: str, bench: Bench, samples: Samples
) -> int:
    """Post completions one after the other; returns the size of the largest row frame."""
    swarm, http = Swarm(), HttpConnection(server.port)
    handshakes = await asyncio.to_thread(roster.handshakes, mode, server.port, DASHBOARDS)
    posts = [roster.posting(mode, number) for number in range(WARM_UP + bench.effort.posts)]
    await swarm.open(handshakes, waits_for_ready=mode == "ours")
    await http.open()
    await asyncio.sleep(SETTLE_SECONDS)
    values: list[float] = []
    for number, (path, body, session) in enumerate(posts):
        row = swarm.expect_row()
        answer = await http.post(path, body, session=session, csrf=CSRF)
        if answer.status != 200:
            raise RuntimeError(f"{path} answered {answer.status}")
        last = await swarm.last_arrival(row)
        if last is not None and number >= WARM_UP:
            values.append((last - answer.at) * 1000)
        await asyncio.sleep(PAUSE_SECONDS + random.random() * PAUSE_SECONDS)
    samples.add(values)
    samples.missing += swarm.missing
    http.close()
    await swarm.close()
    return swarm.largest_frame
