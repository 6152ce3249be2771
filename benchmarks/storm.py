"""A whole class at once: 500 students begin, save twenty answers each and hand in.

Run as a program (`python -m benchmarks.storm`) it has a database, a server and the class to
itself and prints what it found as JSON. There is no floor: what counts is that no request fails,
that every acknowledged answer is there, and how long the slowest twentieth took.
"""

import asyncio
import json
import os
import random
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scripts.parts import find_postgres
from tests.services import PostgresServer

from .results import Row, Samples, Target

if TYPE_CHECKING:
    from .plan import Bench
    from .quiz_data import Post, QuizClass

STUDENTS, QUICK_STUDENTS = 500, 50
SPREAD_SECONDS = 10.0
"""Everybody begins within this time, and later hands in within it."""
SAVE_SECONDS = 240.0
PATIENCE = 60.0
SERVER = "uvicorn"
KINDS = ("start", "save", "submit")
ATTEMPT = re.compile(rb'name="attempt" value="(\d+)"')


def measure(bench: "Bench") -> Iterator[Row]:
    """Rows for SQLite, and for PostgreSQL where it is installed."""
    students = STUDENTS if bench.effort.repetitions > 1 else QUICK_STUDENTS
    for database in ("SQLite", *(["PostgreSQL"] if find_postgres() else [])):
        yield from _rows(database, students, _run_apart(database, students))


def _rows(database: str, students: int, found: dict[str, Any]) -> Iterator[Row]:
    for kind in KINDS:
        samples = Samples("p95", "ms")
        samples.add([found["p95"][kind]])
        yield Row(f"{students} students at once, {database}: p95 of {kind}", samples)
    for what in ("failed", "lost"):
        samples = Samples(what, "")
        samples.add([float(found[what])])
        name = {"failed": "failed requests", "lost": "acknowledged answers lost"}[what]
        what = f"{students} students at once, {database}: {name}"
        yield Row(what, samples, target=Target("<=", 0, "ours", ""))


def _run_apart(database: str, students: int) -> dict[str, Any]:
    """Django knows one database per process, so a process of its own."""
    with ExitStack() as stack:
        environment = dict(os.environ)
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="live-lms-storm-"))
        environment["BENCHMARK_DATABASE"] = str(Path(folder) / "seed.sqlite3")
        if database == "PostgreSQL":
            postgres = PostgresServer()
            stack.callback(postgres.close)
            postgres.start()
            environment["BENCHMARK_POSTGRES_URL"] = postgres.url
        command = [sys.executable, "-m", "benchmarks.storm", str(students)]
        done = subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE)
        return dict(json.loads(done.stdout.splitlines()[-1]))


@dataclass(slots=True)
class Storm:
    """The class in front of one server."""

    quiz_class: "QuizClass"
    port: int
    times: dict[str, list[float]] = field(default_factory=lambda: {kind: [] for kind in KINDS})
    failed: int = 0
    acknowledged: dict[tuple[int, str], str] = field(default_factory=dict)
    """The last response to each question that the server said it keeps, by student."""

    async def take(self, number: int) -> None:
        """One student from beginning to end."""
        rng = random.Random(number)
        began = asyncio.get_running_loop().time()
        await asyncio.sleep(rng.random() * SPREAD_SECONDS)
        page = await self._send("start", self.quiz_class.start(number))
        attempt = int(match[1]) if (match := ATTEMPT.search(page)) else 0
        waits = sorted(rng.random() * SAVE_SECONDS for _ in self.quiz_class.questions)
        for question, wait in enumerate(waits):
            await self._until(began + SPREAD_SECONDS + wait)
            post = self.quiz_class.save(number, question, attempt)
            if await self._send("save", post):
                name = self.quiz_class.questions[question]
                self.acknowledged[number, name] = json.loads(post.body)["response"]
        await self._until(began + SPREAD_SECONDS * (1 + rng.random()) + SAVE_SECONDS)
        await self._send("submit", self.quiz_class.submit_saved(number, attempt))

    async def _until(self, moment: float) -> None:
        await asyncio.sleep(max(0.0, moment - asyncio.get_running_loop().time()))

    async def _send(self, kind: str, post: "Post") -> bytes:
        """The page that came; nothing if the request failed, which is counted."""
        from .clients import HttpConnection  # noqa: PLC0415 - needs the apps
        from .quizzes import send  # noqa: PLC0415 - needs the apps

        loop = asyncio.get_running_loop()
        at = loop.time()
        http = HttpConnection(self.port, PATIENCE)
        try:
            await http.open()
            page = (await send(http, post)).page
        except (OSError, RuntimeError, TimeoutError, asyncio.IncompleteReadError) as error:
            self.failed += 1
            print(f"{kind}: {error!r}", file=sys.stderr)
            return b""
        finally:
            http.close()
        self.times[kind].append((loop.time() - at) * 1000)
        return page

    def lost(self) -> int:
        """Acknowledged answers that are not what the database has, or were not graded."""
        from wagtail_live_lms.models import Answer  # noqa: PLC0415 - needs the apps

        place = {p.user.pk: number for number, p in enumerate(self.quiz_class.students)}
        answers = Answer.objects.filter(submission__quiz=self.quiz_class.quiz).exclude(outcome="")
        rows = answers.values_list("submission__enrolment__user", "question_id", "response")
        stored = {(place[user], name): response for user, name, response in rows}
        return sum(stored.get(key) != value for key, value in self.acknowledged.items())


def main(students: int) -> None:
    """Seed, serve, storm, and print."""
    import django  # noqa: PLC0415 - after the environment is set

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "benchmarks.site.settings")
    django.setup()
    import uvloop  # noqa: PLC0415
    from django.core.management import call_command  # noqa: PLC0415

    from .quiz_data import seed_quiz  # noqa: PLC0415 - needs the apps
    from .servers import running  # noqa: PLC0415

    call_command("migrate", verbosity=0)
    quiz_class = seed_quiz(students, begun=False)
    with running(SERVER, Path(os.environ["BENCHMARK_DATABASE"]), keeps_file=True) as server:
        storm = Storm(quiz_class, server.port)

        async def everybody() -> None:
            await asyncio.gather(*(storm.take(number) for number in range(students)))

        uvloop.run(everybody())
        found = {
            "p95": {kind: _p95(values) for kind, values in storm.times.items()},
            "failed": storm.failed,
            "lost": storm.lost(),
        }
    print(json.dumps(found))


def _p95(values: list[float]) -> float:
    ordered = sorted(values)
    return ordered[int(0.95 * (len(ordered) - 1))] if ordered else float("nan")


if __name__ == "__main__":
    main(int(sys.argv[1]))
