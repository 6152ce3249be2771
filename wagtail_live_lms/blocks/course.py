"""Blocks of a whole course: for its students, and for those who might become students."""

from django.utils.translation import gettext_lazy as _

from .live import LiveBlock


class StudentViewBlock(LiveBlock):
    """Everything a student needs of a course, in one view."""

    class Meta:
        icon = "live-lms-course"
        label = _("Student view")
        description = _("Notifications, progress, the quiz that is due and the notebooks.")
        template = "wagtail_live_lms/blocks/student_view.html"


class CourseOutlineBlock(LiveBlock):
    """The modules of a course, with links to their pages."""

    class Meta:
        icon = "list-ol"
        label = _("Course outline")
        description = _("What the course consists of; students also see what they have finished.")
        template = "wagtail_live_lms/blocks/course_outline.html"


class EnrolButtonBlock(LiveBlock):
    """The way into a course."""

    class Meta:
        icon = "user"
        label = _("Enrol button")
        description = _("Readers enrol themselves where the course is open, or learn whom to ask.")
        template = "wagtail_live_lms/blocks/enrol_button.html"
