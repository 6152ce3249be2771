"""What saving an answer and handing in a quiz cost, against bare views that write the same rows."""

import asyncio
from collections.abc import Callable, Iterator

import uvloop

from .clients import HttpConnection
from .data import CSRF
from .plan import Bench, in_turn
from .quiz_data import QUESTIONS, Post, QuizClass, seed_quiz
from .results import Row, Samples, Target
from .servers import SERVERS, Server, running

WARM_UP = 10
SUBMIT, SAVE = Target(">=", 0.6), Target(">=", 0.7)

Plan = Callable[[int], Post]


def measure(bench: Bench) -> Iterator[Row]:
    """One row for each server and kind of request: the time of one after the other."""
    quiz_class = seed_quiz(WARM_UP + bench.effort.posts, begun=True)
    for what, plans, target in _kinds(quiz_class):
        for server_name in SERVERS:
            found = {mode: Samples(mode, "ms") for mode in plans}
            for repetition in range(bench.effort.repetitions):
                for mode in in_turn(("bare", "ours"), repetition):
                    with running(server_name, bench.seed) as server:
                        work = _post_all(server, plans[mode], len(quiz_class.students))
                        found[mode].add(uvloop.run(work))
            note = "the floor checks the login and the CSRF token and writes the rows"
            yield Row(f"{what}, {server_name}", found["ours"], found["bare"], target, note)


def _kinds(quiz_class: QuizClass) -> Iterator[tuple[str, dict[str, Plan], Target]]:
    def bare_save(number: int) -> Post:
        return quiz_class.bare_save(number, number % QUESTIONS)

    def save(number: int) -> Post:
        return quiz_class.save(number, number % QUESTIONS)

    submits = {"ours": quiz_class.submit, "bare": quiz_class.bare_submit}
    yield f"hand in and grade a quiz of {QUESTIONS} questions", submits, SUBMIT
    yield "save one answer", {"ours": save, "bare": bare_save}, SAVE


async def _post_all(server: Server, plan: Plan, count: int) -> list[float]:
    """Milliseconds of each request after the first few, one student after the other."""
    http = HttpConnection(server.port)
    await http.open()
    values = []
    for number in range(count):
        post = plan(number)
        start = asyncio.get_running_loop().time()
        await send(http, post)
        if number >= WARM_UP:
            values.append((asyncio.get_running_loop().time() - start) * 1000)
    http.close()
    return values


async def send(http: HttpConnection, post: Post) -> None:
    """Make the request; anything but 200 is an error."""
    _, status = await http.post(
        post.path, post.body, session=post.session, csrf=CSRF, content_type=post.content_type
    )
    if status != 200:
        raise RuntimeError(f"{post.path} answered {status}: {post.body[:200]}")
