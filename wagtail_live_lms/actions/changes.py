"""What is said on which topic, in one place."""

from collections.abc import Iterable

from wagtail_live_lms.live import ACCESS, Change, broadcast_many, personal_topic
from wagtail_live_lms.models import Enrolment

ENROLMENT = "enrolment"
"""A student's row changed; the id is the enrolment's."""

COURSE = "course"
"""The course's modules changed; the id is the course's."""


def instructor_topic(course_id: int) -> str:
    """What those who teach the course listen to."""
    return f"instructor-{course_id}"


def course_topic(course_id: int) -> str:
    """What everybody in the course listens to: its modules."""
    return f"course-{course_id}"


def push_enrolment(enrolment: Enrolment, *, rights_changed: bool = False) -> None:
    """One student's summary row changed: tell the student and those who teach them."""
    change = Change(ENROLMENT, enrolment.pk)
    own = [change, Change(ACCESS)] if rights_changed else [change]
    broadcast_many(
        {
            instructor_topic(enrolment.course_id): [change],
            personal_topic(enrolment.user_id): own,
        }
    )


def push_course(course_id: int) -> None:
    """The modules changed, and with them everybody's percentage."""
    change = Change(COURSE, course_id)
    broadcast_many({instructor_topic(course_id): [change], course_topic(course_id): [change]})


def push_access(user_ids: Iterable[int]) -> None:
    """These people's rights may have changed: their sockets look again."""
    broadcast_many({personal_topic(user_id): [Change(ACCESS)] for user_id in user_ids})
