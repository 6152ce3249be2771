"""Permission classes that know courses. They read `course_id` from the parameters.

A course that does not exist and one that is none of your business are refused alike.
"""

from wagtail_live_lms import access, actions
from wagtail_live_lms.exceptions import HelpNotOffered
from wagtail_live_lms.live import Component, IsAuthenticated, NotFound, PermissionDenied


class IsEnrolled(IsAuthenticated):
    """The person takes the course now."""

    def check(self, component: Component) -> None:
        super().check(component)
        if not access.is_enrolled(component.user, component.params["course_id"]):
            raise PermissionDenied(code="not_enrolled")


class IsInstructor(IsAuthenticated):
    """The person teaches the course."""

    def check(self, component: Component) -> None:
        super().check(component)
        if not access.is_instructor(component.user, component.params["course_id"]):
            raise PermissionDenied(code="not_instructor")


class CanJoinCourse(IsAuthenticated):
    """The person may know the course and is free to join it."""

    def check(self, component: Component) -> None:
        super().check(component)
        access.get_course_for(component.user, component.params["course_id"])


class CanAskForHelp(IsEnrolled):
    """The person takes the course, whose instructors take questions."""

    def check(self, component: Component) -> None:
        super().check(component)
        if not actions.is_help_offered(component.params["course_id"]):
            raise HelpNotOffered


class CanReadOutline(IsAuthenticated):
    """The person may read what the course consists of; of an open one, everybody."""

    def check(self, component: Component) -> None:
        try:
            access.get_listed_course_for(component.user, component.params["course_id"])
        except NotFound:
            super().check(component)  # logging in may help
            raise
