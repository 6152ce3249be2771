"""From the commit of grades for 500 people to the notice at the last of their 500 sockets."""

import asyncio
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from typing import Any
from urllib.parse import quote

import uvloop
from django.db import connection, connections

from wagtail_live_lms.live import personal_topic, signing
from wagtail_live_lms.live.topics import format_since, positions
from wagtail_live_lms.models import Enrolment

from .clients import Handshake, Socket, Swarm
from .data import Person, log_in
from .plan import Bench, in_turn
from .results import Row, Samples, Target
from .servers import SERVERS, Server, running
from .site.telling import Telling

PEOPLE = 500
WARM_UP = 2
MOST_ROUNDS = 12
"""A list shows 20 notices, and each round adds one."""
SETTLE_SECONDS = 1.5
PAUSE_SECONDS = 0.5
NOTICE = "Round {number} of the benchmark"


def measure(bench: Bench) -> Iterator[Row]:
    """Two rows for each server: until the last has it, and the transaction itself."""
    crowd = Crowd.of(bench)
    arrival = {(s, mode): Samples(mode, "ms") for s in SERVERS for mode in ("ours", "stock")}
    posting = {server: Samples("transaction", "ms") for server in SERVERS}
    for repetition in range(bench.effort.repetitions):
        for name in SERVERS:
            for mode in in_turn(("stock", "ours"), repetition):
                with running(name, bench.seed) as server:
                    rounds = uvloop.run(crowd.hear(server, mode, bench, arrival[name, mode]))
                if mode == "ours":
                    posting[name].add([told.transaction for told in rounds])
    for name in SERVERS:
        yield Row(
            f"commit of {PEOPLE} notices to the last of {PEOPLE} sockets, {name}",
            arrival[name, "ours"],
            arrival[name, "stock"],
            Target("<=", 1000, "ours", "ms"),
            note="stock: ready text, group_send to a group for each person",
        )
        yield Row(f"transaction that tells {PEOPLE} people, {name}", posting[name])


@dataclass(slots=True)
class Ears(Swarm):
    """A socket for each person; tells when the last of them was told."""

    awaited: bytes = b""
    told: set[Socket] = field(default_factory=set)

    def expect(self, words: str) -> asyncio.Future[float]:
        """The time at which these words have reached every socket."""
        self.awaited, self.told = words.encode(), set()
        return self.expect_row()

    def _heard(self, socket: Socket, payload: bytes, at: float) -> None:
        if not self.awaited or self.awaited not in payload:
            return
        self.told.add(socket)
        self.counts[0, 0] = len(self.told)
        if len(self.told) == len(self.sockets) and self._waiting and not self._waiting.done():
            self._waiting.set_result(at)


@dataclass(frozen=True, slots=True)
class Told:
    """One round, in milliseconds: the transaction, and from its commit to the last socket."""

    transaction: float
    arrival: float


@dataclass(frozen=True, slots=True)
class Crowd:
    """People of one course, each logged in."""

    course_id: int
    people: list[Person]

    @classmethod
    def of(cls, bench: Bench) -> "Crowd":
        """The first students of a course that has enough, logged in in the seeded database."""
        size = min(size for size in bench.rosters if size >= PEOPLE)
        course = bench.rosters[size].course
        rows = Enrolment.objects.filter(course=course).select_related("user").order_by("pk")
        people = [log_in(enrolment.user) for enrolment in rows[:PEOPLE]]
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connections.close_all()
        return cls(course.pk, people)

    async def hear(self, server: Server, mode: str, bench: Bench, samples: Samples) -> list[Told]:
        """Tell everybody something several times; the samples are from commit to the last."""
        ears = Ears()
        handshakes = await asyncio.to_thread(self._handshakes, mode, server.port)
        await ears.open(handshakes, waits_for_ready=mode != "stock")
        await asyncio.sleep(SETTLE_SECONDS)
        answers: asyncio.Queue[bytes] = asyncio.Queue()
        teller = await _teller(server, answers)
        ids = [person.user.pk for person in self.people]
        rounds = []
        for number in range(WARM_UP + min(MOST_ROUNDS, bench.effort.publishes)):
            words = NOTICE.format(number=number)
            told = ears.expect(words)
            _order(teller, Telling(mode, self.course_id, ids, words))
            answer: dict[str, Any] = json.loads(await answers.get())
            last = await ears.last_arrival(told)
            if last is not None and number >= WARM_UP:
                arrival = (last - answer["at"]) * 1000
                rounds.append(Told(answer["seconds"] * 1000, arrival))
            await asyncio.sleep(PAUSE_SECONDS)
        samples.add([told.arrival for told in rounds])
        samples.missing += ears.missing
        teller.close()
        await ears.close()
        return rounds

    def _handshakes(self, mode: str, port: int) -> list[Handshake]:
        if mode == "stock":
            return [Handshake(port, f"/benchmark/stock/{p.user.pk}/") for p in self.people]
        opened = []
        for person in self.people:
            token = signing.sign("grade_notification", {}, person.user)
            since = format_since(positions([personal_topic(person.user.pk)]))
            path = f"/ws/live/?views={quote(token)}&since={quote(since)}"
            opened.append(Handshake(port, path, person.session))
        return opened


async def _teller(server: Server, answers: "asyncio.Queue[bytes]") -> Socket:
    """A socket to the consumer in the server's process that tells people things."""
    handshake = Handshake(server.port, "/benchmark/tell/")
    _, socket = await asyncio.get_running_loop().create_connection(
        lambda: Socket(handshake, lambda _, payload, at: answers.put_nowait(payload)),
        "127.0.0.1",
        server.port,
    )
    await socket.opened
    return socket


def _order(teller: Socket, order: Telling) -> None:
    teller.send(json.dumps(asdict(order)).encode())
