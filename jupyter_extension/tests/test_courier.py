"""Delivery through a course site that is away, busy, or has revoked the token."""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from jupyter_extension.tests.lms import TOKEN, Lms, Reply, problem
from jupyter_live_lms import client as client_module
from jupyter_live_lms import courier as courier_module
from jupyter_live_lms.client import Answer, Verdict
from jupyter_live_lms.courier import Courier
from jupyter_live_lms.credentials import Source
from jupyter_live_lms.outbox import Outbox, Report, make_report

LOG = logging.getLogger("tests")


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Patience in hundredths of seconds."""
    monkeypatch.setattr(courier_module, "SCAN_SECONDS", 0.02)
    monkeypatch.setattr(courier_module, "FIRST_BACKOFF", 0.02)


@pytest.fixture
def token_file(tmp_path: Path) -> Path:
    path = tmp_path / "token"
    path.write_text(TOKEN + "\n")
    return path


@pytest.fixture
def source(lms: Lms, token_file: Path) -> Source:
    return Source(url=lms.url, token_file=str(token_file))


class Answers:
    """What the courier says of the reports, to be awaited."""

    def __init__(self) -> None:
        self.queue: asyncio.Queue[tuple[Report, Answer]] = asyncio.Queue()

    def __call__(self, report: Report, answer: Answer) -> None:
        self.queue.put_nowait((report, answer))

    async def next(self) -> Answer:
        return (await asyncio.wait_for(self.queue.get(), 10))[1]

    async def until(self, verdict: Verdict) -> list[Answer]:
        seen = [await self.next()]
        while seen[-1].verdict is not verdict:
            seen.append(await self.next())
        return seen


@asynccontextmanager
async def running(outbox: Outbox, source: Source) -> AsyncIterator[tuple[Courier, Answers]]:
    answers = Answers()
    courier = Courier(outbox, source, LOG, on_answer=answers)
    courier.start()
    try:
        yield courier, answers
    finally:
        await courier.stop()


def report(lms: Lms, passed: tuple[str, ...] = ("a", "b"), **more: Any) -> Report:
    options: dict[str, Any] = {
        "site": lms.url, "module": 7, "title": "Loops", "required": 2, "digest": None,
        "mode": "saved",
    }  # fmt: skip
    return make_report(passed=passed, **(options | more))


@pytest.mark.parametrize(
    "failure",
    [
        problem(500, "error"),
        problem(503, "unavailable"),
        problem(429, "rate_limited", Retry_After="0"),
        Reply(502, b"<html>Bad gateway</html>"),
        Reply(404, b"<html>Not found</html>"),
        Reply(302, b"", {"Location": "https://login.example.org/"}),
        Reply(200, b"<html>Accept our terms</html>", {"Content-Type": "text/html"}),
        Reply(200, b"[]"),
    ],
    ids=["500", "503", "429", "proxy", "html-404", "redirect", "captive-portal", "no-object"],
)
async def test_passing_trouble_is_tried_again_with_the_same_key(
    lms: Lms, source: Source, outbox: Outbox, failure: Reply
) -> None:
    lms.scripted = [failure, failure]
    outbox.add(report(lms))
    async with running(outbox, source) as (_, answers):
        seen = await answers.until(Verdict.DONE)
    assert [answer.verdict for answer in seen] == [Verdict.RETRY, Verdict.RETRY, Verdict.DONE]
    assert len({request.headers["idempotency-key"] for request in lms.reports()}) == 1
    assert lms.completions == [7]
    assert outbox.pending() == []


async def test_lost_answer_is_repeated_and_counted_once(
    lms: Lms, source: Source, outbox: Outbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The site records the report, but its answer comes too late."""
    monkeypatch.setattr(client_module, "TIMEOUT", 0.2)
    outbox.add(report(lms))
    lms.always = lambda request: record_late(lms, request) if len(lms.requests) == 1 else None
    async with running(outbox, source) as (_, answers):
        seen = await answers.until(Verdict.DONE)
    assert seen[0].code == "unreachable"
    assert "in time" in seen[0].detail
    assert seen[-1].data["created"]  # the first answer, repeated
    assert lms.completions == [7]


def record_late(lms: Lms, request: Any) -> Reply:
    reply = lms._route(request)
    return Reply(reply.status, reply.body, reply.headers, delay=0.4)


async def test_site_that_is_away_is_found_when_it_returns(
    source: Source, outbox: Outbox, lms: Lms
) -> None:
    away = Source(url="http://127.0.0.1:1", token_file=source._token_file, aliases=(lms.url,))
    outbox.add(report(lms))
    async with running(outbox, away) as (courier, answers):
        assert (await answers.next()).code == "unreachable"
        assert courier.trouble is not None
        away.url = lms.url
        await answers.until(Verdict.DONE)
        assert courier.trouble is None


async def test_wish_of_the_site_to_wait_is_honoured(
    lms: Lms, source: Source, outbox: Outbox
) -> None:
    lms.scripted = [problem(429, "rate_limited", Retry_After="1")]
    outbox.add(report(lms))
    async with running(outbox, source) as (courier, answers):
        await answers.next()
        started = time.monotonic()
        assert not courier.wake(is_urgent=True)
        await answers.until(Verdict.DONE)
    assert time.monotonic() - started >= 1.0


@pytest.mark.parametrize(
    ("header", "seconds"),
    [("7", 7.0), ("0", 0.0), ("999999", 3600.0), ("-5", None), ("soon", None), ("²", None),
     ("Wed, 21 Oct 2015 07:28:00 GMT", 0.0)],
)  # fmt: skip
async def test_retry_after_is_read_in_every_form(
    lms: Lms, source: Source, outbox: Outbox, header: str, seconds: float | None
) -> None:
    courier = Courier(outbox, source, LOG)
    lms.scripted = [problem(503, "unavailable", Retry_After=header.encode().decode("latin-1"))]
    client = await courier.client()
    assert client is not None
    answer = await client.report(report(lms))
    await courier.stop()
    await courier._drop_client()
    assert answer.retry_after == seconds


async def test_revoked_token_pauses_until_there_is_another(
    lms: Lms, source: Source, outbox: Outbox, token_file: Path
) -> None:
    lms.tokens = {"livelms_renewed"}
    outbox.add(report(lms))
    async with running(outbox, source) as (courier, answers):
        assert (await answers.next()).verdict is Verdict.PAUSE
        assert courier.refusal is not None
        assert courier.refusal.detail == "The token was revoked."
        courier.wake(is_urgent=True)
        await courier.deliver()
        assert len(lms.reports()) == 1
        token_file.write_text("livelms_renewed")
        await answers.until(Verdict.DONE)
        assert courier.refusal is None
    assert lms.completions == [7]


@pytest.mark.parametrize("code", ["not_enrolled", "module_archived", "wrong_completion_rule"])
async def test_report_that_cannot_succeed_is_set_aside(
    lms: Lms, source: Source, outbox: Outbox, code: str
) -> None:
    lms.scripted = [problem(409, code, "Ask your instructor.")]
    outbox.add(report(lms))
    outbox.add(report(lms, module=8))
    lms.required[8] = ["a", "b"]
    async with running(outbox, source) as (_, answers):
        await answers.until(Verdict.DONE)  # what comes behind it is not held up
    assert [failure.code for failure in outbox.failures()] == [code]
    assert outbox.pending() == []


async def test_accepted_lesson_clears_its_earlier_refusals(
    lms: Lms, source: Source, outbox: Outbox
) -> None:
    lms.scripted = [problem(409, "not_enrolled")]
    outbox.add(report(lms))
    async with running(outbox, source) as (courier, answers):
        await answers.next()
        outbox.add(report(lms))
        courier.wake()
        await answers.until(Verdict.DONE)
    assert outbox.failures() == []


async def test_report_of_another_site_waits_for_its_own(
    lms: Lms, source: Source, outbox: Outbox
) -> None:
    outbox.add(report(lms, site="https://other.example.org"))
    outbox.add(report(lms))
    async with running(outbox, source) as (_, answers):
        await answers.until(Verdict.DONE)
    assert len(lms.reports()) == 1
    assert [one.site for one in outbox.pending()] == ["https://other.example.org"]


async def test_without_a_token_nothing_is_sent(lms: Lms, outbox: Outbox) -> None:
    outbox.add(report(lms))
    courier = Courier(outbox, Source(url=lms.url), LOG)
    await courier.deliver()
    assert lms.requests == []
    assert len(outbox.pending()) == 1


async def test_stopping_tries_once_more_and_takes_a_second_at_most(
    lms: Lms, source: Source, outbox: Outbox
) -> None:
    lms.always = lambda request: Reply(503, {"code": "busy"}, delay=5)
    courier = Courier(outbox, source, LOG)
    courier.start()
    outbox.add(report(lms))
    started = time.monotonic()
    await courier.stop()
    assert time.monotonic() - started < 2
    assert len(outbox.pending()) == 1


async def test_report_added_just_before_the_end_is_delivered(
    lms: Lms, source: Source, outbox: Outbox
) -> None:
    courier = Courier(outbox, source, LOG)
    courier.start()
    outbox.add(report(lms))
    await courier.stop()
    assert lms.completions == [7]


async def test_trouble_with_the_disk_does_not_end_the_courier(
    lms: Lms, source: Source, outbox: Outbox, caplog: pytest.LogCaptureFixture
) -> None:
    lms.scripted = [problem(409, "not_enrolled")]
    outbox.add(report(lms))
    outbox.refused.write_text("where the folder should be")
    async with running(outbox, source) as (_, answers):
        await answers.until(Verdict.DONE)
    assert "could not deliver" in caplog.text
    assert lms.completions == [7]


def test_back_off_doubles_is_bounded_and_scatters(source: Source, outbox: Outbox) -> None:
    random.seed(1)
    waits = []
    for _ in range(40):
        courier = asyncio.run(make(outbox, source))
        for _ in range(20):
            courier._back_off(None)
        waits.append(courier._not_before - time.monotonic())
    assert max(waits) <= courier_module.LONGEST_BACKOFF
    assert max(waits) - min(waits) > courier_module.LONGEST_BACKOFF / 4


async def make(outbox: Outbox, source: Source) -> Courier:
    return Courier(outbox, source, LOG)
