"""What is known of a lesson: as saved here, as sent, as recorded by the course site."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from .client import Answer
from .credentials import HOW_TO_CONNECT
from .lesson import Evaluation, Reason, Remaining
from .outbox import Report

REASONS = {
    Reason.MISSING: "is missing from this notebook",
    Reason.NOT_CODE: "is no longer a code cell",
    Reason.EMPTY: "is empty",
    Reason.NOT_RUN: "has not been run",
    Reason.FAILED: "ended with an error",
    Reason.NOT_SEEN: "has not been run as it is now",
}


class State(str, Enum):
    """Where a lesson stands; only `completed` is the course site's word."""

    IN_PROGRESS = "in_progress"
    QUEUED = "queued"
    WAITING = "waiting"
    COMPLETED = "completed"
    DISCONNECTED = "disconnected"
    PAUSED = "paused"
    OTHER_SITE = "other_site"
    REFUSED = "refused"
    OUTDATED = "outdated"
    UNUSABLE = "unusable"


EXPLANATIONS = {
    State.UNUSABLE: "{problem}",
    State.DISCONNECTED: "This Jupyter is not connected to the course site. {connect}",
    State.OTHER_SITE: "This lesson belongs to {lesson_site}, this Jupyter is connected to {site}.",
    State.COMPLETED: "The course site has recorded that you completed “{title}”.",
    State.WAITING: (
        "The course site has recorded that every required cell has passed. The lesson is completed "
        "as soon as you have finished the lessons before it."
    ),
    State.PAUSED: "{token} {connect} Your work is kept and will be sent then.",
    State.REFUSED: "The course site did not accept the report. {refusal}",
    State.OUTDATED: "The lesson has been revised since you downloaded it. Download it again.",
}


@dataclass
class Progress:
    """One module of the connected site: cells sent, cells recorded, and the last refusal."""

    sent: set[str] = field(default_factory=set)
    recorded: set[str] = field(default_factory=set)
    completed_at: str | None = None
    source: str = ""
    page_url: str = ""
    refusal: Answer | None = None
    is_learned: bool = False
    is_waiting: bool = False
    """All is recorded; the site completes the lesson once those before it are finished."""
    waiting: Report | None = None
    """The last report, until it is answered."""

    @property
    def is_queued(self) -> bool:
        return bool(self.sent - self.recorded)

    def news_in(self, evaluation: Evaluation) -> set[str]:
        """What the site would learn from these cells; nothing once the lesson is completed."""
        if self.completed_at is not None:
            return set()
        return set(evaluation.passed) - self.sent - self.recorded

    def learn(self, data: dict[str, Any]) -> bool:
        """Take over what the site says; True when the lesson turns out to be completed by it."""
        was_completed = self.completed_at is not None
        passed = data.get("passed")
        if isinstance(passed, list):
            self.recorded |= {cell for cell in passed if isinstance(cell, str)}
        self.is_waiting = data.get("state") == "queued"
        if data.get("state") == "completed":
            self.completed_at = str(data.get("completed_at") or "")
            self.source = str(data.get("source") or "")
        self.page_url = str(data.get("page_url") or self.page_url)
        self.is_learned = True
        return self.completed_at is not None and not was_completed

    def settle(self, report: Report, refusal: Answer | None) -> None:
        """A report was accepted, or refused; cells it named are no longer waited for."""
        self.refusal = refusal
        if self.waiting is not None and self.waiting.key == report.key:
            self.waiting = None
        if refusal is None:
            self.recorded |= set(report.passed)


@dataclass(frozen=True)
class Link:
    """The connection as it is now: the site, or why there is none."""

    site: str
    is_known: bool
    refusal: Answer | None
    trouble: Answer | None


def state_of(evaluation: Evaluation, progress: Progress, link: Link, *, is_ours: bool) -> State:
    """The one word for a lesson, the most pressing first."""
    if evaluation.mark.problem:
        return State.UNUSABLE
    if not link.is_known:
        return State.DISCONNECTED
    if not is_ours:
        return State.OTHER_SITE
    if progress.completed_at is None and link.refusal is not None:
        return State.PAUSED
    return _state_at_site(evaluation, progress)


def _state_at_site(evaluation: Evaluation, progress: Progress) -> State:
    if progress.completed_at is not None:
        return State.COMPLETED
    if progress.refusal is not None:
        return State.REFUSED
    if progress.is_queued:
        return State.QUEUED
    if progress.is_waiting:
        return State.WAITING
    return State.OUTDATED if _is_outdated(evaluation, progress) else State.IN_PROGRESS


def _is_outdated(evaluation: Evaluation, progress: Progress) -> bool:
    """All is passed and recorded, and yet the site waits for cells this notebook does not have."""
    required = set(evaluation.mark.required)
    done = progress.recorded | set(evaluation.passed)
    return progress.is_learned and required <= done


def count_passed(evaluation: Evaluation, progress: Progress) -> int:
    """Required cells passed, here or in an earlier session."""
    required = set(evaluation.mark.required)
    if progress.completed_at is not None:
        return len(required)
    return len(required & (set(evaluation.passed) | progress.recorded | progress.sent))


def explain(state: State, evaluation: Evaluation, progress: Progress, link: Link) -> str:
    """What happened and what to do next, in one or two sentences."""
    if state is State.IN_PROGRESS:
        return _explain_remaining(evaluation, progress)
    if state is State.QUEUED:
        return _explain_queue(link)
    mark = evaluation.mark
    return EXPLANATIONS[state].format(
        problem=mark.problem,
        title=mark.title,
        lesson_site=mark.site,
        site=link.site,
        connect=HOW_TO_CONNECT.format(site=link.site or mark.site),
        token=link.refusal.detail if link.refusal else "",
        refusal=progress.refusal.detail if progress.refusal else "",
    )


def _explain_queue(link: Link) -> str:
    why = f" {link.trouble.detail}" if link.trouble else ""
    return f"Your progress is saved on this computer and not recorded yet.{why} It is sent again."


def _explain_remaining(evaluation: Evaluation, progress: Progress) -> str:
    left = remaining_of(evaluation, progress)
    if not left:
        return "Every required cell has passed."
    first = f"“{left[0].label}” {REASONS[left[0].reason]}"
    more = f"; and {len(left) - 1} more" if len(left) > 1 else ""  # a message has little room
    return f"Cells still to pass: {first}{more}."


def remaining_of(evaluation: Evaluation, progress: Progress) -> list[Remaining]:
    """The cells that count neither here nor at the site."""
    known = progress.recorded | progress.sent
    return [cell for cell in evaluation.remaining if cell.id not in known]
