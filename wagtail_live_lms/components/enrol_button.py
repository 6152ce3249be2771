"""The way into a course, for everybody who reads about it."""

from collections.abc import Mapping
from typing import Any

from wagtail_live_lms import access, actions
from wagtail_live_lms.actions.changes import ENROLMENT
from wagtail_live_lms.live import (
    RESNAPSHOT,
    AllowAny,
    Component,
    IsAuthenticated,
    Message,
    NotFound,
    RowId,
    personal_topic,
    registry,
)
from wagtail_live_lms.models import Enrolment


@registry.register("enrol_button")
class EnrolButton(Component):
    """A button to enrol, or what a person has to do instead.

    Of a course that only staff enrols in, outsiders learn no more than of one that does not exist.
    """

    template_name = "wagtail_live_lms/enrol_button/component.html"
    permission_classes = (AllowAny,)

    def mount(self, course_id: RowId) -> None:
        try:
            course = access.get_listed_course_for(self.user, course_id)
        except NotFound:
            self.state = {"title": "", "is_open": False, "is_enrolled": False}
            return
        self.state = {
            "title": course.title,
            "is_open": course.enrolment_policy == "open",
            "is_enrolled": access.is_enrolled(self.user, course_id),
        }

    def topics(self) -> list[str]:
        return [personal_topic(self.user.pk)] if self.user.is_authenticated else []

    def on_enrol(self) -> None:
        IsAuthenticated().check(self)
        course = access.get_course_for(self.user, self.params["course_id"])
        actions.enrol(course, self.user)
        self.reloads_page = True

    @classmethod
    def load_changes(cls, topic: str, kind: str, ids: list[int]) -> Mapping[int, Enrolment]:
        return Enrolment.objects.in_bulk(ids) if kind == ENROLMENT else {}

    def on_ws_message(self, message: Message) -> Any:
        enrolment = message.record
        if enrolment is None or enrolment.course_id != self.params["course_id"]:
            return ()
        is_shown = self.state["is_enrolled"] == (enrolment.withdrawn_at is None)
        return () if is_shown else RESNAPSHOT
