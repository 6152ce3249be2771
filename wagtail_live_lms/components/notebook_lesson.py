"""A module's notebook on a page: what it is, where to open it, and what has passed."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.http import HttpRequest
from django.urls import get_script_prefix, reverse
from django.utils.functional import cached_property

from wagtail_live_lms import access, conf
from wagtail_live_lms.access import Standing
from wagtail_live_lms.actions.changes import COURSE, ENROLMENT, course_topic
from wagtail_live_lms.live import (
    RESNAPSHOT,
    Component,
    Fragment,
    Message,
    RowId,
    personal_topic,
    registry,
)
from wagtail_live_lms.models import Course, Enrolment, Module, NotebookLesson, Progress, Source
from wagtail_live_lms.notebooks import file_name, fill_link
from wagtail_live_lms.notebooks.preview import Preview, Text, preview

from .permissions import IsEnrolled

LIVE = "wagtail_live_lms/notebook_lesson/live.html"


@dataclass(frozen=True, slots=True)
class Cell:
    """A required cell as its student sees it."""

    id: str
    label: str
    is_passed: bool


@dataclass(frozen=True, slots=True)
class NotebookRecord:
    """An enrolment with what was completed and passed in it, by module."""

    enrolment: Enrolment
    progress: dict[int, Progress] = field(default_factory=dict)
    passed: dict[int, frozenset[str]] = field(default_factory=dict)


@registry.register("notebook_lesson")
class NotebookLessonView(Component):
    """The notebook's title, preview and links, and the student's state, moving as they work."""

    template_name = "wagtail_live_lms/notebook_lesson/component.html"
    snapshot_template_name = LIVE
    permission_classes = (IsEnrolled,)
    alternative = "join_course"

    def mount(self, course_id: RowId, module_id: RowId) -> None:
        module = access.get_module_for(self.user, course_id, module_id)
        lesson = NotebookLesson.objects.filter(module=module).defer("notebook").first()
        # Taken away while the page is open: that is shown, and no reason to end its updates.
        lesson = lesson or NotebookLesson(title=module.title, module=module)
        record = read_notebook_record(access.get_enrolment_for(self.user, course_id))
        self.state = {
            "lesson": lesson,
            "module": module,
            "course": record.enrolment.course,
            "earlier": _earlier_modules(module) if record.enrolment.course.in_order else [],
        }
        self._take(record)

    def topics(self) -> list[str]:
        return [personal_topic(self.user.pk), course_topic(self.params["course_id"])]

    def get_context(self) -> dict[str, Any]:
        standing: Standing = self.state["standing"]
        done = standing.progress
        return {
            "cells": [
                Cell(cell["id"], cell["label"], cell["id"] in standing.passed)
                for cell in self.state["lesson"].required
            ],
            "passed_count": len(standing.passed),
            "required_count": len(standing.required),
            "source": str(Source(done.source).label) if done else "",
        }

    @classmethod
    def load_changes(cls, topic: str, kind: str, ids: list[int]) -> Mapping[int, NotebookRecord]:
        if kind != ENROLMENT:
            return {}
        enrolments = Enrolment.objects.filter(pk__in=ids).select_related("course")
        return {enrolment.pk: read_notebook_record(enrolment) for enrolment in enrolments}

    def on_ws_message(self, message: Message) -> Any:
        if message.kind == COURSE:
            return RESNAPSHOT
        record = message.record
        if record is None or record.enrolment.course_id != self.params["course_id"]:
            return ()
        self._take(record)
        return self._patches()

    def _patches(self) -> Iterable[Fragment]:
        yield self.fragment("live", LIVE, for_all=True, **self.get_context())

    def _take(self, record: NotebookRecord) -> None:
        module_id, required = self.params["module_id"], self.state["lesson"].required_ids
        passed = record.passed.get(module_id, frozenset())
        done = record.progress.get(module_id)
        self.state |= {
            "enrolment": record.enrolment,
            "standing": Standing(done, required, [cell for cell in required if cell in passed]),
            "is_waiting": not done and not record.progress.keys() >= set(self.state["earlier"]),
        }

    @property
    def download_url(self) -> str:
        """Where the file is."""
        return reverse("wagtail_live_lms:notebook", args=[self.params["module_id"]])

    @property
    def jupyter_url(self) -> str:
        """Where the notebook opens in Jupyter; empty where the site has no JUPYTER_LINK."""
        return jupyter_link(self.request, self.state["lesson"], self.state["course"])

    @cached_property
    def preview(self) -> Preview:
        """The notebook's cells as safe HTML."""
        lesson: NotebookLesson = self.state["lesson"]
        text = Text(lesson.digest, lambda: lesson.notebook)
        return preview(text, tuple(lesson.required_ids))


def jupyter_link(request: HttpRequest, lesson: NotebookLesson, course: Course) -> str:
    """Where a notebook opens in Jupyter; empty where the site has no JUPYTER_LINK."""
    pattern = conf.current().JUPYTER_LINK
    return fill_link(pattern, _link_values(request, lesson, course)) if pattern else ""


def _link_values(request: HttpRequest, lesson: NotebookLesson, course: Course) -> dict[str, object]:
    module: Any = lesson.module_id
    download_url = reverse("wagtail_live_lms:notebook", args=[module])
    return {
        "site": request.build_absolute_uri(get_script_prefix()).rstrip("/"),
        "course": course.pk,
        "course_slug": course.slug,
        "module": module,
        "file": file_name(lesson.title, module),
        "username": request.user.get_username(),
        "notebook_url": request.build_absolute_uri(download_url),
    }


def read_notebook_record(enrolment: Enrolment) -> NotebookRecord:
    """An enrolment, its completions and passed cells, all of one moment.

    What is newer than the version it is shown with would be undone by a late answer of that
    version, and not be sent again.
    """
    while True:
        progress = {done.module_id: done for done in enrolment.progress.all()}
        reported = enrolment.notebook_progress.all()
        passed = {row.module_id: frozenset(row.passed) for row in reported}
        latest = Enrolment.objects.filter(pk=enrolment.pk).select_related("course").first()
        if latest is None or latest.version == enrolment.version:
            return NotebookRecord(enrolment, progress, passed)
        enrolment = latest


def _earlier_modules(module: Module) -> list[int]:
    """The modules that have to be finished first in a course taken in order."""
    live = Module.objects.live().filter(course=module.course_id)
    ordered = list(live.values_list("pk", flat=True))
    return ordered[: ordered.index(module.pk)] if module.pk in ordered else []
