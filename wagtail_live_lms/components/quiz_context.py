"""What the quiz's templates need beside the facts: clocks, and figures in words."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from wagtail_live_lms.actions import milliseconds
from wagtail_live_lms.models import AttemptRule, FeedbackTime, Submission

from .quiz_state import Standing

RULES = {
    AttemptRule.BEST: gettext_lazy("The best one counts."),
    AttemptRule.LAST: gettext_lazy("The last one counts."),
    AttemptRule.FIRST: gettext_lazy("The first one counts."),
    AttemptRule.AVERAGE: gettext_lazy("The average of all counts."),
}
LATER: dict[str, str | Promise] = {
    str(FeedbackTime.AFTER_PASSING): gettext_lazy(
        "More about your answers is shown once you pass."
    ),
    str(FeedbackTime.AFTER_CLOSING): gettext_lazy(
        "More about your answers is shown when the quiz has closed."
    ),
}


def context_for(standing: Standing, saved_at: datetime | None) -> dict[str, Any]:
    """Names for the templates, all from what was read already."""
    now, current = timezone.now(), standing.current
    wait = max(timedelta(0), (standing.free_at or now) - now)
    return {
        "now_ms": milliseconds(now),
        "deadline_ms": _milliseconds(current.deadline if current else None),
        "refresh_ms": _milliseconds(standing.quiz.opens_at if standing.quiz.is_early else None),
        "saved_at": saved_at,
        "wait_seconds": int(wait.total_seconds()),
        "wait_ms": _milliseconds(standing.free_at),
        "wait_clock": clock(wait),
        "limit_words": in_words(standing.time_limit),
        "seen_later": LATER.get(standing.seen_later, ""),
        "rule_words": RULES[AttemptRule(standing.quiz.attempt_rule)],
        **_result(current),
    }


def clock(span: timedelta) -> str:
    """As a countdown shows it: 5:03, or 1:05:03 from an hour on."""
    minutes, seconds = divmod(int(span.total_seconds()), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"


def in_words(span: timedelta | None) -> str:
    """For example "1 hour 15 minutes"; nothing for None."""
    seconds = int(span.total_seconds()) if span else 0
    hours, minutes = divmod(seconds // 60, 60)
    parts = [
        ngettext("%(number)d hour", "%(number)d hours", hours) % {"number": hours},
        ngettext("%(number)d minute", "%(number)d minutes", minutes) % {"number": minutes},
        ngettext("%(number)d second", "%(number)d seconds", seconds % 60)
        % {"number": seconds % 60},
    ]
    amounts = (hours, minutes, seconds % 60)
    return " ".join(part for part, amount in zip(parts, amounts, strict=True) if amount)


def outcome(submission: Submission) -> str:
    """What handing in led to, in a sentence."""
    if submission.is_withheld:
        return _("Handed in. Your result comes when your instructor posts it.")
    if not submission.is_graded:
        return _("Handed in. Your instructor grades a part of it.")
    percent = {"percent": plain(submission.percent)}
    if submission.passed:
        return _("Passed with %(percent)s %%.") % percent
    return _("Not passed: %(percent)s %%.") % percent


def plain(number: Any) -> str:
    """A number for programs: a point, and no zeros at its end."""
    text = str(number)
    return text.rstrip("0").rstrip(".") if "." in text else text


def _result(current: Submission | None) -> dict[str, Any]:
    if current is None or not current.is_graded:
        return {}
    version = current.graded_version or current.version
    return {
        "score": plain(current.score),
        "percent": plain(current.percent),
        "graded_mark": version.pass_mark,
    }


def _milliseconds(moment: datetime | None) -> int | None:
    return milliseconds(moment) if moment else None
