"""A student's program reads what the student was told."""

from __future__ import annotations

import pytest

from tests import factories
from tests.api.calls import program_of
from wagtail_live_lms import actions
from wagtail_live_lms.models import Notification, NotificationKind

pytestmark = pytest.mark.django_db


def tell(student: object, key: str, **payload: object) -> Notification:
    told = {"title": "Loops", "score": "0", "maximum": "5", "url": "/loops/"} | payload
    kind = NotificationKind.GRADE_POSTED
    enrolment = student
    (notice,) = actions.notify(enrolment.user, kind, enrolment.course, key, told)  # type: ignore[attr-defined]
    return Notification.objects.get(user=notice.user_id, key=key)


def test_notices_come_oldest_first_without_their_score() -> None:
    student = factories.make_student(factories.make_course())
    first, second = tell(student, "a"), tell(student, "b", title="Text")
    answer = program_of(student.user).get("notifications")
    notices = answer.json()["notifications"]
    assert [notice["id"] for notice in notices] == [first.pk, second.pk]
    assert notices[0]["title"] == "“Loops” has been graded."
    assert notices[0]["url"].endswith("/loops/")
    assert notices[0]["url"].startswith("http")
    assert "score" not in answer.content.decode()


def test_only_what_is_new_and_kept_comes_again() -> None:
    student = factories.make_student(factories.make_course())
    first, second, third = (tell(student, key) for key in "abc")
    actions.dismiss_notification(second)
    answer = program_of(student.user).get(f"notifications?after={first.pk}")
    assert [notice["id"] for notice in answer.json()["notifications"]] == [third.pk]


def test_nobody_reads_anothers() -> None:
    course = factories.make_course()
    tell(factories.make_student(course), "a")
    answer = program_of(factories.make_student(course).user).get("notifications")
    assert answer.json() == {"notifications": []}


@pytest.mark.parametrize("after", ["-1", "x", str(2**63)])
def test_a_place_that_cannot_be_is_refused(after: str) -> None:
    student = factories.make_student(factories.make_course())
    assert program_of(student.user).get(f"notifications?after={after}").status_code == 422
