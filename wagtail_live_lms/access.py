"""The one gate for reads on behalf of a person: the object, or a refusal.

Outsiders get NotFound for what exists and for what does not, so they cannot tell the two apart.
"""

from typing import Any

from django.db.models import Q, QuerySet

from wagtail_live_lms.live.exceptions import NotFound
from wagtail_live_lms.models import (
    Course,
    CourseInstructor,
    Enrolment,
    Module,
    Notification,
    NotificationChoice,
    NotificationSettings,
    PushSubscription,
)


def is_instructor(user: Any, course_id: int) -> bool:
    """Whether this person may watch the course's students. Superusers may watch all."""
    if not (user.is_authenticated and user.is_active):
        return False
    if user.is_superuser:
        return Course.objects.filter(pk=course_id).exists()
    return CourseInstructor.objects.filter(course_id=course_id, user=user).exists()


def is_enrolled(user: Any, course_id: int) -> bool:
    """Whether this person takes the course now."""
    if not (user.is_authenticated and user.is_active):
        return False
    return Enrolment.objects.current().filter(course_id=course_id, user=user).exists()


def get_taught_course_for(user: Any, course_id: int) -> Course:
    """The course, for those who teach it."""
    if not is_instructor(user, course_id):
        raise NotFound
    return Course.objects.get(pk=course_id)


def get_enrolment_for(user: Any, course_id: int) -> Enrolment:
    """This person's current enrolment in the course."""
    if not (user.is_authenticated and user.is_active):
        raise NotFound
    enrolments = Enrolment.objects.current().select_related("course")
    enrolment = enrolments.filter(course_id=course_id, user=user).first()
    if enrolment is None:
        raise NotFound
    return enrolment


def get_course_for(user: Any, course_id: int) -> Course:
    """The course, for anybody who may know that it exists: those who could join it, too."""
    is_known = user.is_authenticated and user.is_active
    course = Course.objects.filter(pk=course_id).first() if is_known else None
    if course is None:
        raise NotFound
    if course.enrolment_policy == "open":
        return course
    if not (is_enrolled(user, course_id) or is_instructor(user, course_id)):
        raise NotFound
    return course


def get_module_for(user: Any, course_id: int, module_id: int) -> Module:
    """A module of a course this person takes; another course's module does not exist here."""
    if not (user.is_authenticated and user.is_active):
        raise NotFound
    current = {"course__enrolments__user": user, "course__enrolments__withdrawn_at": None}
    module = Module.objects.filter(pk=module_id, course_id=course_id, **current).first()
    if module is None:
        raise NotFound
    return module


def get_enrolment_taught_by(user: Any, enrolment_id: int) -> Enrolment:
    """A student's enrolment, for those who teach the course."""
    enrolment = Enrolment.objects.select_related("course").filter(pk=enrolment_id).first()
    if enrolment is None or not is_instructor(user, enrolment.course_id):
        raise NotFound
    return enrolment


def get_notifications_for(user: Any, course_id: int | None = None) -> QuerySet[Notification]:
    """This person's notices that they have not dismissed, the newest first."""
    if not (user.is_authenticated and user.is_active):
        raise NotFound
    notices = Notification.objects.open().filter(user=user).select_related("course")
    if course_id is not None:
        notices = notices.filter(course=course_id)
    return notices.order_by("-pk")


def get_notification_for(user: Any, notification_id: int) -> Notification:
    """A notice of this person, dismissed or not; another's does not exist here."""
    is_known = user.is_authenticated and user.is_active
    own = Notification.objects.filter(user=user) if is_known else Notification.objects.none()
    notification = own.filter(pk=notification_id).first()
    if notification is None:
        raise NotFound
    return notification


def get_notification_settings_for(user: Any) -> NotificationSettings:
    """What this person chose for all their notices, or the defaults, not saved."""
    if not (user.is_authenticated and user.is_active):
        raise NotFound
    chosen = NotificationSettings.objects.filter(user=user).first()
    return chosen or NotificationSettings(user=user)


def get_notifying_courses_for(user: Any) -> list[Course]:
    """The courses that tell this person things: those they take, and those that told them any."""
    if not (user.is_authenticated and user.is_active):
        raise NotFound
    taken = Enrolment.objects.current().filter(user=user).values("course")
    telling = Notification.objects.filter(user=user).values("course")
    return list(Course.objects.filter(Q(pk__in=taken) | Q(pk__in=telling)))


def get_notification_choices_for(user: Any) -> dict[tuple[int, str], NotificationChoice]:
    """What this person chose, by course and kind; what is missing is the default."""
    if not (user.is_authenticated and user.is_active):
        raise NotFound
    rows = NotificationChoice.objects.filter(user=user)
    return {(row.course_id, row.kind): row for row in rows}


def get_browsers_for(user: Any) -> QuerySet[PushSubscription]:
    """The browsers in which this person allowed pushes, the newest first."""
    if not (user.is_authenticated and user.is_active):
        raise NotFound
    return PushSubscription.objects.filter(user=user).order_by("-pk")


def get_browser_for(user: Any, browser_id: int) -> PushSubscription:
    """One of this person's browsers; another's does not exist here."""
    browser = get_browsers_for(user).filter(pk=browser_id).first()
    if browser is None:
        raise NotFound
    return browser
