"""Notices on a page: what they show and hide, what moves, and that they are nobody else's."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from tests import factories
from tests.rendering import element, ids_of, patches_after, render_component, texts
from wagtail_live_lms import access, actions
from wagtail_live_lms.components.grade_notification import SHOWN, GradeNotification
from wagtail_live_lms.live import RESNAPSHOT, Component, Message, NotFound
from wagtail_live_lms.models import Course, Notification
from wagtail_live_lms.testing import (
    assert_permission_denied,
    assert_state,
    dispatch_event,
    mount,
)

pytestmark = pytest.mark.django_db

ROOT = '//section[@data-live-component="grade_notification"]'


@pytest.fixture
def course() -> Course:
    return factories.make_course(title="Knots")


@pytest.fixture
def user(course: Course) -> Any:
    return factories.make_student(course, "Ada Lovelace").user


def tell(user: Any, course: Course, number: int = 1, **payload: Any) -> Notification:
    content = {"title": f"Plan {number}", "url": "/plan/", "score": "7.50", "maximum": "10"}
    (told,) = actions.notify(user, "grade_posted", course, f"grade:{number}:1", content | payload)
    return told


def shown(component: Component) -> list[str]:
    return [notice.title for notice in component.state["notices"]]


class TestWhatItShows:
    def test_each_notice_with_its_course_and_link(self, user: Any, course: Course) -> None:
        told = tell(user, course)
        html = render_component(user, "grade_notification")
        assert element(html, ROOT).get("data-unread") == "1"
        row = element(html, f'//li[@data-notification="{told.pk}"]')
        assert "“Plan 1” has been graded." in row.text_content()
        assert "Knots" in row.text_content()
        assert row.xpath(".//a/@href") == ["/plan/"]

    def test_the_newest_first(self, user: Any, course: Course) -> None:
        tell(user, course, 1)
        tell(user, course, 2)
        assert shown(mount("grade_notification", user=user)) == ["Plan 2", "Plan 1"]

    def test_nothing_new_is_said_too(self, user: Any) -> None:
        html = render_component(user, "grade_notification")
        assert element(html, ROOT).get("data-unread") == "0"
        assert "Nothing new" in html

    def test_a_score_is_behind_a_button_unless_the_person_wants_to_see_it(
        self, user: Any, course: Course
    ) -> None:
        tell(user, course)
        (hidden,) = texts(render_component(user, "grade_notification"), "//li//details")
        assert hidden == "Show score 7.5 of 10"
        actions.choose_notifications(user, {}, show_scores=True)
        html = render_component(user, "grade_notification")
        assert texts(html, "//li//details") == []
        assert "7.5 of 10" in html

    @pytest.mark.parametrize(
        ("score", "maximum", "words"),
        [
            ("0", "10", "0 of 10"),
            ("7.00", None, "7"),
            (None, "10", ""),
            ("100", "100", "100 of 100"),
        ],
    )
    def test_scores_in_words(
        self, score: Any, maximum: Any, words: str, user: Any, course: Course
    ) -> None:
        assert tell(user, course, score=score, maximum=maximum).score == words

    def test_numbers_are_written_as_the_language_does(self, user: Any, course: Course) -> None:
        told = tell(user, course)
        with translation.override("de"):
            assert "7,5" in told.score

    def test_a_notice_without_score_or_link_offers_none(self, user: Any, course: Course) -> None:
        tell(user, course, score=None, url="", text="Look at line 3.", sender="Grace Hopper")
        html = render_component(user, "grade_notification")
        (row,) = texts(html, "//li[@data-notification]")
        assert "Look at line 3." in row
        assert "Grace Hopper" in row
        assert texts(html, "//li//a") == texts(html, "//li//details") == []

    def test_what_people_wrote_is_escaped(self, user: Any, course: Course) -> None:
        tell(user, course, title="<script>alert(1)</script>", text="<img src=x>")
        html = render_component(user, "grade_notification")
        assert "<script" not in html
        assert "<img" not in html

    def test_of_one_course_where_it_is_asked_for(self, user: Any, course: Course) -> None:
        tell(user, factories.make_course(), 1)
        tell(user, course, 2)
        component = mount("grade_notification", user=user, course_id=course.pk)
        assert shown(component) == ["Plan 2"]
        assert_state(component, unread=1)

    def test_a_kind_whose_package_has_gone_reads_like_its_title(
        self, user: Any, course: Course
    ) -> None:
        told = tell(user, course)
        Notification.objects.update(kind="postcard")
        told.refresh_from_db()
        assert told.sentence == "Plan 1"

    def test_many_are_counted_and_the_newest_listed(self, user: Any, course: Course) -> None:
        for number in range(SHOWN + 5):
            tell(user, course, number)
        component = mount("grade_notification", user=user)
        assert_state(component, unread=SHOWN + 5, older=5)
        assert len(shown(component)) == SHOWN
        assert "5 older notifications" in component.html

    def test_the_number_of_queries_does_not_grow(self, user: Any, course: Course) -> None:
        counts = []
        for number in range(3):
            tell(user, course, number)
            with CaptureQueriesContext(connection) as queries:
                render_component(user, "grade_notification")
            counts.append(len(queries))
        assert len(set(counts)) == 1


class TestWhatItDoes:
    def test_dismissing_one(self, user: Any, course: Course) -> None:
        told = tell(user, course)
        component = dispatch_event(
            "grade_notification", "dismiss", {"notification_id": told.pk}, user=user
        )
        assert_state(component, unread=0, notices=[])

    def test_dismissing_what_another_tab_dismissed_is_fine(self, user: Any, course: Course) -> None:
        told = tell(user, course)
        for _ in range(2):
            dispatch_event("grade_notification", "dismiss", {"notification_id": told.pk}, user=user)

    def test_dismissing_all_leaves_what_came_meanwhile(self, user: Any, course: Course) -> None:
        seen = tell(user, course, 1)
        tell(user, course, 2)
        component = dispatch_event(
            "grade_notification", "dismiss_all", {"up_to": seen.pk}, user=user
        )
        assert shown(component) == ["Plan 2"]

    def test_reading_one_and_all(self, user: Any, course: Course) -> None:
        first = tell(user, course, 1)
        tell(user, course, 2)
        component = dispatch_event(
            "grade_notification", "mark_read", {"notification_id": first.pk}, user=user
        )
        assert_state(component, unread=1)
        component = dispatch_event("grade_notification", "mark_read", user=user)
        assert_state(component, unread=0)
        assert shown(component) == ["Plan 2", "Plan 1"]

    @pytest.mark.parametrize("event", ["dismiss", "mark_read"])
    def test_anothers_notice_does_not_exist(self, event: str, user: Any, course: Course) -> None:
        told = tell(user, course)
        other = factories.make_student(course).user
        assert_permission_denied(
            "grade_notification", event, {"notification_id": told.pk}, user=other
        )
        assert Notification.objects.unread().count() == 1

    def test_nobody_is_nobody(self) -> None:
        assert_permission_denied("grade_notification", user=None)


class TestWhatMoves:
    def test_a_notice_arrives(self, user: Any, course: Course) -> None:
        component = mount("grade_notification", user=user)
        patches = patches_after(component, lambda: tell(user, course))
        root = component.element_id
        told = Notification.objects.get()
        assert ids_of(patches) == [f"{root}-bell", f"{root}-notice-{told.pk}", f"{root}-foot"]
        assert 'data-live-root-unread="1"' in str(patches[0].html)  # type: ignore[index]
        assert_state(component, unread=1)
        assert shown(component) == ["Plan 1"]

    def test_its_fragments_carry_no_token_of_the_session(self, user: Any, course: Course) -> None:
        component = mount("grade_notification", user=user)
        patches = patches_after(component, lambda: tell(user, course)) or []
        assert not any("csrf" in str(patch.html) for patch in patches)

    def test_what_another_tab_dismissed_goes(self, user: Any, course: Course) -> None:
        first, _ = tell(user, course, 1), tell(user, course, 2)
        component = mount("grade_notification", user=user)
        patches_after(component, lambda: actions.dismiss_notification(first))
        assert shown(component) == ["Plan 2"]

    def test_the_notice_alone_is_sent_however_many_are_listed(
        self, user: Any, course: Course
    ) -> None:
        first = tell(user, course, 1)
        component = mount("grade_notification", user=user)
        patches = patches_after(component, lambda: tell(user, course, 2)) or []
        html = "".join(str(patch.html) for patch in patches)
        assert "Plan 2" in html
        assert "Plan 1" not in html
        assert f'data-live-first-in="{component.element_id}-rows"' in html
        patches = patches_after(component, lambda: actions.mark_read(first)) or []
        html = "".join(str(patch.html) for patch in patches)
        assert "Plan 1" in html
        assert "data-live-first-in" not in html
        patches = patches_after(component, lambda: actions.dismiss_notification(first)) or []
        assert f'notice-{first.pk}" data-live-delete' in "".join(str(p.html) for p in patches)

    def test_one_that_was_committed_late_is_put_where_it_belongs(
        self, user: Any, course: Course
    ) -> None:
        late = tell(user, course, 1)
        tell(user, course, 2)
        component = mount("grade_notification", user=user)
        component.state["notices"].remove(late)
        message = Message(component.topics()[0], 9, "notification", late.pk, late)
        assert component.on_ws_message(message) is RESNAPSHOT

    def test_many_at_once_are_read_anew(self, user: Any, course: Course) -> None:
        tell(user, course)
        component = mount("grade_notification", user=user)
        assert patches_after(component, lambda: actions.dismiss_notifications(user)) is None

    def test_more_than_are_listed_are_read_anew(self, user: Any, course: Course) -> None:
        for number in range(SHOWN):
            tell(user, course, number)
        component = mount("grade_notification", user=user)
        assert patches_after(component, lambda: tell(user, course, 99)) is None

    def test_another_courses_notice_moves_nothing(self, user: Any, course: Course) -> None:
        component = mount("grade_notification", user=user, course_id=course.pk)
        elsewhere = factories.make_course()
        assert patches_after(component, lambda: tell(user, elsewhere)) == []

    def test_a_completion_moves_nothing(self, user: Any, course: Course) -> None:
        component = mount("grade_notification", user=user)
        module = factories.modules_of(course)[0]
        assert patches_after(component, lambda: actions.complete_module(user, module)) == []

    def test_patched_or_read_anew_it_is_the_same(self, user: Any, course: Course) -> None:
        component = mount("grade_notification", user=user)
        first = tell(user, course, 1)
        patches_after(component, lambda: tell(user, course, 2))
        for action in (actions.mark_read, actions.dismiss_notification):
            patches_after(component, lambda action=action: action(first))  # type: ignore[misc]
        tell_again = mount("grade_notification", user=user)
        assert shown(component) == shown(tell_again)
        assert component.state["unread"] == tell_again.state["unread"]

    def test_whatever_a_topic_says_nobody_sees_what_is_not_theirs(
        self, user: Any, course: Course
    ) -> None:
        other = factories.make_student(course).user
        told = tell(user, course)
        topic = f"student-{other.pk}"
        rows = GradeNotification.load_changes(topic, "notification", [told.pk])
        assert rows == {}
        component = mount("grade_notification", user=other)
        message = Message(topic, 1, "notification", told.pk, rows.get(told.pk))
        assert list(component.on_ws_message(message)) == []  # type: ignore[arg-type]


def test_a_closed_account_reads_nothing(user: Any) -> None:
    user.is_active = False
    assert_permission_denied("grade_notification", user=user)


def test_the_gate_refuses_those_who_are_nobody(course: Course) -> None:
    for read in (
        access.get_notifications_for,
        lambda user: access.get_notification_for(user, 1),
        access.get_notification_settings_for,
        access.get_notification_choices_for,
        access.get_notifying_courses_for,
        access.get_browsers_for,
    ):
        with pytest.raises(NotFound):
            read(AnonymousUser())
