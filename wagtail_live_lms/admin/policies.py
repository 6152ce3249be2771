"""Whose students staff may work on: those of the courses they teach, or everybody's."""

from collections.abc import Collection
from typing import Any

from django.contrib.auth.models import Permission
from django.db.models import QuerySet
from django.http import HttpRequest
from wagtail.permission_policies import ModelPermissionPolicy

from wagtail_live_lms import access
from wagtail_live_lms.models import Course, Enrolment


class OwnCoursesPolicy(ModelPermissionPolicy):
    """Django's permissions, for the students of one's own courses.

    The permission `see_all_courses` opens the students of every course.
    """

    def user_has_permission_for_instance(self, user: Any, action: str, instance: Any) -> bool:
        return self.user_has_any_permission_for_instance(user, [action], instance)

    def user_has_any_permission_for_instance(
        self, user: Any, actions: Collection[str], instance: Any
    ) -> bool:
        return self.user_has_any_permission(user, actions) and is_watched(user, instance.course_id)

    def instances_user_has_any_permission_for(
        self, user: Any, actions: Collection[str]
    ) -> QuerySet[Any]:
        found = super().instances_user_has_any_permission_for(user, actions)
        return found.filter(course__in=access.get_watched_courses_for(user))


def is_watched(user: Any, course_id: int) -> bool:
    """Whether a member of staff may work on this course's students."""
    return access.get_watched_courses_for(user).filter(pk=course_id).exists()


def watched_courses(request: HttpRequest) -> QuerySet[Course]:
    """What a list of students may be filtered by."""
    return access.get_watched_courses_for(request.user)


class WatchedMixin:
    """A view of one enrolment, which does not exist for those who may not work on it."""

    request: HttpRequest

    def get_base_object_queryset(self) -> QuerySet[Enrolment]:
        enrolments = super().get_base_object_queryset()  # type: ignore[misc]
        return enrolments.filter(course__in=watched_courses(self.request))


def permissions_to_offer() -> QuerySet[Permission]:
    """What the form of a group offers beside the models' own: a `register_permissions` hook."""
    return Permission.objects.filter(
        content_type__app_label=Course._meta.app_label, codename="see_all_courses"
    )
