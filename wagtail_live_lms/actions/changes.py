"""What is said on which topic, in one place."""

from collections import defaultdict
from collections.abc import Iterable

from wagtail_live_lms.live import ACCESS, Change, broadcast_many, personal_topic
from wagtail_live_lms.models import Enrolment, HelpRequest, Notification, Submission

ENROLMENT = "enrolment"
"""A student's row changed; the id is the enrolment's."""

COURSE = "course"
"""The course's modules changed; the id is the course's."""

ROWS = "rows"
"""Very many attempts and students of the course changed at once; the id is the course's."""

NOTIFICATION = "notification"
"""A notice came or was dismissed or read; the id is the notice's."""

INBOX = "inbox"
"""Many of a person's notices changed, or how they want to see them."""

SUBMISSION = "submission"
"""An attempt at a quiz began, ended or was graded; the id is the submission's."""

ANSWER = "answer"
"""Answers of an attempt under way were saved; the id is the submission's."""

ALERT = "alert"
"""An alert opened or changed; the id is the alert's. 0 when many did at once."""

HELP = "help"
"""A request for help was made, answered or withdrawn; the id is the request's."""

MANY = 20
"""Alerts that change at once and are still told one by one."""

MANY_ROWS = 200
"""Changes of attempts and students that are still told one by one to those who teach."""


def instructor_topic(course_id: int) -> str:
    """What those who teach the course listen to."""
    return f"instructor-{course_id}"


def course_topic(course_id: int) -> str:
    """What everybody in the course listens to: its modules."""
    return f"course-{course_id}"


def push_enrolments(enrolments: Iterable[Enrolment], *, rights_changed: bool = False) -> None:
    """Summary rows changed: tell these students and those who teach them, topic by topic."""
    changes: dict[str, list[Change]] = defaultdict(list)
    for enrolment in enrolments:
        change = Change(ENROLMENT, enrolment.pk)
        changes[instructor_topic(enrolment.course_id)].append(change)
        changes[personal_topic(enrolment.user_id)].append(change)
        if rights_changed:
            changes[personal_topic(enrolment.user_id)].append(Change(ACCESS))
    broadcast_many(changes)


def push_submissions(submissions: Iterable[Submission]) -> None:
    """Attempts, and with them their students' rows, changed. Each has its enrolment loaded."""
    changes: dict[str, list[Change]] = defaultdict(list)
    taught: dict[int, list[Change]] = defaultdict(list)
    for submission in submissions:
        enrolment = submission.enrolment
        both = [Change(ENROLMENT, enrolment.pk), Change(SUBMISSION, submission.pk)]
        taught[enrolment.course_id] += both
        changes[personal_topic(enrolment.user_id)] += both
    broadcast_many(changes | _to_instructors(taught))


def push_drafts(submissions: Iterable[Submission]) -> None:
    """Attempts have grades that are not posted: tell those who teach, and nobody else."""
    taught: dict[int, list[Change]] = defaultdict(list)
    for submission in submissions:
        course_id = submission.enrolment.course_id
        taught[course_id].append(Change(SUBMISSION, submission.pk))
    broadcast_many(_to_instructors(taught))


def _to_instructors(taught: dict[int, list[Change]]) -> dict[str, list[Change]]:
    """Row by row, or all at once where that would be more than pages show."""
    return {
        instructor_topic(course_id): (
            changes if len(changes) <= MANY_ROWS else [Change(ROWS, course_id)]
        )
        for course_id, changes in taught.items()
    }


def push_answers(submission: Submission) -> None:
    """Answers were saved: tell the student's other tabs and devices, nobody else."""
    topic = personal_topic(submission.enrolment.user_id)
    broadcast_many({topic: [Change(ANSWER, submission.pk)]})


def push_course(course_id: int) -> None:
    """The modules changed, and with them everybody's percentage."""
    change = Change(COURSE, course_id)
    broadcast_many({instructor_topic(course_id): [change], course_topic(course_id): [change]})


def push_access(user_ids: Iterable[int]) -> None:
    """These people's rights may have changed: their sockets look again."""
    broadcast_many({personal_topic(user_id): [Change(ACCESS)] for user_id in user_ids})


def push_notifications(notifications: Iterable[Notification]) -> None:
    """Notices came or changed: tell each person about their own, and nobody else."""
    changes: dict[str, list[Change]] = defaultdict(list)
    for notification in notifications:
        changes[personal_topic(notification.user_id)].append(Change(NOTIFICATION, notification.pk))
    broadcast_many(changes)


def push_inbox(user_id: int) -> None:
    """Many of a person's notices changed at once: their open pages read them anew."""
    broadcast_many({personal_topic(user_id): [Change(INBOX)]})


def push_alerts(course_id: int, alert_ids: Iterable[int]) -> None:
    """Alerts changed: tell those who teach the course, and nobody else."""
    ids = list(alert_ids)
    told = ids if len(ids) <= MANY else [0]
    broadcast_many({instructor_topic(course_id): [Change(ALERT, pk) for pk in told]})


def push_help(request: HelpRequest) -> None:
    """A request for help changed: tell the student, whose enrolment is loaded."""
    topic = personal_topic(request.enrolment.user_id)
    broadcast_many({topic: [Change(HELP, request.pk)]})
