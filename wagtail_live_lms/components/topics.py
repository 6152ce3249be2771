"""Every topic, declared once with who may listen to it."""

from collections.abc import Iterator
from typing import Any

from wagtail_live_lms import access
from wagtail_live_lms.live import NotFound, places, row_id, topics
from wagtail_live_lms.models import Enrolment


def declare_topics() -> None:
    """Declare the topics of courses and people."""
    topics.declare("instructor", admit=_admit_instructors, views=_dashboard)
    topics.declare("student", admit=_admit_the_person_only, views=_own_things)
    topics.declare("course", admit=_admit_members)


def declare_places() -> None:
    """A component on a page is for those who may see the page."""
    places.declare(access.check_page)


def _admit_instructors(user: Any, ident: str) -> None:
    access.get_taught_course_for(user, row_id(ident))


def _admit_the_person_only(user: Any, ident: str) -> None:
    if not user.is_authenticated or not user.is_active or str(user.pk) != ident:
        raise NotFound


def _admit_members(user: Any, ident: str) -> None:
    course_id = row_id(ident)
    if not (access.is_enrolled(user, course_id) or access.is_instructor(user, course_id)):
        raise NotFound


def _dashboard(user: Any, ident: str) -> Iterator[tuple[str, dict[str, Any]]]:
    yield "instructor_dashboard", {"course_id": row_id(ident)}
    yield "instructor_alerts", {"course_id": row_id(ident)}


def _own_things(user: Any, ident: str) -> Iterator[tuple[str, dict[str, Any]]]:
    for course_id in Enrolment.objects.current().filter(user=user).values_list("course", flat=True):
        yield "course_progress", {"course_id": course_id}
    yield "grade_notification", {}
