"""Telling students of their results, each once, in the transaction that makes a result."""

from collections.abc import Collection, Iterable
from functools import partial
from typing import Any

from django.db import transaction

from wagtail_live_lms.models import Module, NotificationKind, Quiz, Submission
from wagtail_live_lms.signals import results_changed

from .notifications import Notice, notify_each


def tell_graded(submission: Submission) -> None:
    """A person graded what waited: its student is told, a score of 0 like any other."""
    _notify(NotificationKind.GRADE_POSTED, [submission])


def tell_posted(new: list[Submission], changed: list[Submission]) -> None:
    """An instructor posted results: each student is told once, of the attempt they made last.

    All attempts are of one quiz; a result that is new is told rather than one that changed.
    """
    told = _latest(new)
    if told:
        _notify(NotificationKind.GRADE_POSTED, told.values())
    _tell_changed(changed, told.keys())


def tell_changed(changed: list[Submission]) -> None:
    """Results became others: each student is told once, of the attempt they made last.

    All attempts are of one quiz. Call it after everything else that is pushed.
    """
    _tell_changed(changed, ())


def _tell_changed(changed: list[Submission], told: Collection[int]) -> None:
    """But for students who were told something else of it."""
    if not changed:
        return
    others = [latest for pk, latest in _latest(changed).items() if pk not in told]
    if others:
        _notify(NotificationKind.RESULT_CHANGED, others)
    send = partial(results_changed.send_robust, sender=Submission, submissions=changed)
    transaction.on_commit(send, robust=True)


def _latest(submissions: list[Submission]) -> dict[int, Submission]:
    """Of each student's attempts the last, by enrolment."""
    return {s.enrolment_id: s for s in sorted(submissions, key=lambda s: s.number)}


def _notify(kind: str, submissions: Iterable[Submission]) -> None:
    told = list(submissions)
    quiz = told[0].quiz
    url = page_of(quiz.module)
    notices = [
        Notice(
            submission.enrolment.user_id,
            f"grade:{submission.pk}:{submission.revision}",
            _payload(quiz, submission, url),
        )
        for submission in told
    ]
    notify_each(kind, quiz.course, notices)


def _payload(quiz: Quiz, submission: Submission, url: str) -> dict[str, Any]:
    return {
        "title": quiz.title,
        "url": url,
        "score": submission.score,
        "maximum": submission.maximum,
    }


def page_of(module: Module | None) -> str:
    """Where the result is seen: the page of the quiz's module, if it is published."""
    page = module.page if module is not None else None
    return (page.get_url() or "") if page is not None and page.live else ""
