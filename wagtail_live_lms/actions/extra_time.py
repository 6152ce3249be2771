"""More time for a student whose work takes longer."""

from decimal import Decimal
from typing import Any

from django.db import transaction
from wagtail.log_actions import log

from wagtail_live_lms.models import Enrolment, Submission

from .attempts import deadline_of
from .changes import push_submissions
from .summaries import lock_course


def grant_extra_time(enrolment: Enrolment, factor: Decimal, *, by: Any) -> bool:
    """Multiply a student's time limits by `factor`, 1 to 5; returns whether that is new.

    Attempts under way are prolonged at once. Less time than before holds for later attempts
    only: nobody loses minutes that were promised.
    """
    with transaction.atomic():
        lock_course(enrolment.course_id)
        enrolment.refresh_from_db()
        before = enrolment.extra_time
        if before == factor:
            return False
        enrolment.extra_time = factor
        enrolment.save(update_fields=["extra_time"])
        data = {"factor": f"{factor.normalize():f}", "before": f"{before.normalize():f}"}
        log(enrolment, "wagtail_live_lms.extra_time", user=by, data=data)
        push_submissions(_prolong(enrolment))
    return True


def _prolong(enrolment: Enrolment) -> list[Submission]:
    running = Submission.objects.open().filter(enrolment=enrolment).exclude(deadline=None)
    prolonged = []
    for submission in running.select_related("quiz", "enrolment").select_for_update(of=("self",)):
        deadline = deadline_of(submission.quiz, enrolment, submission.started_at)
        if deadline is not None and submission.deadline and deadline > submission.deadline:
            submission.deadline = deadline
            submission.save(update_fields=["deadline"])
            prolonged.append(submission)
    return prolonged
