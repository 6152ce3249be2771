"""Joining an open course: what those see who are not enrolled yet."""

from wagtail_live_lms import access, actions
from wagtail_live_lms.live import Component, RowId, registry

from .permissions import CanJoinCourse


@registry.register("join_course")
class JoinCourse(Component):
    """A button that enrols the person, where the course is open."""

    template_name = "wagtail_live_lms/join_course/component.html"
    permission_classes = (CanJoinCourse,)

    def mount(self, course_id: RowId, module_id: RowId | None = None) -> None:
        course = access.get_course_for(self.user, course_id)
        self.state = {
            "title": course.title,
            "is_open": course.enrolment_policy == "open",
            "is_enrolled": access.is_enrolled(self.user, course_id),
        }

    def on_join(self) -> None:
        course = access.get_course_for(self.user, self.params["course_id"])
        actions.enrol(course, self.user)
        self.reloads_page = True
