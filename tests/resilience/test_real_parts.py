"""Two workers, PostgreSQL and Redis as in production, each taken away in the middle of a burst.

Whatever happens, each request is answered or can be sent again, what was acknowledged is kept,
and every dashboard ends up equal to the database.
"""

from __future__ import annotations

import asyncio
import resource
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass, field

import httpx
import pytest
import pytest_asyncio

from tests.services import PostgresServer, RedisServer

from .pages import Dashboard, Inbox, LightDashboard
from .servers import DASHBOARD, Person, Site, Worker, component_of

pytestmark = [
    pytest.mark.resilience,
    pytest.mark.redis,
    pytest.mark.postgres,
    pytest.mark.slow,
    pytest.mark.xdist_group("real-parts"),  # one site for all of them: preparing it takes longest
    pytest.mark.asyncio,
    pytest.mark.timeout(300),
]

SOCKETS = 1000
GRADES = "tests.resilience.make_grades"
CLEAR = {409, 503}
"""Answers that say what to do: refused for good, or try again later."""


@pytest.fixture(scope="module")
def site(postgres_server: PostgresServer, redis_server: RedisServer) -> Iterator[Site]:
    site = Site(postgres_server, redis_server)
    yield site
    site.close()


@pytest.fixture(scope="module")
def workers(site: Site) -> Iterator[tuple[Worker, Worker]]:
    first, second = Worker(site), Worker(site)
    try:
        first.start()
        second.start()
        yield first, second
    finally:
        first.close()
        second.close()


@pytest.fixture
def students(request: pytest.FixtureRequest) -> range:
    """Numbers of the students a test may use; each test has its own."""
    place = [
        "test_redis_is_killed_and_comes_back",
        "test_a_worker_hangs_and_is_killed",
        "test_postgresql_is_restarted",
    ].index(request.node.name)
    return range(1 + 6 * place, 7 + 6 * place)


@pytest_asyncio.fixture
async def instructor(workers: tuple[Worker, Worker]) -> AsyncIterator[Person]:
    person = await Person("instructor").log_in(workers[0])
    yield person
    await person.close()


@pytest_asyncio.fixture
async def dashboards(
    instructor: Person, workers: tuple[Worker, Worker]
) -> AsyncIterator[list[Dashboard]]:
    """Two at each worker."""
    opened = [await Dashboard.open(instructor, worker) for worker in workers * 2]
    for dashboard in opened:
        await dashboard.until(lambda d=dashboard: d.is_live, 20)  # type: ignore[misc]
    yield opened
    for dashboard in opened:
        await dashboard.close()


@dataclass
class Burst:
    """Students completing modules at both workers, again and again until it is acknowledged."""

    workers: tuple[Worker, Worker]
    acknowledged: set[tuple[str, int]] = field(default_factory=set)
    answers: Counter[object] = field(default_factory=Counter)
    half_way: asyncio.Event = field(default_factory=asyncio.Event)
    pause: float = 0.15

    async def run(self, numbers: range) -> None:
        await asyncio.gather(*(self._student(f"student{number}") for number in numbers))

    async def _student(self, name: str) -> None:
        student = await Person(name).log_in(self.workers[0])
        modules = await student.open_modules(self.workers[0])
        for place, module in enumerate(modules[:6]):
            await self._complete(student, module, place)
            if place == 1:
                self.half_way.set()
            await asyncio.sleep(self.pause)
        await student.close()

    async def _complete(self, student: Person, module: int, turn: int) -> None:
        """As a person does: when it did not work, click again; a proxy then picks the other."""
        async with asyncio.timeout(60):
            while True:
                turn += 1
                try:
                    answer = await student.complete(self.workers[turn % 2], module)
                except httpx.TransportError as error:
                    self.answers[type(error).__name__] += 1
                else:
                    self.answers[answer.status_code] += 1
                    if answer.status_code == 200:
                        self.acknowledged.add((student.name, module))
                        return
                    assert answer.status_code in CLEAR, answer.text[:500]
                    assert "data-live-error" in answer.text
                    assert answer.status_code == 409 or answer.headers["Retry-After"]
                    if answer.status_code == 409:
                        return
                await asyncio.sleep(0.2)


async def during_a_burst(
    workers: tuple[Worker, Worker], numbers: range, accident: Callable[[], Awaitable[None]]
) -> Burst:
    """A burst with an accident in its middle."""
    burst = Burst(workers)
    running = asyncio.ensure_future(burst.run(numbers))
    await asyncio.wait_for(burst.half_way.wait(), 60)
    await accident()
    await running
    print(f"answers: {dict(burst.answers)}, acknowledged: {len(burst.acknowledged)}")
    return burst


async def assert_nothing_is_lost(site: Site, burst: Burst, dashboards: list[Dashboard]) -> None:
    assert burst.acknowledged
    assert burst.acknowledged <= site.completions()
    roster = site.roster()
    for dashboard in dashboards:
        try:
            await dashboard.until(lambda d=dashboard: d.is_live and d.rows == roster, 30)  # type: ignore[misc]
        except TimeoutError:
            assert dashboard.rows == roster


async def test_a_completion_at_one_worker_appears_at_the_other_by_a_hint(site: Site) -> None:
    """The poll would come half a minute later."""
    first, second = Worker(site, POLL_SECONDS="30"), Worker(site, POLL_SECONDS="30")
    student, instructor = Person("student19"), Person("instructor")
    try:
        first.start()
        second.start()
        await student.log_in(first)
        module = (await student.open_modules(first))[0]
        dashboard = await Dashboard.open(await instructor.log_in(second), second)
        await dashboard.until(lambda: dashboard.is_live, 20)
        before = dashboard.rows
        await asyncio.sleep(1)  # the second worker's hub joins its groups
        started = time.monotonic()
        assert (await student.complete(first, module)).status_code == 200
        await dashboard.until(lambda: dashboard.rows != before, 15)
        print(f"seen at the other worker after {time.monotonic() - started:.3f} s")
        assert dashboard.rows == site.roster()
        await dashboard.close()
    finally:
        await student.close()
        await instructor.close()
        first.close()
        second.close()


async def test_redis_is_killed_and_comes_back(
    site: Site,
    workers: tuple[Worker, Worker],
    redis_server: RedisServer,
    dashboards: list[Dashboard],
    students: range,
) -> None:
    async def accident() -> None:
        redis_server.kill()
        await asyncio.sleep(1.5)
        await asyncio.to_thread(redis_server.start)

    burst = await during_a_burst(workers, students, accident)
    assert set(burst.answers) <= {200, 409}, "without Redis requests are slower, not refused"
    await assert_nothing_is_lost(site, burst, dashboards)


async def test_a_worker_hangs_and_is_killed(
    site: Site, workers: tuple[Worker, Worker], dashboards: list[Dashboard], students: range
) -> None:
    async def accident() -> None:
        workers[1].pause()
        await asyncio.sleep(1)
        workers[1].kill()
        await asyncio.sleep(1)
        await asyncio.to_thread(workers[1].start)

    burst = await during_a_burst(workers, students, accident)
    await assert_nothing_is_lost(site, burst, dashboards)


async def test_postgresql_is_restarted(
    site: Site,
    workers: tuple[Worker, Worker],
    postgres_server: PostgresServer,
    dashboards: list[Dashboard],
    students: range,
) -> None:
    async def accident() -> None:
        await asyncio.to_thread(postgres_server.kill)
        await asyncio.sleep(1)
        await asyncio.to_thread(postgres_server.start)

    burst = await during_a_burst(workers, students, accident)
    await assert_nothing_is_lost(site, burst, dashboards)


async def test_grades_posted_while_redis_is_killed_and_comes_back_reach_each_student_once(
    site: Site, workers: tuple[Worker, Worker], redis_server: RedisServer
) -> None:
    title, names = "Essay", [f"student{number}" for number in range(21, 27)]
    made = await asyncio.to_thread(site.run, f"{GRADES}:make", names=names, title=title)
    students = [await Person(name).log_in(workers[0]) for name in names]
    inboxes = [await Inbox.open(s, workers[place % 2]) for place, s in enumerate(students)]
    quiz, attempts = made["quiz"], made["attempts"]
    try:
        for inbox in inboxes:
            await inbox.until(lambda i=inbox: i.is_live, 20)  # type: ignore[misc]
        redis_server.kill()
        await asyncio.to_thread(site.run, f"{GRADES}:post", quiz=quiz, attempts=attempts[:3])
        later = asyncio.to_thread(site.run, f"{GRADES}:post", quiz=quiz, attempts=attempts[3:])
        await asyncio.gather(later, asyncio.to_thread(redis_server.start))
        for inbox in inboxes:
            await inbox.until(lambda i=inbox: i.about(title), 30)  # type: ignore[misc]
        await asyncio.to_thread(site.run, f"{GRADES}:deliver_again", quiz=quiz)
        told = await asyncio.to_thread(site.run, f"{GRADES}:count_notices", title=title)
        assert told == dict.fromkeys(names, 1)
        assert [inbox.about(title) for inbox in inboxes] == [1] * len(names)
    finally:
        await asyncio.gather(*(page.close() for page in (*inboxes, *students)))


async def test_a_thousand_sockets_survive_a_restart(
    site: Site, workers: tuple[Worker, Worker], instructor: Person
) -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 8192), hard))
    other, worker = workers
    student = await Person("student20").log_in(other)
    modules = await student.open_modules(other)
    root = component_of(await instructor.open(worker, DASHBOARD), "instructor_dashboard")
    token = root.get("data-live-params")
    pages = [LightDashboard(instructor, worker, token, "") for _ in range(SOCKETS)]
    row = next(iter(site.roster()))
    try:
        started = time.monotonic()
        for page in pages:
            page.start()
        await all_show(pages, site, row)
        print(f"{SOCKETS} sockets current after {time.monotonic() - started:.1f} s")
        await asyncio.to_thread(worker.stop)
        assert (await student.complete(other, modules[0])).status_code == 200
        started = time.monotonic()
        await asyncio.to_thread(worker.start)
        listening = time.monotonic()
        await all_show(pages, site, row)
        now = time.monotonic()
        print(f"all current again {now - started:.1f} s after the start, {now - listening:.1f} s "
              "after the server listened")  # fmt: skip
        assert all(page.connections >= 2 for page in pages)
    finally:
        await asyncio.gather(*(page.close() for page in pages), student.close())


async def all_show(pages: list[LightDashboard], site: Site, row: str) -> None:
    """Wait until each page is connected and shows every row as the database has it."""
    wanted = {name: int(version) for name, (_, version) in site.roster().items()}
    for page in pages:
        await page.until(lambda p=page: p.is_live and p.versions == wanted, 120)  # type: ignore[misc]
