"""What saving an answer and handing in a quiz cost, against bare views that write the same rows."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http import HTTPStatus

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
    """Rows for each server and kind of request: the time of one after the other."""
    quiz_class = seed_quiz(WARM_UP + bench.effort.posts, begun=True)
    for what, plans, target in _kinds(quiz_class):
        for server_name in SERVERS:
            taken = {mode: Samples(mode, "ms") for mode in plans}
            shown = Samples("ours", "ms")
            for repetition in range(bench.effort.repetitions):
                for mode in in_turn(("bare", "ours"), repetition):
                    with running(server_name, bench.seed) as server:
                        work = _post_all(server, plans[mode], len(quiz_class.students))
                        times = uvloop.run(work)
                    taken[mode].add([time.acknowledged for time in times])
                    if mode == "ours":
                        shown.add([time.shown for time in times])
            note = "the floor checks the login and the CSRF token and writes the rows"
            yield Row(f"{what}, {server_name}", taken["ours"], taken["bare"], target, note)
            if target is SUBMIT:
                note = "ours also reads the page with every question's result; the floor shows none"
                yield Row(f"{what} and show it, {server_name}", shown, taken["bare"], note=note)


def _kinds(quiz_class: QuizClass) -> Iterator[tuple[str, dict[str, Plan], Target]]:
    def bare_save(number: int) -> Post:
        return quiz_class.bare_save(number, number % QUESTIONS)

    def save(number: int) -> Post:
        return quiz_class.save(number, number % QUESTIONS)

    submits = {"ours": quiz_class.submit, "bare": quiz_class.bare_submit}
    yield f"hand in and grade a quiz of {QUESTIONS} questions", submits, SUBMIT
    yield "save one answer", {"ours": save, "bare": bare_save}, SAVE


@dataclass(frozen=True, slots=True)
class Times:
    """Milliseconds until a request was acknowledged, and until the page it leads to was read."""

    acknowledged: float
    shown: float
    page: bytes


async def _post_all(server: Server, plan: Plan, count: int) -> list[Times]:
    """The times of each request after the first few, one student after the other."""
    http = HttpConnection(server.port)
    await http.open()
    values = [await send(http, plan(number)) for number in range(count)]
    http.close()
    return values[WARM_UP:]


async def send(http: HttpConnection, post: Post) -> Times:
    """Make the request and follow where it leads; anything but 200 in the end is an error."""
    taken = shown = await http.post(
        post.path, post.body, session=post.session, csrf=CSRF, content_type=post.content_type
    )
    if taken.status == HTTPStatus.SEE_OTHER:
        shown = await http.get(taken.location, session=post.session, csrf=CSRF)
    if shown.status != HTTPStatus.OK:
        raise RuntimeError(f"{post.path} answered {shown.status}: {post.body[:200]}")
    return Times((taken.read - taken.at) * 1000, (shown.read - taken.at) * 1000, shown.body)
