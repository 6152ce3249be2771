"""What other packages tell us: people leave, are renamed, or gain and lose rights.

Our own signals are received by nobody here; our own writes go through `actions`.
"""

from contextlib import suppress
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.signals import user_logged_out
from django.db.models.signals import post_delete, post_save, pre_delete
from django.dispatch import receiver

from wagtail_live_lms.access import get_browser_for
from wagtail_live_lms.actions import (
    forget_enrolment,
    recheck_access,
    remove_browser,
    rename_student,
)
from wagtail_live_lms.components.notification_page import SESSION_KEY as PUSH_SESSION_KEY
from wagtail_live_lms.live import NotFound
from wagtail_live_lms.models import Course, CourseInstructor, Enrolment


@receiver(user_logged_out, dispatch_uid="live_lms_logged_out")
def close_pages_of_session(sender: Any, request: Any, user: Any, **kwargs: Any) -> None:
    """Logging out ends the open sockets of that session at once."""
    if user is None:
        return
    session = getattr(request, "session", None)
    if session is not None and session.session_key:
        _stop_pushes(user, session.get(PUSH_SESSION_KEY))
        # Django ends it after this signal: the check must not find it still there.
        session.delete(session.session_key)
    recheck_access([user.pk])


def _stop_pushes(user: Any, browser_id: int | None) -> None:
    """Whoever uses this browser next must not read what is pushed to the person who left."""
    if browser_id is not None:
        with suppress(NotFound):
            remove_browser(get_browser_for(user, browser_id))


@receiver(post_save, sender=get_user_model(), dispatch_uid="live_lms_user_saved")
def follow_account(
    sender: Any, instance: Any, created: bool, raw: bool, update_fields: Any, **kwargs: Any
) -> None:
    """A changed password, deactivation or name reaches open pages."""
    if created or raw or (update_fields and set(update_fields) == {"last_login"}):
        return
    rename_student(instance)
    recheck_access([instance.pk])


@receiver([post_save, post_delete], sender=CourseInstructor, dispatch_uid="live_lms_instructors")
def follow_instructors(sender: Any, instance: CourseInstructor, **kwargs: Any) -> None:
    """Somebody began or ceased to teach a course."""
    if not kwargs.get("raw"):
        recheck_access([instance.user_id])


@receiver(pre_delete, sender=Enrolment, dispatch_uid="live_lms_enrolment_deleted")
def follow_deletion(sender: Any, instance: Enrolment, origin: Any, **kwargs: Any) -> None:
    """An account was deleted with its enrolments; a course that goes takes its totals along."""
    if getattr(origin, "model", type(origin)) is not Course:
        forget_enrolment(instance)
