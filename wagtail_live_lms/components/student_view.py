"""Everything a student needs of a course, in one view."""

from collections.abc import Mapping
from typing import Any, ClassVar

from wagtail_live_lms.live import CompositeComponent, RowId, registry

from .permissions import IsEnrolled


@registry.register("student_view")
class StudentView(CompositeComponent):
    """Notifications, progress, the quiz that is due and the notebooks of a course.

    Each child is a component of its own, with its own permissions. It has nothing that changes
    by itself, so its template has no `live_root`: a page's socket carries the children's.
    """

    template_name = "wagtail_live_lms/student_view/component.html"
    permission_classes = (IsEnrolled,)
    alternative = "join_course"
    components: ClassVar[Mapping[str, str]] = {
        "notifications": "grade_notification",
        "progress": "course_progress",
        "quiz": "active_quiz",
        "notebooks": "notebook_lessons",
    }

    aside: ClassVar[tuple[str, ...]] = ("progress", "notifications")
    """Slots of the narrow column; all others, also those of other packages, are in the wide one."""

    def mount(self, course_id: RowId) -> None:
        """The course whose parts are shown."""

    def get_context(self) -> dict[str, Any]:
        slots = registry.slots_of(type(self))
        return {
            "main": [slot for slot in slots if slot not in self.aside],
            "beside": [slot for slot in self.aside if slot in slots],
        }
