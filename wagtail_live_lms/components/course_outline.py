"""What a course consists of; for its students, with how far they are."""

from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Any

from wagtail_live_lms import access
from wagtail_live_lms.actions.changes import COURSE, course_topic
from wagtail_live_lms.live import (
    RESNAPSHOT,
    Component,
    Fragment,
    Message,
    RowId,
    personal_topic,
    registry,
)
from wagtail_live_lms.models import Enrolment, Module

from .course_progress import (
    CourseProgress,
    ModuleRow,
    StudentRecord,
    page_url,
    read_record,
    with_progress,
)
from .permissions import CanReadOutline

ROW = "wagtail_live_lms/course_outline/module.html"


@registry.register("course_outline")
class CourseOutline(Component):
    """The modules in order, each with a link to its page. Live for those who take the course."""

    template_name = "wagtail_live_lms/course_outline/component.html"
    permission_classes = (CanReadOutline,)

    def mount(self, course_id: RowId) -> None:
        course = access.get_listed_course_for(self.user, course_id)
        modules = Module.objects.live().filter(course=course).select_related("page")
        rows = [
            ModuleRow(m.pk, m.title, page_url(self.request, m), m.completion_rule) for m in modules
        ]
        self.state = {"course": course, "rows": rows, "enrolment": self.enrolment}
        if self.enrolment is not None:
            self._take(read_record(self.enrolment))

    @cached_property
    def enrolment(self) -> Enrolment | None:
        """What makes it personal."""
        if not self.user.is_authenticated:
            return None
        return access.find_enrolment_for(self.user, self.params["course_id"])

    def topics(self) -> list[str]:
        if self.enrolment is None:
            return []
        return [personal_topic(self.user.pk), course_topic(self.params["course_id"])]

    @classmethod
    def load_changes(cls, topic: str, kind: str, ids: list[int]) -> Mapping[int, StudentRecord]:
        return CourseProgress.load_changes(topic, kind, ids)

    def on_ws_message(self, message: Message) -> Any:
        if message.kind == COURSE:
            return RESNAPSHOT
        record = message.record
        if record is None or record.enrolment.course_id != self.params["course_id"]:
            return ()
        before = self.state["rows"]
        self._take(record)
        return self._patches(before)

    def _patches(self, before: list[ModuleRow]) -> Iterable[Fragment]:
        for row in self.state["rows"]:
            if row not in before:
                yield self.fragment(f"module-{row.id}", ROW, for_all=True, row=row)

    def _take(self, record: StudentRecord) -> None:
        in_order = self.state["course"].in_order
        rows = with_progress(self.state["rows"], record.progress, in_order=in_order)
        self.state |= {"rows": rows, "enrolment": record.enrolment}
