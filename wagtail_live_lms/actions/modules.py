"""Changing what a course consists of, without touching what students earned."""

from collections.abc import Sequence
from typing import Any

from django.db import transaction
from wagtail.log_actions import log

from wagtail_live_lms.models import Course, Module

from .changes import push_course
from .completion import complete_queued
from .summaries import count_course, lock_course


def archive_module(module: Module, *, by: Any = None) -> None:
    """Take a module out of the course. Completions are kept and count again when restored."""
    _set_archived(module, True, by, "wagtail_live_lms.archive_module")


def restore_module(module: Module, *, by: Any = None) -> None:
    """Bring an archived module back, with its completions."""
    _set_archived(module, False, by, "wagtail_live_lms.restore_module")


def reorder_modules(course: Course, module_ids: Sequence[int], *, by: Any = None) -> None:
    """Put the course's modules in this order. Raises ValueError unless each is named once."""
    with transaction.atomic():
        lock_course(course.pk)
        modules = {module.pk: module for module in Module.objects.filter(course=course)}
        if sorted(module_ids) != sorted(modules):
            raise ValueError("Name each module of the course once, and no others.")
        for position, module_id in enumerate(module_ids):
            modules[module_id].sort_order = position
        Module.objects.bulk_update(modules.values(), ["sort_order"])
        complete_queued(course.pk)
        _log(course, "wagtail_live_lms.reorder_modules", by, {"order": list(module_ids)})
        push_course(course.pk)


def refresh_course(course: Course) -> None:
    """Count anew after the course's modules were edited elsewhere, as in the admin."""
    with transaction.atomic():
        count_course(lock_course(course.pk))
        complete_queued(course.pk)
        push_course(course.pk)


def _set_archived(module: Module, archived: bool, by: Any, action: str) -> None:
    with transaction.atomic():
        totals = lock_course(module.course_id)
        if not Module.objects.filter(pk=module.pk, archived=not archived).update(archived=archived):
            return
        module.archived = archived
        count_course(totals)
        complete_queued(module.course_id)
        _log(module.course, action, by, {"module": module.title})
        push_course(module.course_id)


def _log(course: Course, action: str, by: Any, data: dict[str, Any]) -> None:
    if by is not None:
        log(course, action, user=by, data=data)
