"""Resident memory of a server for each open dashboard, beside that of a stock consumer."""

import asyncio
from collections.abc import Iterator

import uvloop

from .clients import Swarm
from .plan import Bench, in_turn
from .results import Row, Samples, Target
from .servers import SERVERS, Server, running

SOCKETS = 500
WARM_UP = 25
SETTLE_SECONDS = 1.5


def measure(bench: Bench) -> Iterator[Row]:
    """One row for each server."""
    found = {
        (server, mode): Samples(mode, "KB") for server in SERVERS for mode in ("ours", "stock")
    }
    for repetition in range(min(2, bench.effort.repetitions)):
        for name in SERVERS:
            for mode in in_turn(("stock", "ours"), repetition):
                with running(name, bench.seed) as server:
                    found[name, mode].add([uvloop.run(_kilobytes_each(server, bench, mode))])
    for name in SERVERS:
        target = Target("<=", 40, "difference", "KB more")
        what = f"server memory per open dashboard, {name}"
        yield Row(what, found[name, "ours"], found[name, "stock"], target)


async def _kilobytes_each(server: Server, bench: Bench, mode: str) -> float:
    """Growth from a server that has served a few sockets to one that holds 500 more."""
    is_ours = mode == "ours"
    handshakes = await asyncio.to_thread(
        bench.smallest.handshakes, mode, server.port, WARM_UP + SOCKETS
    )
    warm_up, swarm = Swarm(), Swarm()
    await warm_up.open(handshakes[:WARM_UP], waits_for_ready=is_ours)
    await asyncio.sleep(SETTLE_SECONDS)
    before = server.resident_bytes()
    await swarm.open(handshakes[WARM_UP:], waits_for_ready=is_ours)
    await asyncio.sleep(SETTLE_SECONDS)
    after = server.resident_bytes()
    await swarm.close()
    await warm_up.close()
    return (after - before) / 1024 / SOCKETS
