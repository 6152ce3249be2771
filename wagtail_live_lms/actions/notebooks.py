"""Notebooks: what students report of them, and what editors make of them."""

import hashlib
import json
from collections.abc import Collection, Iterable
from contextlib import suppress
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from wagtail_live_lms import access, conf, notebooks
from wagtail_live_lms.exceptions import KeyReused, WrongCompletionRule
from wagtail_live_lms.live.exceptions import Conflict
from wagtail_live_lms.models import (
    CompletionRule,
    Enrolment,
    Module,
    NotebookLesson,
    NotebookProgress,
    NotebookReport,
    Source,
)

from .alert_events import note_activity
from .changes import push_course, push_enrolments
from .completion import (
    check_completable,
    complete_module,
    current_enrolment,
    is_before_its_turn,
)
from .summaries import lock_course


def report_notebook(
    user: Any, module: Module, passed: Collection[str], *, key: UUID, evidence: dict[str, Any]
) -> dict[str, Any]:
    """Record which cells of a module's notebook a student has passed; complete it with the last.

    Cells add up; those that are not required are named under `unknown`. In a course taken in order
    a notebook that has passed before its turn is queued: completed with the last module before it.
    The same `key` again gives the first answer and changes nothing. Raises NotEnrolled,
    ModuleArchived, WrongCompletionRule, and KeyReused for a key that came with another report.
    """
    with transaction.atomic():
        lock_course(module.course_id)
        enrolment = current_enrolment(user, module.course_id)
        asked = _digest(module, passed)
        first = _recall(enrolment, key, asked)
        if first is not None:
            return first
        answer = _record(enrolment, module, passed, evidence)
        NotebookReport.objects.create(
            enrolment=enrolment, key=key, request_digest=asked, answer=answer
        )
    return answer


def save_notebook(lesson: NotebookLesson, text: str, required_ids: Iterable[str]) -> None:
    """Store a lesson with this notebook and these of its cells required.

    What students have passed is kept. Their pages, and the course's, follow.
    """
    with transaction.atomic():
        courses = _courses_of(lesson)
        for course_id in courses:
            lock_course(course_id)
        lesson.notebook = text
        lesson.required = notebooks.manifest_of(json.loads(text), required_ids)
        lesson.digest = notebooks.digest_of(text, lesson.required_ids)
        lesson.updated_at = timezone.now()
        lesson.save()
        for course_id in courses:
            push_course(course_id)


def delete_notebook(lesson: NotebookLesson) -> None:
    """Take a lesson's notebook away. What students completed and passed stays with the module."""
    with transaction.atomic():
        courses = _courses_of(lesson)
        NotebookLesson.objects.filter(pk=lesson.pk).delete()
        for course_id in courses:
            push_course(course_id)


def settle_notebook(lesson: NotebookLesson, *, by: Any) -> int:
    """Complete the module for those who lack nothing any more since `by` required fewer cells.

    Returns how many that were.
    """
    required, module = set(lesson.required_ids), lesson.module
    if module is None or not required:
        return 0
    waiting = NotebookProgress.objects.filter(module=module, enrolment__withdrawn_at=None)
    waiting = waiting.exclude(enrolment__progress__module=module).select_related("enrolment__user")
    return sum(
        _settle(row.enrolment.user, module, lesson, by)
        for row in waiting
        if required <= set(row.passed)
    )


def _settle(user: Any, module: Module, lesson: NotebookLesson, by: Any) -> bool:
    evidence = {"mode": "settled", "digest": lesson.digest}
    with suppress(Conflict):  # archived, or not this module's turn yet
        return complete_module(
            user, module, source=Source.NOTEBOOK, evidence=evidence, by=by
        ).created
    return False


def _recall(enrolment: Enrolment, key: UUID, asked: str) -> dict[str, Any] | None:
    oldest = timezone.now() - timedelta(hours=conf.current().IDEMPOTENCY_HOURS)
    mine = NotebookReport.objects.filter(enrolment=enrolment)
    mine.filter(created_at__lt=oldest).delete()
    report = mine.filter(key=key).first()
    if report is None:
        return None
    if report.request_digest != asked:
        raise KeyReused
    answer: dict[str, Any] = report.answer
    return answer


def _record(
    enrolment: Enrolment, module: Module, passed: Collection[str], evidence: dict[str, Any]
) -> dict[str, Any]:
    module = Module.objects.select_related("course").get(pk=module.pk)
    before = access.standing(enrolment, module)
    if before.progress is None:
        _check_reportable(module, before)
    cells = set(passed) & set(before.required)
    is_new = _add_passed(enrolment, module, cells, evidence)
    now = access.standing(enrolment, module)
    created = False
    if now.is_queued and not is_before_its_turn(module, enrolment):
        kept = {**evidence, "cells": now.passed}
        done = complete_module(enrolment.user, module, source=Source.NOTEBOOK, evidence=kept)
        now, created = access.standing(enrolment, module), done.created
    elif is_new:
        _show_activity(enrolment)
    unknown = [cell for cell in dict.fromkeys(passed) if cell not in now.required]
    return _answer(now, created, unknown=unknown)


def _check_reportable(module: Module, now: access.Standing) -> None:
    check_completable(module, Source.NOTEBOOK)
    if module.completion_rule != CompletionRule.NOTEBOOK_FINISHED or not now.required:
        raise WrongCompletionRule(_("This module is not completed by a notebook."))


def _add_passed(
    enrolment: Enrolment, module: Module, cells: set[str], evidence: dict[str, Any]
) -> bool:
    row = NotebookProgress.objects.filter(enrolment=enrolment, module=module).first()
    row = row or NotebookProgress(enrolment=enrolment, module=module, version=0)
    if cells <= set(row.passed):
        return False
    row.passed = sorted(cells | set(row.passed))
    row.evidence = evidence
    row.updated_at = timezone.now()
    row.version += 1
    row.save()
    return True


def _show_activity(enrolment: Enrolment) -> None:
    enrolment.last_activity = timezone.now()
    enrolment.version += 1
    enrolment.save(update_fields=["last_activity", "version"])
    note_activity(enrolment)
    push_enrolments([enrolment])


def _answer(now: access.Standing, created: bool, *, unknown: list[str]) -> dict[str, Any]:
    return {
        "state": now.state,
        "passed": now.passed,
        "required": now.required,
        "unknown": unknown,
        "completed_at": now.progress.completed_at.isoformat() if now.progress else None,
        "source": now.progress.source if now.progress else None,
        "created": created,
    }


def _digest(module: Module, passed: Collection[str]) -> str:
    said = json.dumps([module.pk, sorted(set(passed))])
    return hashlib.sha256(said.encode()).hexdigest()


def _courses_of(lesson: NotebookLesson) -> list[int]:
    """The courses whose pages show it: of its module, and of the one it had until now."""
    modules = Module.objects.filter(pk=lesson.module_id) | Module.objects.filter(
        notebook_lesson__pk=lesson.pk
    )
    return sorted(set(modules.values_list("course", flat=True)))
