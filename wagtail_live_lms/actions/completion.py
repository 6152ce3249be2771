"""Completing a module, and taking a completion back."""

import copy
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone
from wagtail.log_actions import log

from wagtail_live_lms.exceptions import (
    ModuleArchived,
    NotEnrolled,
    NotInOrder,
    WrongCompletionRule,
)
from wagtail_live_lms.models import (
    CompletionRule,
    CourseTotals,
    Enrolment,
    Module,
    NotebookLesson,
    NotebookProgress,
    Progress,
    Source,
    percentage,
)
from wagtail_live_lms.signals import module_completed, module_reset

from .alert_events import note_activity
from .changes import push_enrolments
from .summaries import lock_course, move_totals

ON_PAGE = {CompletionRule.BY_HAND, CompletionRule.PAGE_VIEWED}
OUT_OF_ORDER = {Source.STAFF, Source.QUIZ}
"""Sources that no order holds up: staff decides, and a quiz asked when it was begun."""


@dataclass(frozen=True, slots=True)
class Completion:
    """A completion, and whether this call made it."""

    progress: Progress
    created: bool


def complete_module(
    user: Any,
    module: Module,
    *,
    source: str = Source.PAGE,
    evidence: dict[str, Any] | None = None,
    by: Any = None,
) -> Completion:
    """Record that a student completed a module, once, however often it is said.

    `by` is the member of staff who does it for them, which the audit log keeps. Raises
    NotEnrolled, ModuleArchived, NotInOrder, and WrongCompletionRule for a page event of a module
    that a quiz or a notebook completes.
    """
    with transaction.atomic():
        totals = lock_course(module.course_id)
        enrolment = current_enrolment(user, module.course_id)
        done = Progress.objects.filter(enrolment=enrolment, module=module).first()
        if done is not None:
            return Completion(done, created=False)
        module = Module.objects.select_related("course").get(pk=module.pk)
        check_completable(module, source)
        if source not in OUT_OF_ORDER and is_before_its_turn(module, enrolment):
            raise NotInOrder
        before = copy.copy(enrolment)
        done = add_completion(totals, enrolment, module, source, evidence or {})
        if by is not None:
            log(enrolment, "wagtail_live_lms.complete_module", user=by, data=_named(module))
        is_active = source != Source.STAFF and by is None
        _save(totals, before, enrolment, is_active=is_active)
        note_activity(enrolment)
        push_enrolments([enrolment])
    return Completion(done, created=True)


def add_completion(
    totals: CourseTotals,
    enrolment: Enrolment,
    module: Module,
    source: str,
    evidence: dict[str, Any],
) -> Progress:
    """Record a completion that there is not yet, and count it in the enrolment.

    What was queued behind the module is completed with it. The caller holds the course's lock,
    saves the enrolment, moves the totals and pushes.
    """
    done = _add(totals, enrolment, module, source, evidence)
    if module.course.in_order:
        _add_queued(totals, enrolment)
    return done


def complete_queued(course_id: int) -> int:
    """Complete the notebooks that have passed, and whose turn came as the course was changed.

    Returns how many that were.
    """
    count = 0
    with transaction.atomic():
        totals = lock_course(course_id)
        queued = _queued().filter(enrolment__course=course_id).values("enrolment")
        for enrolment in Enrolment.objects.current().filter(pk__in=queued):
            before = copy.copy(enrolment)
            added = _add_queued(totals, enrolment)
            if added:
                _save(totals, before, enrolment, is_active=False)
                push_enrolments([enrolment])
            count += added
    return count


def reset_module(enrolment: Enrolment, module: Module, *, by: Any, reason: str) -> bool:
    """Take a completion back, with the reason kept in the audit log; False if there was none."""
    if not reason.strip():
        raise ValueError("A completion is taken back only with a reason.")
    with transaction.atomic():
        totals = lock_course(enrolment.course_id)
        enrolment.refresh_from_db()
        done = Progress.objects.filter(enrolment=enrolment, module=module).first()
        if done is None:
            return False
        data = _named(module) | {"reason": reason, "completed_at": str(done.completed_at)}
        log(enrolment, "wagtail_live_lms.reset_module", user=by, data=data)
        done.delete()
        NotebookProgress.objects.filter(enrolment=enrolment, module=module).delete()
        before = copy.copy(enrolment)
        _count(totals, enrolment, -Module.objects.live().filter(pk=module.pk).count())
        _save(totals, before, enrolment, is_active=False)
        push_enrolments([enrolment])
        transaction.on_commit(
            partial(
                module_reset.send_robust,
                sender=Progress,
                enrolment=enrolment,
                module=module,
                by=by,
                reason=reason,
            ),
            robust=True,
        )
    return True


def current_enrolment(user: Any, course_id: int) -> Enrolment:
    """The enrolment that a student's own deed counts in. Raises NotEnrolled."""
    enrolment = Enrolment.objects.current().filter(course_id=course_id, user=user).first()
    if enrolment is None:
        raise NotEnrolled
    return enrolment


def check_completable(module: Module, source: str) -> None:
    """Raises ModuleArchived or WrongCompletionRule where this cannot complete it."""
    if module.archived:
        raise ModuleArchived
    if source == Source.PAGE and module.completion_rule not in ON_PAGE:
        raise WrongCompletionRule


def is_before_its_turn(module: Module, enrolment: Enrolment) -> bool:
    """Whether the course is taken in order and a module before this one is not completed."""
    if not module.course.in_order:
        return False
    ordered = list(
        Module.objects.live().filter(course=module.course_id).values_list("pk", flat=True)
    )
    earlier = ordered[: ordered.index(module.pk)]
    done = Progress.objects.filter(enrolment=enrolment, module__in=earlier).count()
    return done < len(earlier)


def _add(
    totals: CourseTotals,
    enrolment: Enrolment,
    module: Module,
    source: str,
    evidence: dict[str, Any],
) -> Progress:
    done = Progress.objects.create(
        enrolment=enrolment, module=module, source=source, evidence=evidence
    )
    _count(totals, enrolment, +1)
    transaction.on_commit(
        partial(module_completed.send_robust, sender=Progress, progress=done), robust=True
    )
    return done


def _queued() -> QuerySet[NotebookProgress]:
    """Cells that were passed of notebooks that are not completed."""
    done = Progress.objects.filter(enrolment=OuterRef("enrolment"), module=OuterRef("module"))
    rule = {"module__completion_rule": CompletionRule.NOTEBOOK_FINISHED}
    return NotebookProgress.objects.filter(~Exists(done), **rule)


def _add_queued(totals: CourseTotals, enrolment: Enrolment) -> int:
    """Complete, module after module, what has passed and waits for its turn no more."""
    queued = {row.module_id: row for row in _queued().filter(enrolment=enrolment)}
    if not queued:
        return 0
    done = set(enrolment.progress.values_list("module", flat=True))
    modules = Module.objects.live().filter(course=enrolment.course_id).select_related("course")
    lessons = NotebookLesson.objects.filter(module__in=queued).defer("notebook")
    required = {lesson.module_id: lesson.required_ids for lesson in lessons}
    before = len(done)
    for module in modules:
        row, cells = queued.get(module.pk), required.get(module.pk, [])
        if row is not None and cells and set(cells) <= set(row.passed):
            evidence = {**row.evidence, "cells": cells, "waited": True}
            _add(totals, enrolment, module, Source.NOTEBOOK, evidence)
            done.add(module.pk)
        if module.course.in_order and module.pk not in done:
            break
    return len(done) - before


def _named(module: Module) -> dict[str, Any]:
    return {"module": module.title}


def _count(totals: CourseTotals, enrolment: Enrolment, change: int) -> None:
    enrolment.completed_count += change
    enrolment.percent = percentage(enrolment.completed_count, totals.module_count)


def _save(
    totals: CourseTotals, before: Enrolment, enrolment: Enrolment, *, is_active: bool
) -> None:
    """`is_active`: the student did it, as against somebody for them."""
    if is_active:
        enrolment.last_activity = timezone.now()
    enrolment.version += 1
    enrolment.save(update_fields=["completed_count", "percent", "last_activity", "version"])
    move_totals(totals, before, enrolment)
