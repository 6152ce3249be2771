"""How often a student may hand a quiz in: counted in the database, and shared by the cache."""

import logging
from collections.abc import Mapping
from typing import Any

from django_ratelimit.core import get_usage

from wagtail_live_lms import actions
from wagtail_live_lms.actions.attempts import is_repeated
from wagtail_live_lms.live import RateLimitExceeded
from wagtail_live_lms.models import Submission

logger = logging.getLogger(__name__)


def check_limit(request: Any, submission: Submission, given: Mapping[str, actions.Given]) -> None:
    """Raises RateLimitExceeded when this attempt may not be handed in yet. Nothing is counted.

    The database remembers what a cache forgets; the cache knows what other processes count.
    """
    actions.check_submission_rate(submission, given)
    usage = _usage(request, submission, increment=False)
    is_used_up = usage and usage["time_left"] >= 0 and usage["count"] >= usage["limit"]
    if usage and is_used_up and not is_repeated(submission, given):
        raise RateLimitExceeded(usage["time_left"] + 1)


def count_submission(request: Any, submission: Submission) -> None:
    """Count an attempt that was handed in, unless it repeats the one before."""
    if not submission.is_repeat:
        _usage(request, submission, increment=True)


def _usage(request: Any, submission: Submission, *, increment: bool) -> dict[str, Any] | None:
    limit = submission.quiz.submissions_per_hour
    if not limit:
        return None
    owner = f"{submission.enrolment.user_id}:{submission.quiz_id}"
    try:
        usage: dict[str, Any] | None = get_usage(
            request,
            group="live:quiz:handed-in",
            key=lambda group, request: owner,
            rate=f"{limit}/h",
            increment=increment,
        )
    except Exception as error:  # noqa: BLE001 - each cache client has errors of its own
        logger.warning("The cache does not answer, hand-ins are counted by the database: %s", error)
        return None
    return usage
