"""Telling people something: once, to them alone, whole or not at all, and kept until dismissed."""

from __future__ import annotations

import uuid
from typing import Any

import pydantic
import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from tests import factories
from tests.actions.changes import recorded
from tests.signals import received
from wagtail_live_lms import actions
from wagtail_live_lms.actions import Notice
from wagtail_live_lms.models import Course, Notification, NotificationKind, NotificationSettings
from wagtail_live_lms.signals import notifications_sent
from wagtail_live_lms.testing import assert_no_pushes

pytestmark = pytest.mark.django_db

KIND = NotificationKind.GRADE_POSTED
PAYLOAD = {"title": "Project plan", "url": "/plan/", "score": "7.50", "maximum": "10"}


@pytest.fixture
def course() -> Course:
    return factories.make_course()


@pytest.fixture
def user() -> Any:
    return factories.make_user()


def tell(users: Any, course: Course, key: str = "grade:1:1", **payload: Any) -> list[Notification]:
    return actions.notify(users, KIND, course, key, PAYLOAD | payload)


class TestTelling:
    def test_a_person_is_told_and_the_row_says_it_all(self, user: Any, course: Course) -> None:
        (told,) = tell(user, course)
        row = Notification.objects.get()
        assert row == told
        assert (row.user, row.course, row.kind, row.key) == (user, course, KIND, "grade:1:1")
        assert row.payload == PAYLOAD
        assert row.is_unread

    def test_their_own_topic_is_told_and_no_other(self, user: Any, course: Course) -> None:
        with recorded() as said:
            (told,) = tell(user, course)
        assert said == [(f"student-{user.pk}", "notification", told.pk)]

    def test_said_again_it_tells_nobody_anything(self, user: Any, course: Course) -> None:
        tell(user, course)
        with assert_no_pushes(), received(notifications_sent) as calls:
            assert tell(user, course, score="8") == []
        assert calls == []
        assert Notification.objects.get().payload["score"] == "7.50"

    def test_not_even_after_it_was_dismissed(self, user: Any, course: Course) -> None:
        (told,) = tell(user, course)
        actions.dismiss_notification(told)
        assert tell(user, course) == []
        assert not Notification.objects.open().exists()

    def test_a_new_revision_is_news(self, user: Any, course: Course) -> None:
        tell(user, course)
        assert len(tell(user, course, "grade:1:2")) == 1

    def test_only_those_who_do_not_know_yet_are_told(self, user: Any, course: Course) -> None:
        other = factories.make_user()
        tell(user, course)
        assert [told.user_id for told in tell([user, other], course)] == [other.pk]

    def test_a_person_named_twice_is_told_once(self, user: Any, course: Course) -> None:
        assert len(tell([user, user, user.pk], course)) == 1

    def test_each_gets_their_own_score(self, user: Any, course: Course) -> None:
        other = factories.make_user()
        notices = [
            Notice(user, "grade:1:1", {"title": "Plan", "score": "3"}),
            Notice(other, "grade:2:1", {"title": "Plan", "score": "5"}),
        ]
        told = actions.notify_each(KIND, course, notices)
        assert {n.user_id: n.payload["score"] for n in told} == {user.pk: "3", other.pk: "5"}

    def test_a_zero_is_a_score_like_any_other(self, user: Any, course: Course) -> None:
        (told,) = tell(user, course, score=0)
        assert told.score == "0 of 10"

    def test_nobody_is_told_nothing(self, course: Course) -> None:
        with assert_no_pushes(), received(notifications_sent) as calls:
            assert tell([], course) == []
        assert calls == []

    def test_a_transaction_that_fails_tells_nobody(self, user: Any, course: Course) -> None:
        def fail() -> None:
            with transaction.atomic():
                tell(user, course)
                raise ZeroDivisionError

        with assert_no_pushes(), pytest.raises(ZeroDivisionError):
            fail()
        assert not Notification.objects.exists()

    def test_a_kind_nobody_registered_is_a_mistake(self, user: Any, course: Course) -> None:
        with pytest.raises(ValueError, match="postcard"):
            actions.notify(user, "postcard", course, "1", PAYLOAD)

    @pytest.mark.parametrize(
        "payload",
        [
            {},
            {"title": "Plan", "colour": "red"},
            {"title": "Plan", "url": "javascript:alert(1)"},
            {"title": "Plan", "url": "//elsewhere.example/"},
            {"title": "Plan", "url": "plan/"},
            {"title": "Plan", "score": "ten"},
            {"title": "x" * 301},
        ],
    )
    def test_content_of_another_shape_is_a_mistake(
        self, payload: Any, user: Any, course: Course
    ) -> None:
        with pytest.raises(pydantic.ValidationError):
            actions.notify(user, KIND, course, "1", payload)
        assert not Notification.objects.exists()

    def test_the_signal_comes_once_for_all_after_commit(
        self, user: Any, course: Course, django_capture_on_commit_callbacks: Any
    ) -> None:
        people = [user, factories.make_user()]
        with received(notifications_sent) as calls:
            with django_capture_on_commit_callbacks(execute=True):
                told = tell(people, course)
                assert calls == []
        assert [(c["sender"], c["notifications"]) for c in calls] == [(Notification, told)]


class TestManyPeople:
    def test_the_number_of_queries_is_the_same_for_five_and_for_five_hundred(
        self, course: Course
    ) -> None:
        assert self.queries_for(5, course) == self.queries_for(500, course) <= 20

    def test_and_when_their_topics_exist_already(self, course: Course) -> None:
        people = [factories.make_user() for _ in range(60)]
        tell(people, course)
        with CaptureQueriesContext(connection) as queries:
            tell(people, course, "grade:1:2")
        assert len(queries) <= 20

    def queries_for(self, size: int, course: Course) -> int:
        user_model = type(factories.make_user())
        names = [f"crowd-{uuid.uuid4().hex}" for _ in range(size)]
        user_model.objects.bulk_create([user_model(username=name) for name in names])
        people = list(user_model.objects.filter(username__in=names))
        with CaptureQueriesContext(connection) as queries:
            assert len(tell(people, course)) == size
        return len(queries)


class TestSettling:
    def test_dismissing_puts_it_away_in_every_tab(self, user: Any, course: Course) -> None:
        (told,) = tell(user, course)
        with recorded() as said:
            assert actions.dismiss_notification(told)
        assert said == [(f"student-{user.pk}", "notification", told.pk)]
        assert Notification.objects.get().dismissed_at is not None

    def test_dismissing_twice_says_nothing_the_second_time(self, user: Any, course: Course) -> None:
        (told,) = tell(user, course)
        actions.dismiss_notification(told)
        with assert_no_pushes():
            assert not actions.dismiss_notification(told)

    def test_reading_keeps_it(self, user: Any, course: Course) -> None:
        (told,) = tell(user, course)
        assert actions.mark_read(told)
        assert not actions.mark_read(told)
        row = Notification.objects.open().get()
        assert not row.is_unread

    def test_all_of_a_person_are_dismissed_and_nobody_elses(
        self, user: Any, course: Course
    ) -> None:
        other = factories.make_user()
        tell([user, other], course)
        tell(user, course, "grade:2:1")
        with recorded() as said:
            assert actions.dismiss_notifications(user) == 2
        assert said == [(f"student-{user.pk}", "inbox", 0)]
        assert [row.user_id for row in Notification.objects.open()] == [other.pk]
        with assert_no_pushes():
            assert actions.dismiss_notifications(user) == 0

    def test_those_of_one_course_only(self, user: Any, course: Course) -> None:
        elsewhere = factories.make_course()
        tell(user, course)
        (kept,) = tell(user, elsewhere, "grade:2:1")
        assert actions.dismiss_notifications(user, course_id=course.pk) == 1
        assert list(Notification.objects.open()) == [kept]

    def test_one_that_came_meanwhile_stays(self, user: Any, course: Course) -> None:
        (seen,) = tell(user, course)
        (unseen,) = tell(user, course, "grade:2:1")
        assert actions.mark_all_read(user, up_to=seen.pk) == 1
        assert actions.dismiss_notifications(user, up_to=seen.pk) == 1
        assert list(Notification.objects.unread()) == [unseen]

    def test_choosing_to_see_scores_reaches_open_pages(self, user: Any) -> None:
        with recorded() as said:
            actions.choose_notifications(user, {}, show_scores=True)
        assert said == [(f"student-{user.pk}", "inbox", 0)]
        assert NotificationSettings.objects.get(user=user).show_scores
