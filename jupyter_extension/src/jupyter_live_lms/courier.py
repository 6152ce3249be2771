"""Brings the outbox to the course site, patiently."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
import time
from collections.abc import Callable
from typing import Any

from .client import LONGEST_WAIT, Answer, Client, Verdict
from .credentials import Credentials, Source
from .outbox import Outbox, Report

SCAN_SECONDS = 5.0
"""How soon a report of another process, or a renewed token, is found."""
FIRST_BACKOFF, LONGEST_BACKOFF = 1.0, 300.0
FAREWELL_SECONDS = 1.0

OnAnswer = Callable[[Report, Answer], None]


class Courier:
    """One delivery at a time. A refused token pauses everything until there is another one.

    `on_answer` hears every answer about a report, `on_change` that the connection's state changed.
    """

    def __init__(
        self,
        outbox: Outbox,
        source: Source,
        log: logging.Logger | logging.LoggerAdapter[Any],
        *,
        on_answer: OnAnswer = lambda report, answer: None,
        on_change: Callable[[], None] = lambda: None,
    ) -> None:
        self._outbox = outbox
        self._source = source
        self._log = log
        self._on_answer = on_answer
        self._on_change = on_change
        self._wake = asyncio.Event()
        self._one_at_a_time = asyncio.Lock()
        self._task: asyncio.Task[None] | None = None
        self._client: Client | None = None
        self._credentials: Credentials | None = None
        self._is_looked_up = False
        self._failures = 0
        self._not_before = 0.0
        self._is_told_to_wait = False
        self.refusal: Answer | None = None
        """Why the site does not accept the token, until there is another one."""
        self.trouble: Answer | None = None
        """Why the last delivery has to be repeated, until one succeeds."""

    @property
    def site(self) -> str:
        """The connected site; empty without one."""
        return self._credentials.site if self._credentials else ""

    def start(self) -> None:
        self._task = asyncio.get_running_loop().create_task(self._run())

    def wake(self, *, is_urgent: bool = False) -> bool:
        """There is something to send; True if it is tried at once.

        Urgent cuts our own back-off short, never the time the site asked us to wait.
        """
        if is_urgent and not self._is_told_to_wait:
            self._not_before = 0.0
        self._wake.set()
        return time.monotonic() >= self._not_before

    async def stop(self) -> None:
        """One last attempt of at most a second; what is not delivered waits for the next start."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            await self._say_farewell()
        await self._drop_client()

    async def _say_farewell(self) -> None:
        try:
            await asyncio.wait_for(self.deliver(), FAREWELL_SECONDS)
        except asyncio.TimeoutError:
            self._log.info("Live LMS keeps undelivered reports for the next start")
        except Exception:  # noqa: BLE001 - nothing may keep the student's server from ending
            self._log.warning("Live LMS could not deliver reports", exc_info=True)

    async def client(self) -> Client | None:
        """A client for the credentials as they are now; None when there are none or are refused."""
        async with self._one_at_a_time:
            credentials = await asyncio.to_thread(self._source.read)
            if credentials != self._credentials or not self._is_looked_up:
                await self._use(credentials)
            if credentials is None or self.refusal is not None:
                return None
            if self._client is None:
                self._client = await asyncio.to_thread(Client.for_credentials, credentials)
            return self._client

    async def deliver(self) -> None:
        """Send what is due, oldest first, until something stands in the way."""
        client = await self.client()
        if client is None or time.monotonic() < self._not_before:
            return
        for report in await asyncio.to_thread(self._outbox.pending):
            if not self._source.belongs(report.site, self.site):
                continue
            answer = await client.report(report)
            await self._settle(report, answer, client)
            if answer.verdict in {Verdict.RETRY, Verdict.PAUSE}:
                return

    async def _run(self) -> None:
        await asyncio.to_thread(self._outbox.sweep)
        while True:
            self._wake.clear()
            try:
                await self.deliver()
            except Exception:  # noqa: BLE001 - a full disk today is no reason to give up for ever
                self._log.warning("Live LMS could not deliver reports", exc_info=True)
                self._back_off(None)
            with contextlib.suppress(asyncio.TimeoutError):
                await asyncio.wait_for(self._wake.wait(), self._pause())

    def _pause(self) -> float:
        until_due = self._not_before - time.monotonic()
        return min(until_due, SCAN_SECONDS) if until_due > 0 else SCAN_SECONDS

    async def _settle(self, report: Report, answer: Answer, client: Client) -> None:
        """Write down what became of a report; only an answer of the site removes it."""
        if answer.verdict is Verdict.DONE:
            await asyncio.to_thread(self._record, report)
        elif answer.verdict is Verdict.REFUSED:
            await asyncio.to_thread(
                self._outbox.refuse,
                report, status=answer.status, code=answer.code, detail=answer.detail,
            )  # fmt: skip
        self._note(answer, client)
        self._on_answer(report, answer)

    def _record(self, report: Report) -> None:
        self._outbox.remove(report)
        self._outbox.forget_failures(report.site, report.module)

    def _note(self, answer: Answer, client: Client) -> None:
        if answer.verdict is Verdict.RETRY:
            self.trouble = answer
            self._back_off(answer.retry_after)
        elif answer.verdict is Verdict.PAUSE:
            self.refuse_token(answer, client)
        else:
            self.trouble, self._failures = None, 0
            self._not_before, self._is_told_to_wait = 0.0, False

    def forgive(self) -> None:
        """The student wants it tried again, with the same token."""
        self.refusal = None

    def refuse_token(self, answer: Answer, client: Client) -> None:
        """The site does not accept this client's token: nothing is sent until there is another."""
        if self.refusal is None and client is self._client:
            self.refusal = answer
            self._log.warning("Live LMS is paused: %s", answer.detail)
            self._on_change()

    def _back_off(self, asked: float | None) -> None:
        """Twice as long each time; a class that failed together does not return together."""
        longest = min(FIRST_BACKOFF * 2**self._failures, LONGEST_BACKOFF)
        wait = random.uniform(longest / 2, longest)  # noqa: S311 - no secret
        self._failures = min(self._failures + 1, 16)
        self._is_told_to_wait = asked is not None
        if asked is not None:
            wait = min(max(asked, wait) * random.uniform(1.0, 1.2), LONGEST_WAIT)  # noqa: S311
        self._not_before = time.monotonic() + wait

    async def _use(self, credentials: Credentials | None) -> None:
        """Start afresh with other credentials."""
        await self._drop_client()
        self._credentials, self._is_looked_up = credentials, True
        self.refusal, self.trouble = None, None
        self._failures, self._not_before, self._is_told_to_wait = 0, 0.0, False
        self._on_change()

    async def _drop_client(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            await client.close()
