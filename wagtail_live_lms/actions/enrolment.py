"""Joining and leaving a course."""

import copy
from functools import partial
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from wagtail.log_actions import log

from wagtail_live_lms.exceptions import EnrolmentClosed
from wagtail_live_lms.models import Course, CourseTotals, Enrolment, EnrolmentPolicy
from wagtail_live_lms.signals import student_enrolled, student_withdrawn

from .alert_events import note_departure
from .changes import push_enrolments
from .completion import complete_queued
from .summaries import lock_course, move_totals


def display_name_of(user: Any) -> str:
    """How a person is called on a roster: the full name, or else the user name."""
    # A site's own user model need not have a full name.
    full_name = user.get_full_name() if hasattr(user, "get_full_name") else ""
    return (full_name or user.get_username())[:200]


def enrol(course: Course, user: Any, *, by: Any = None) -> Enrolment:
    """Enrol a student, or bring back one who withdrew, with everything they had completed.

    `by` is the member of staff who does it; without, the student joins by themselves, which
    raises EnrolmentClosed where the course does not allow that. Idempotent.
    """
    if by is None and course.enrolment_policy != EnrolmentPolicy.OPEN:
        raise EnrolmentClosed
    with transaction.atomic():
        totals = lock_course(course.pk)
        enrolment = Enrolment.objects.filter(course=course, user=user).first()
        if enrolment is not None and enrolment.withdrawn_at is None:
            return enrolment
        enrolment = _come_back(totals, enrolment) if enrolment else _start(totals, course, user)
        if by is not None:
            log(enrolment, "wagtail_live_lms.enrol", user=by)
        _announce(enrolment, student_enrolled)
    return enrolment


def withdraw(enrolment: Enrolment, *, by: Any = None) -> None:
    """End an enrolment. What was completed is kept; open pages lose access at once."""
    with transaction.atomic():
        totals = lock_course(enrolment.course_id)
        enrolment.refresh_from_db()
        if enrolment.withdrawn_at is not None:
            return
        _change(totals, enrolment, withdrawn_at=timezone.now())
        note_departure(enrolment)
        if by is not None:
            log(enrolment, "wagtail_live_lms.withdraw", user=by)
        _announce(enrolment, student_withdrawn)


def forget_enrolment(enrolment: Enrolment) -> None:
    """Take an enrolment that is about to be deleted out of the course's totals.

    Call it in the deleting transaction, as when an account is deleted with all it owns.
    """
    with transaction.atomic():
        totals = CourseTotals.objects.select_for_update().filter(pk=enrolment.course_id).first()
        if totals is not None:
            enrolment.refresh_from_db()
            move_totals(totals, enrolment, None)
            note_departure(enrolment)
            push_enrolments([enrolment], rights_changed=True)


def rename_student(user: Any) -> None:
    """Carry a person's changed name to the rosters they are on."""
    name = display_name_of(user)
    with transaction.atomic():
        renamed = list(Enrolment.objects.filter(user=user).exclude(display_name=name))
        ids = [enrolment.pk for enrolment in renamed]
        rows = Enrolment.objects.filter(pk__in=ids)
        rows.update(display_name=name, version=F("version") + 1)
        push_enrolments(renamed)


def _start(totals: CourseTotals, course: Course, user: Any) -> Enrolment:
    enrolment = Enrolment.objects.create(
        course=course, user=user, display_name=display_name_of(user)
    )
    move_totals(totals, None, enrolment)
    return enrolment


def _come_back(totals: CourseTotals, enrolment: Enrolment) -> Enrolment:
    _change(totals, enrolment, withdrawn_at=None)
    complete_queued(enrolment.course_id)
    enrolment.refresh_from_db()
    return enrolment


def _change(totals: CourseTotals, enrolment: Enrolment, **fields: Any) -> None:
    before = copy.copy(enrolment)
    enrolment.version += 1
    for name, value in fields.items():
        setattr(enrolment, name, value)
    enrolment.save(update_fields=[*fields, "version"])
    move_totals(totals, before, enrolment)


def _announce(enrolment: Enrolment, signal: Any) -> None:
    push_enrolments([enrolment], rights_changed=True)
    send = partial(signal.send_robust, sender=Enrolment, enrolment=enrolment)
    transaction.on_commit(send, robust=True)
