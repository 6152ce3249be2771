"""What a student has done of a course, moving as it happens."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from wagtail_live_lms import access, actions
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
from wagtail_live_lms.models import CompletionRule, Enrolment, Module, Progress, Source

from .permissions import IsEnrolled

HINTS = {
    CompletionRule.PAGE_VIEWED: gettext_lazy("Complete when you open it"),
    CompletionRule.QUIZ_PASSED: gettext_lazy("Complete when you pass its quiz"),
    CompletionRule.NOTEBOOK_FINISHED: gettext_lazy("Complete when you finish its notebook"),
}


@dataclass(frozen=True, slots=True)
class ModuleRow:
    """A module as its student sees it."""

    id: int
    title: str
    url: str
    rule: str
    completed_at: datetime | None = None
    source: str = ""
    is_waiting: bool = False

    @property
    def is_done(self) -> bool:
        return self.completed_at is not None

    @property
    def can_be_marked(self) -> bool:
        by_hand = self.rule == CompletionRule.BY_HAND
        return by_hand and not self.is_done and not self.is_waiting

    @property
    def hint(self) -> str:
        return str(HINTS.get(CompletionRule(self.rule), ""))


@dataclass(frozen=True, slots=True)
class StudentRecord:
    """An enrolment with its completions by module."""

    enrolment: Enrolment
    progress: dict[int, Progress] = field(default_factory=dict)


@registry.register("course_progress")
class CourseProgress(Component):
    """Percentage, modules and their state; "Mark complete" where the module's rule allows it.

    With `module_id`, as on a lesson page, only that module is listed below the bar.
    """

    template_name = "wagtail_live_lms/course_progress/component.html"
    permission_classes = (IsEnrolled,)
    alternative = "join_course"

    def mount(self, course_id: RowId, module_id: RowId | None = None) -> None:
        record = read_record(access.get_enrolment_for(self.user, course_id))
        enrolment, progress = record.enrolment, record.progress
        modules = Module.objects.live().filter(course=course_id).select_related("page")
        rows = [
            ModuleRow(m.pk, m.title, page_url(self.request, m), m.completion_rule) for m in modules
        ]
        self.state = {
            "course": enrolment.course,
            "enrolment": enrolment,
            "rows": with_progress(rows, progress, in_order=enrolment.course.in_order),
        }

    def topics(self) -> list[str]:
        return [personal_topic(self.user.pk), course_topic(self.params["course_id"])]

    def get_context(self) -> dict[str, Any]:
        rows = self.state["rows"]
        module_id = self.params["module_id"]
        shown = [row for row in rows if module_id in (None, row.id)]
        return {
            "shown": shown,
            "module_count": len(rows),
            "viewed": next((r for r in shown if module_id and _is_completed_by_viewing(r)), None),
        }

    def on_complete_module(self, module_id: RowId) -> None:
        course_id = self.params["course_id"]
        module = access.get_module_for(self.user, course_id, module_id)
        if actions.complete_module(self.user, module, source=Source.PAGE).created:
            self.notice = _("“%(module)s” is complete.") % {"module": module.title}

    @classmethod
    def load_changes(cls, topic: str, kind: str, ids: list[int]) -> Mapping[int, StudentRecord]:
        if kind != ENROLMENT:
            return {}
        enrolments = Enrolment.objects.filter(pk__in=ids)
        return {enrolment.pk: read_record(enrolment) for enrolment in enrolments}

    def on_ws_message(self, message: Message) -> Any:
        if message.kind == COURSE:
            return RESNAPSHOT
        record = message.record
        if record is None or record.enrolment.course_id != self.params["course_id"]:
            return ()
        before = self.get_context()
        in_order = self.state["course"].in_order
        rows = with_progress(self.state["rows"], record.progress, in_order=in_order)
        self.state |= {"enrolment": record.enrolment, "rows": rows}
        context = self.get_context()
        if (before["viewed"] is None) != (context["viewed"] is None):
            return RESNAPSHOT  # the form that is sent by opening the page comes or goes
        return self._patches(before["shown"], context)

    def _patches(self, before: list[ModuleRow], context: dict[str, Any]) -> Iterable[Fragment]:
        yield self.fragment(
            "head", "wagtail_live_lms/course_progress/head.html", for_all=True, **context
        )
        for row in context["shown"]:
            if row not in before:
                template = "wagtail_live_lms/course_progress/module.html"
                yield self.fragment(f"module-{row.id}", template, for_all=True, row=row)


def page_url(request: HttpRequest, module: Module | None) -> str:
    """Where a module is taught; empty without a published page."""
    page = module.page if module is not None else None
    return (page.get_url(request) or "") if page is not None and page.live else ""


def read_record(enrolment: Enrolment) -> StudentRecord:
    """An enrolment and its completions, all of one moment.

    Completions newer than the version they are shown with would be undone by a late answer of
    that version, and not be sent again.
    """
    while True:
        progress = {done.module_id: done for done in enrolment.progress.all()}
        latest = Enrolment.objects.filter(pk=enrolment.pk).first()
        if latest is None or latest.version == enrolment.version:
            return StudentRecord(enrolment, progress)
        enrolment = latest


def with_progress(
    rows: list[ModuleRow], progress: Mapping[int, Progress], *, in_order: bool
) -> list[ModuleRow]:
    """The rows with their completions; in a course taken in order, later ones wait."""
    result = []
    is_waiting = False
    for row in rows:
        done = progress.get(row.id)
        result.append(
            replace(
                row,
                completed_at=done.completed_at if done else None,
                source=str(Source(done.source).label) if done else "",
                is_waiting=is_waiting and not done,
            )
        )
        is_waiting = is_waiting or (in_order and not done)
    return result


def _is_completed_by_viewing(row: ModuleRow) -> bool:
    return row.rule == CompletionRule.PAGE_VIEWED and not row.is_done and not row.is_waiting
