"""From a hint to the row at the last of N sockets, against Channels' consumers and group_send.

And against the server alone: a loop that sends to each socket. Nobody can be faster than that.
"""

import asyncio
import contextlib
import json
import random
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import asdict, dataclass, replace
from itertools import count

import uvloop

from .clients import Handshake, Socket, Swarm
from .plan import Bench, in_turn
from .results import Row, Samples, Target
from .servers import CORE, PUBSUB, SERVERS, Server, running
from .site.publishing import Order

TARGETS = {100: Target(">=", 2), 500: Target(">=", 4)}
IN_MEMORY = "in-memory"
WARM_UP = 4
SETTLE_SECONDS = 0.5
PAUSE_SECONDS = 0.03

Publish = Callable[[Order], Awaitable[float]]

versions = count(1_000)


@dataclass(frozen=True, slots=True)
class Mode:
    """Who publishes, and over which layer where there is Redis."""

    publisher: str
    layer: str = PUBSUB


OURS = Mode("ours")
STOCK = Mode("stock", CORE)
STOCK_ON_PUBSUB = Mode("stock", PUBSUB)
BARE = Mode("bare")
MODES = {True: (STOCK, OURS, STOCK_ON_PUBSUB), False: (STOCK, OURS, BARE)}
"""What is compared with Redis, and without."""


@dataclass(frozen=True, slots=True)
class Case:
    """One line of the table."""

    server: str
    where: str
    sockets: int

    @property
    def what(self) -> str:
        return f"hint to the last of {self.sockets} sockets, {self.server}, {self.where}"


Found = dict[tuple[Case, Mode], Samples]


def measure(bench: Bench) -> Iterator[Row]:
    """Rows for each server, layer, publisher and number of sockets."""
    found: Found = {}
    for repetition in range(bench.effort.repetitions):
        for server in SERVERS:
            for redis_url in dict.fromkeys(["", bench.redis_url]):
                for mode in in_turn(MODES[bool(redis_url)], repetition):
                    _measure_server(bench, server, redis_url, mode, found)
    cases = {case for case, _ in found}
    for case in sorted(cases, key=lambda case: (-case.sockets, case.server, case.where)):
        yield from _rows(case, found)


def _rows(case: Case, found: Found) -> Iterator[Row]:
    stock = found[case, STOCK]
    yield Row(
        case.what,
        found[case, OURS],
        stock,
        TARGETS[case.sockets],
        note="stock: AsyncWebsocketConsumer and group_send of the ready text",
    )
    if (case, STOCK_ON_PUBSUB) in found:
        lean = found[case, STOCK_ON_PUBSUB]
        yield Row(f"{case.what}, as a share of stock on the pubsub layer", found[case, OURS], lean)
        stock = lean
    bare = found[replace(case, where=IN_MEMORY), BARE]
    yield Row(f"the server alone, as a share of: {case.what}", bare, stock)


def _measure_server(bench: Bench, name: str, redis_url: str, mode: Mode, found: Found) -> None:
    places = ["Redis", "Redis, published by another process"] if redis_url else [IN_MEMORY]
    with running(name, bench.seed, redis_url, layer=mode.layer) as server:
        for where in places:
            for sockets in TARGETS:
                samples = found.setdefault(
                    (Case(name, where, sockets), mode), Samples(f"{mode.publisher}, {name}", "ms")
                )
                run = Run(bench, server, mode.publisher, sockets, is_apart=where != places[0])
                uvloop.run(run.measure(samples))


@dataclass(frozen=True, slots=True)
class Run:
    """One number of sockets on one running server."""

    bench: Bench
    server: Server
    mode: str
    sockets: int
    is_apart: bool

    async def measure(self, samples: Samples) -> None:
        roster = self.bench.smallest
        enrolment_id = await asyncio.to_thread(lambda: roster.first_enrolment)
        swarm = Swarm()
        is_ours = self.mode == "ours"
        handshakes = await asyncio.to_thread(
            roster.handshakes, self.mode, self.server.port, self.sockets
        )
        await swarm.open(handshakes, waits_for_ready=is_ours)
        publisher = apart(self.server) if self.is_apart else inside(self.server)
        async with publisher as publish:
            await asyncio.sleep(SETTLE_SECONDS)
            values: list[float] = []
            for number in range(WARM_UP + self.bench.effort.publishes):
                row = swarm.expect_row()
                at = await publish(Order(self.mode, enrolment_id, next(versions)))
                last = await swarm.last_arrival(row)
                if last is not None and number >= WARM_UP:
                    values.append((last - at) * 1000)
                await asyncio.sleep(PAUSE_SECONDS + random.random() * PAUSE_SECONDS)
        samples.add(values)
        samples.missing += swarm.missing
        await swarm.close()


@contextlib.asynccontextmanager
async def inside(server: Server) -> AsyncIterator[Publish]:
    """Publish in the server's process, told over a socket."""
    answers: asyncio.Queue[bytes] = asyncio.Queue()
    loop = asyncio.get_running_loop()
    handshake = Handshake(server.port, "/benchmark/publish/")
    _, socket = await loop.create_connection(
        lambda: Socket(handshake, lambda _, payload, at: answers.put_nowait(payload)),
        "127.0.0.1",
        server.port,
    )
    await socket.opened

    async def publish(order: Order) -> float:
        socket.send(json.dumps(asdict(order)).encode())
        return float(json.loads(await answers.get())["at"])

    yield publish
    socket.close()


@contextlib.asynccontextmanager
async def apart(server: Server) -> AsyncIterator[Publish]:
    """Publish in a process of its own."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "benchmarks.site.publisher"),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=server.environment,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    stdin, stdout = process.stdin, process.stdout
    await stdout.readline()

    async def publish(order: Order) -> float:
        stdin.write(json.dumps(asdict(order)).encode() + b"\n")
        return float(json.loads(await stdout.readline())["at"])

    yield publish
    stdin.close()
    await process.wait()
