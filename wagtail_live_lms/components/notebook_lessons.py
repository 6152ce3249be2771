"""The notebooks of a course, each with how far the student is."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from wagtail_live_lms import access
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
from wagtail_live_lms.models import Enrolment, NotebookLesson

from .agenda import waiting_modules
from .course_progress import page_url
from .notebook_lesson import NotebookRecord, jupyter_link, read_notebook_record
from .permissions import IsEnrolled

ROW = "wagtail_live_lms/notebook_lessons/row.html"


@dataclass(frozen=True, slots=True)
class NotebookRow:
    """A notebook as its student sees it."""

    lesson: NotebookLesson
    page_url: str
    download_url: str
    jupyter_url: str
    standing: Standing
    is_waiting: bool = False

    @property
    def id(self) -> int:
        """The module's."""
        return self.lesson.module_id  # type: ignore[return-value]

    @property
    def is_done(self) -> bool:
        return self.standing.progress is not None


@registry.register("notebook_lessons")
class NotebookLessons(Component):
    """Each notebook of the course: where it opens, and what has passed, moving as it happens."""

    template_name = "wagtail_live_lms/notebook_lessons/component.html"
    permission_classes = (IsEnrolled,)
    alternative = "join_course"

    def mount(self, course_id: RowId) -> None:
        record = read_notebook_record(access.get_enrolment_for(self.user, course_id))
        lessons = NotebookLesson.objects.filter(module__course=course_id, module__archived=False)
        related = lessons.select_related("module__page", "module__course").defer("notebook")
        ordered = list(related.order_by("module__sort_order", "module"))
        self.state = {"lessons": ordered}
        self._take(record)

    def topics(self) -> list[str]:
        return [personal_topic(self.user.pk), course_topic(self.params["course_id"])]

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
        if record.enrolment.course.in_order:
            return RESNAPSHOT  # what one opens is known to the course alone
        before = self.state["rows"]
        self._take(record)
        return self._patches(before)

    def _patches(self, before: list[NotebookRow]) -> Iterable[Fragment]:
        for row in self.state["rows"]:
            if row not in before:
                yield self.fragment(f"notebook-{row.id}", ROW, for_all=True, row=row)

    def _take(self, record: NotebookRecord) -> None:
        waiting = waiting_modules(record.enrolment)
        rows = [self._row(lesson, record, waiting) for lesson in self.state["lessons"]]
        self.state |= {"enrolment": record.enrolment, "rows": rows}

    def _row(
        self, lesson: NotebookLesson, record: NotebookRecord, waiting: frozenset[int]
    ) -> NotebookRow:
        module = lesson.module
        assert module is not None  # noqa: S101 - the query asks for those of a module
        passed = record.passed.get(module.pk, frozenset())
        known = [cell for cell in lesson.required_ids if cell in passed]
        return NotebookRow(
            lesson,
            page_url(self.request, module),
            reverse("wagtail_live_lms:notebook", args=[module.pk]),
            jupyter_link(self.request, lesson, module.course),
            Standing(record.progress.get(module.pk), lesson.required_ids, known),
            module.pk in waiting,
        )
