"""Decides what to report, and answers how a lesson stands."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from .client import Answer, Verdict
from .courier import Courier
from .credentials import Source
from .lesson import Evaluation, Ran
from .outbox import Outbox, Report, make_report
from .progress import Link, Progress, State, count_passed, explain, remaining_of, state_of
from .reader import Reader

FINISH_SECONDS = 8.0
"""How long "Finish lesson" waits for the course site's answer before it says: queued."""
ASK_SECONDS = 60.0
NOTIFICATION_SECONDS = 15.0
KEPT_PATHS = 500

Emit = Callable[[int, str, bool], None]
"""Tells open pages: module (0: all), state, and whether it is news worth a message."""
RanAt = Callable[[str], Awaitable[Ran]]


@dataclass
class View:
    """How a lesson stands, for the student's page."""

    evaluation: Evaluation
    progress: Progress
    link: Link
    state: State

    def as_json(self) -> dict[str, Any]:
        mark = self.evaluation.mark
        return {
            "module": mark.module,
            "title": mark.title,
            "state": self.state.value,
            "passed": count_passed(self.evaluation, self.progress),
            "required": len(mark.required),
            "completed_at": self.progress.completed_at,
            "page_url": self.progress.page_url,
            "remaining": [
                {"id": cell.id, "label": cell.label, "reason": cell.reason.value}
                for cell in remaining_of(self.evaluation, self.progress)
            ],
            "message": explain(self.state, self.evaluation, self.progress, self.link),
        }


class Desk:
    """Knows the lessons of this server. Nothing is said of notebooks that are no lesson."""

    def __init__(
        self,
        *,
        reader: Reader,
        outbox: Outbox,
        source: Source,
        log: logging.Logger | logging.LoggerAdapter[Any],
        emit: Emit,
        ran_at: RanAt | None = None,
    ) -> None:
        self._reader = reader
        self._outbox = outbox
        self._source = source
        self._log = log
        self._emit = emit
        self._ran_at = ran_at
        self._evaluations: dict[str, Evaluation] = {}
        self._progress: dict[int, Progress] = {}
        self._asked: dict[int, float] = {}
        self._asking: set[asyncio.Task[None]] = set()
        self._waiting: dict[str, asyncio.Future[Answer]] = {}
        self._notifications: tuple[int, float, list[Any]] = (-1, 0.0, [])
        self.courier = Courier(
            outbox, source, log, on_answer=self._on_answer, on_change=self._on_connection
        )

    async def stop(self) -> None:
        for task in self._asking:
            task.cancel()
        await asyncio.gather(*self._asking, return_exceptions=True)
        await self.courier.stop()

    async def look(self, path: str) -> View | None:
        """Judge the notebook as saved and report what the course site does not know yet."""
        evaluation = await self._evaluate(path)
        if evaluation is None:
            return None
        await self.courier.client()
        if self._is_ours(evaluation):
            progress = self._progress_of(evaluation)
            if progress.news_in(evaluation):
                await self._report(evaluation, progress, self._mode("saved"))
            self._ask(evaluation.mark.module)
        return self._view(evaluation)

    async def recall(self, path: str) -> View | None:
        """How the lesson stood when it was last judged; judged now if it never was."""
        evaluation = self._evaluations.get(path)
        if evaluation is None:
            return await self.look(path)
        await self.courier.client()
        if self._is_ours(evaluation) and self._progress_of(evaluation).is_waiting:
            self._ask(evaluation.mark.module)
        return self._view(evaluation)

    async def finish(self, path: str) -> View | None:
        """As `look`, sent even if sent before, and waits a little for the answer."""
        evaluation = await self._evaluate(path)
        if evaluation is None:
            return None
        self.courier.forgive()
        client = await self.courier.client()
        progress = self._progress_of(evaluation)
        if evaluation.passed and self._is_ours(evaluation) and progress.completed_at is None:
            report = progress.waiting
            if report is None or progress.news_in(evaluation):
                report = await self._report(evaluation, progress, self._mode("finish"))
            if client is not None and progress.waiting is report:
                await self._await_answer(report)
        return self._view(evaluation)

    def rename(self, old: str, new: str) -> None:
        """A notebook has another name now."""
        evaluation = self._evaluations.pop(old, None)
        if evaluation is not None:
            self._evaluations[new] = evaluation

    async def notifications(self, after: int) -> list[Any]:
        """The student's notifications; several open pages cause one request."""
        asked, moment, answer = self._notifications
        if asked == after and time.monotonic() - moment < NOTIFICATION_SECONDS:
            return answer
        client = await self.courier.client()
        if client is None:
            return []
        found = await client.notifications(after)
        if found.verdict is Verdict.PAUSE and found.status == 401:
            self.courier.refuse_token(found, client)
        listed = found.data.get("notifications")
        answer = listed if isinstance(listed, list) else []
        self._notifications = (after, time.monotonic(), answer)
        return answer

    async def settle(self) -> None:
        """Wait for questions under way to the course site."""
        while self._asking:
            await asyncio.gather(*self._asking, return_exceptions=True)

    async def _evaluate(self, path: str) -> Evaluation | None:
        ran = await self._ran_at(path) if self._ran_at else None
        evaluation = await self._reader.evaluate(path, ran)
        self._evaluations.pop(path, None)
        if evaluation is not None:
            self._evaluations[path] = evaluation
            while len(self._evaluations) > KEPT_PATHS:
                self._evaluations.pop(next(iter(self._evaluations)))
        return evaluation

    def _mode(self, mode: str) -> str:
        return "strict" if self._ran_at else mode

    def _is_ours(self, evaluation: Evaluation) -> bool:
        """Whether to report the lesson: to the connected site, or to its own once connected."""
        mark, site = evaluation.mark, self.courier.site
        return not mark.problem and (not site or self._source.belongs(mark.site, site))

    def _progress_of(self, evaluation: Evaluation) -> Progress:
        if not self._is_ours(evaluation):
            return Progress()
        return self._progress.setdefault(evaluation.mark.module, Progress())

    def _view(self, evaluation: Evaluation) -> View:
        courier, progress = self.courier, self._progress_of(evaluation)
        link = Link(courier.site, bool(courier.site), courier.refusal, courier.trouble)
        state = state_of(evaluation, progress, link, is_ours=self._is_ours(evaluation))
        return View(evaluation, progress, link, state)

    async def _report(self, evaluation: Evaluation, progress: Progress, mode: str) -> Report:
        """Put a report of everything known to have passed into the outbox."""
        mark, before = evaluation.mark, set(progress.sent)
        progress.sent |= set(evaluation.passed)
        known = progress.sent | progress.recorded
        report = make_report(
            site=mark.site, module=mark.module, title=mark.title,
            passed=tuple(cell for cell in mark.required if cell in known),
            required=len(mark.required), digest=mark.digest, mode=mode,
        )  # fmt: skip
        progress.refusal, progress.waiting = None, report
        try:
            await asyncio.to_thread(self._outbox.add, report)
        except BaseException:
            progress.sent, progress.waiting = before, None
            raise
        self._emit(mark.module, State.QUEUED.value, False)
        self.courier.wake()
        return report

    async def _await_answer(self, report: Report) -> None:
        if not self.courier.wake(is_urgent=True):
            return
        future = asyncio.get_running_loop().create_future()
        self._waiting[report.key] = future
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(future, FINISH_SECONDS)
        self._waiting.pop(report.key, None)

    def _on_answer(self, report: Report, answer: Answer) -> None:
        progress = self._progress.setdefault(report.module, Progress())
        is_news = False
        if answer.verdict is Verdict.DONE:
            progress.settle(report, None)
            is_news = progress.learn(answer.data)
        elif answer.verdict is Verdict.REFUSED:
            progress.settle(report, answer)
        self._emit(report.module, answer.data.get("state") or answer.verdict.value, is_news)
        future = self._waiting.pop(report.key, None)
        if future is not None and not future.done():
            future.set_result(answer)

    def _on_connection(self) -> None:
        """Another token or site, or a refused one: what another site knew is forgotten."""
        if self.courier.refusal is None:
            self._progress.clear()
            self._asked.clear()
            self._notifications = (-1, 0.0, [])
        self._emit(0, "connection", False)

    def _ask(self, module: int) -> None:
        """Find out in the background what the site has recorded, once.

        Asked again after a while if it was away, or if the lesson waits for those before it.
        """
        progress = self._progress.get(module)
        last = self._asked.get(module)
        is_recent = last is not None and time.monotonic() - last < ASK_SECONDS
        if progress is None or is_recent or not self.courier.site:
            return
        if progress.is_learned and not progress.is_waiting:
            return
        self._asked[module] = time.monotonic()
        task = asyncio.get_running_loop().create_task(self._learn(module))
        self._asking.add(task)
        task.add_done_callback(self._asking.discard)

    async def _learn(self, module: int) -> None:
        client = await self.courier.client()
        progress = self._progress.get(module)
        if client is None or progress is None:
            return
        answer = await client.module(module)
        if answer.verdict is Verdict.DONE:
            was_waiting = progress.is_waiting
            is_news = progress.learn(answer.data) and was_waiting
            self._emit(module, str(answer.data.get("state")), is_news)
        elif answer.status == 401:
            self.courier.refuse_token(answer, client)
