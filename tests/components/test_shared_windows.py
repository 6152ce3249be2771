"""Two tabs of one window: what one is shown does not keep anything from the other."""

from __future__ import annotations

from typing import Any

import pytest

from tests import factories
from tests.rendering import patches_after
from wagtail_live_lms import actions
from wagtail_live_lms.components import CourseProgress
from wagtail_live_lms.components.course_progress import read_record
from wagtail_live_lms.live.log import changes_after
from wagtail_live_lms.live.topics import positions
from wagtail_live_lms.live.windows import Patch, Seat, Window
from wagtail_live_lms.models import Course, CourseInstructor, Enrolment
from wagtail_live_lms.testing import make_request, mount

pytestmark = pytest.mark.django_db


@pytest.fixture
def course() -> Course:
    return factories.make_course(3)


@pytest.fixture
def student(course: Course) -> Enrolment:
    return factories.make_student(course, "Ada Lovelace")


@pytest.fixture
def window(student: Enrolment) -> Window:
    component = CourseProgress(make_request(student.user), {"course_id": student.course_id})
    return Window(component.key, component, "en", tuple(component.topics()))


def sit(window: Window) -> None:
    """A tab opens."""
    seat = window.seats[object()] = Seat()  # type: ignore[index]
    window.take_snapshot(seat)


def look(window: Window, since: dict[str, Any]) -> list[Patch] | None:
    """One look of the hub at everything since."""
    memo: dict[Any, Any] = {}
    answers = [window.read(topic, batch, memo) for topic, batch in changes_after(since).items()]
    return None if None in answers else [patch for patches in answers for patch in patches or []]


class TestTwoTabs:
    def test_a_tab_that_opens_between_a_change_and_the_look_hides_nothing(
        self, window: Window, student: Enrolment
    ) -> None:
        sit(window)
        since = positions(window.topics)
        module = factories.modules_of(student.course)[0]
        actions.complete_module(student.user, module)
        sit(window)
        patches = look(window, since)
        assert patches is not None
        assert f"module-{module.pk}" in {patch.key for patch in patches}

    def test_patches_that_never_reached_the_tabs_are_made_up_for(
        self, window: Window, student: Enrolment
    ) -> None:
        sit(window)
        since = positions(window.topics)
        actions.complete_module(student.user, factories.modules_of(student.course)[0])
        assert look(window, since)
        assert look(window, since) is None

    def test_after_a_snapshot_for_all_the_window_starts_over(
        self, window: Window, student: Enrolment
    ) -> None:
        sit(window)
        first, second, _ = factories.modules_of(student.course)
        actions.complete_module(student.user, first)
        window.handed_out(is_owed=True)
        sit(window)
        since = positions(window.topics)
        actions.complete_module(student.user, second)
        patches = look(window, since)
        assert patches is not None
        assert [p.key for p in patches if "module-" in p.key] == [f"module-{second.pk}"]

    def test_before_the_first_snapshot_there_is_nothing_to_patch(
        self, window: Window, student: Enrolment
    ) -> None:
        since = positions(window.topics)
        actions.complete_module(student.user, factories.modules_of(student.course)[0])
        assert look(window, since) == []

    def test_a_window_that_owes_snapshots_to_all_asks_for_them_until_one_is_read(
        self, window: Window, student: Enrolment
    ) -> None:
        sit(window)
        since = positions(window.topics)
        actions.complete_module(student.user, factories.modules_of(student.course)[0])
        window.handed_out(is_owed=True)
        assert look(window, since) is None


def test_completions_are_of_the_version_they_are_shown_with(student: Enrolment) -> None:
    """Here they are read after a change that the enrolment in hand does not know."""
    module = factories.modules_of(student.course)[0]
    actions.complete_module(student.user, module)
    record = read_record(student)
    assert record.enrolment.version == Enrolment.objects.get(pk=student.pk).version
    assert set(record.progress) == {module.pk}


def test_who_left_and_returns_takes_a_snapshot(course: Course, student: Enrolment) -> None:
    teacher = factories.make_user()
    CourseInstructor.objects.create(course=course, user=teacher)
    dashboard = mount("instructor_dashboard", user=teacher, course_id=course.pk)
    assert patches_after(dashboard, lambda: actions.withdraw(student))
    assert patches_after(dashboard, lambda: actions.enrol(course, student.user)) is None
