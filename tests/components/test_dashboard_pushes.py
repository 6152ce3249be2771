"""What an open dashboard is sent: the row that changed, where it stands, and nothing else."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from tests import factories
from tests.quiz_taking import begin, given, hand_in
from tests.rendering import patches_after, texts
from wagtail_live_lms import actions
from wagtail_live_lms.components import InstructorDashboard
from wagtail_live_lms.live import Component, Message
from wagtail_live_lms.models import Course, Enrolment
from wagtail_live_lms.testing import mount

pytestmark = pytest.mark.django_db


@pytest.fixture
def instructor() -> Any:
    return factories.make_user("Grace Hopper")


@pytest.fixture
def course(instructor: Any) -> Course:
    return factories.make_course(4, instructors=[instructor])


@pytest.fixture
def student(course: Course) -> Enrolment:
    factories.make_student(course, "Zoe Z")
    return factories.make_student(course, "Ada A")


def dashboard(instructor: Any, course: Course, **params: Any) -> Component:
    return mount("instructor_dashboard", user=instructor, course_id=course.pk, **params)


def do_one(student: Enrolment) -> None:
    factories.complete(student, factories.modules_of(student.course)[0])


def html_of(patches: Any) -> list[str]:
    assert patches is not None
    return [patch.html for patch in patches if patch.html is not None]


class TestOneRow:
    def test_a_completion_sends_that_students_row_and_nothing_else(
        self, instructor: Any, course: Course, student: Enrolment
    ) -> None:
        (row,) = html_of(patches_after(dashboard(instructor, course), lambda: do_one(student)))
        assert row.startswith(f'<tr id="student-{student.user_id}" data-pct="25"')
        assert f'data-v="{student.version}"' in row
        assert "1 of 4" in row

    @pytest.mark.parametrize("view", ["table", "matrix", "quizzes"])
    def test_it_is_the_row_a_reload_would_show(
        self, instructor: Any, course: Course, student: Enrolment, view: str
    ) -> None:
        factories.make_quiz(course)
        component = dashboard(instructor, course, view=view)
        (row,) = html_of(patches_after(component, lambda: do_one(student)))
        assert row.strip() in dashboard(instructor, course, view=view).html

    @pytest.mark.parametrize("view", ["table", "matrix", "quizzes"])
    @pytest.mark.parametrize("name", ["Ada Lovelace", "Жанна " + "Д" * 60, "&" * 60])
    def test_a_row_is_at_most_one_kilobyte(self, instructor: Any, view: str, name: str) -> None:
        course = factories.make_course(12, instructors=[instructor])
        student = factories.make_student(course, name)
        quizzes = [factories.make_quiz(course, title=name * 3) for _ in range(12)]
        for quiz in quizzes:
            hand_in(quiz, "a", "a", enrolment=student)
        component = dashboard(instructor, course, view=view)
        (row,) = html_of(patches_after(component, lambda: do_one(student)))
        assert len(row.encode()) <= 1024

    def test_it_carries_nobodys_session(
        self, instructor: Any, course: Course, student: Enrolment
    ) -> None:
        (row,) = html_of(patches_after(dashboard(instructor, course), lambda: do_one(student)))
        assert "csrf" not in row.lower()
        assert "params" not in row

    @pytest.mark.parametrize("view", ["table", "matrix", "quizzes"])
    def test_it_is_read_once_however_many_windows_show_it(
        self, instructor: Any, course: Course, student: Enrolment, view: str
    ) -> None:
        do_one(student)
        sorts = ["name", "-name", "progress", "activity"]
        windows = [dashboard(instructor, course, view=view, sort=sort) for sort in sorts]
        counts = []
        for shown in (windows[:1], windows):
            with CaptureQueriesContext(connection) as queries:
                records = InstructorDashboard.load_changes("", "enrolment", [student.pk])
                message = Message("", 1, "enrolment", student.pk, records[student.pk])
                for window in shown:
                    assert all(fragment.html() for fragment in window.on_ws_message(message))
            counts.append(len(queries))
        assert counts[0] == counts[1] <= 3

    def test_two_windows_share_one_rendering(
        self, instructor: Any, course: Course, student: Enrolment
    ) -> None:
        first, second = dashboard(instructor, course), dashboard(instructor, course, q="a")
        records = InstructorDashboard.load_changes("", "enrolment", [student.pk])
        message = Message("", 1, "enrolment", student.pk, records[student.pk])
        rows = [next(iter(c.on_ws_message(message))).html() for c in (first, second)]
        assert rows[0] is rows[1]

    def test_it_speaks_the_pages_language(
        self, instructor: Any, course: Course, student: Enrolment
    ) -> None:
        component = dashboard(instructor, course)
        (row,) = html_of(patches_after(component, lambda: do_one(student), language="de"))
        with translation.override("de"):
            assert row.strip() in dashboard(instructor, course).html
        assert row.strip() not in dashboard(instructor, course).html

    def test_a_new_name_is_shown_in_place(
        self, instructor: Any, course: Course, student: Enrolment
    ) -> None:
        student.user.last_name = "Zz"
        (row,) = html_of(patches_after(dashboard(instructor, course), student.user.save))
        assert "Ada Zz" in row


class TestQuizzes:
    def test_an_attempt_shows_the_moment_it_begins_and_ends(
        self, instructor: Any, course: Course, student: Enrolment
    ) -> None:
        quiz = factories.make_quiz(course, title="Loops")
        (row,) = html_of(patches_after(dashboard(instructor, course), lambda: begin(quiz, student)))
        assert cell_of(row).startswith("–Loops#1 · in progress")
        running = begin(quiz, student)
        (row,) = html_of(
            patches_after(
                dashboard(instructor, course),
                lambda: actions.submit_attempt(running, given("a", "b")),
            )
        )
        assert cell_of(row).startswith("50 %Loops#1 · 50 %")

    def test_a_long_answer_waits(self, instructor: Any, course: Course, student: Enrolment) -> None:
        quiz = factories.make_quiz(course, [factories.question("long_answer", "q1")], title="Why")
        running = begin(quiz, student)
        (row,) = html_of(
            patches_after(
                dashboard(instructor, course),
                lambda: actions.submit_attempt(running, given("Because")),
            )
        )
        assert cell_of(row).startswith("–Why#1 · to be graded")

    def test_the_view_of_quizzes_shows_the_score_that_counts(
        self, instructor: Any, course: Course, student: Enrolment
    ) -> None:
        titles = ("Loops", "Maps", "Sets", "Tuples")
        loops, maps, sets, _tuples = (factories.make_quiz(course, title=t) for t in titles)
        hand_in(loops, "a", "b", enrolment=student)
        begin(sets, student)
        running = begin(maps, student)
        component = dashboard(instructor, course, view="quizzes")
        assert texts(component.html, "//th[contains(@class, '__quiz')]") == list(titles)
        (row,) = html_of(
            patches_after(component, lambda: actions.submit_attempt(running, given("a", "a")))
        )
        assert texts(row, "//td") == ["75 %", "50", "100 ✓", "begun", "–"]

    def test_a_course_without_quizzes_says_so(self, instructor: Any, course: Course) -> None:
        factories.make_student(course)
        assert "no published quiz yet" in dashboard(instructor, course, view="quizzes").html


def cell_of(row: str) -> str:
    (cell,) = texts(row, "//td[small]")
    return cell


class TestOrder:
    @pytest.mark.parametrize("sort", ["name", "-name"])
    def test_sorted_by_name_a_completion_moves_nobody(
        self, instructor: Any, course: Course, student: Enrolment, sort: str
    ) -> None:
        component = dashboard(instructor, course, sort=sort)
        assert len(html_of(patches_after(component, lambda: do_one(student)))) == 1

    @pytest.mark.parametrize("sort", ["progress", "-progress", "activity", "-activity"])
    def test_otherwise_the_row_stays_put_and_a_refresh_is_offered(
        self, instructor: Any, course: Course, student: Enrolment, sort: str
    ) -> None:
        component = dashboard(instructor, course, sort=sort)
        row, note = html_of(patches_after(component, lambda: do_one(student)))
        assert row.startswith(f'<tr id="student-{student.user_id}"')
        assert f'id="{component.element_id}-order"' in note
        assert "The order has changed" in note
        assert f'href="?sort={sort}"' in note


class TestBesideTheWindow:
    @pytest.fixture
    def course(self, instructor: Any, settings: Any) -> Course:
        settings.WAGTAIL_LIVE_LMS = {"WINDOW_SIZE": 2}
        course = factories.make_course(4, instructors=[instructor])
        for name in ("Ada", "Ben", "Cy"):
            factories.make_student(course, name)
        return course

    def test_a_row_on_another_page_is_not_even_rendered(
        self, instructor: Any, course: Course
    ) -> None:
        other = course.enrolments.get(display_name="Cy")
        component = dashboard(instructor, course)
        patches = patches_after(component, lambda: do_one(other))
        assert patches is not None
        assert [patch.html for patch in patches] == [None]

    @pytest.mark.parametrize(
        ("count", "words"),
        [(1, "1 more update on other pages"), (3, "3 more updates on other pages")],
    )
    def test_it_is_only_counted(
        self, instructor: Any, course: Course, count: int, words: str
    ) -> None:
        component = dashboard(instructor, course, sort="-name")
        fragment = component.elsewhere(count)
        assert fragment is not None
        note = fragment.html()
        assert words in note
        assert f'id="{component.element_id}-elsewhere"' in note
        assert 'href="?sort=-name"' in note

    def test_somebody_new_is_counted_while_the_page_is_full(
        self, instructor: Any, course: Course
    ) -> None:
        component = dashboard(instructor, course)
        patches = patches_after(component, lambda: factories.make_student(course, "Dee"))
        assert patches is not None
        assert [patch.html for patch in patches] == [None]

    def test_on_the_last_of_several_pages_somebody_new_is_counted(
        self, instructor: Any, course: Course
    ) -> None:
        component = dashboard(instructor, course, page=2)
        patches = patches_after(component, lambda: factories.make_student(course, "Dee"))
        assert patches is not None
        assert [patch.html for patch in patches] == [None]

    def test_a_search_waits_for_a_refresh(self, instructor: Any, course: Course) -> None:
        component = dashboard(instructor, course, q="cy")
        assert patches_after(component, lambda: factories.make_student(course, "Cyril")) is not None


class TestWhoComesAndGoes:
    def test_the_first_student_takes_a_snapshot(self, instructor: Any, course: Course) -> None:
        component = dashboard(instructor, course)
        assert patches_after(component, lambda: factories.make_student(course)) is None

    @pytest.mark.parametrize("view", ["table", "matrix"])
    def test_who_withdraws_is_taken_off(
        self, instructor: Any, course: Course, student: Enrolment, view: str
    ) -> None:
        component = dashboard(instructor, course, view=view)
        (row,) = html_of(patches_after(component, lambda: actions.withdraw(student)))
        assert "data-live-delete" in row
        assert f'id="student-{student.user_id}"' in row
        assert "Ada" not in row

    def test_a_deleted_account_on_the_page_takes_a_snapshot(
        self, instructor: Any, course: Course, student: Enrolment
    ) -> None:
        component = dashboard(instructor, course)
        assert patches_after(component, student.user.delete) is None
        component.load()
        assert "Ada" not in component.html

    def test_a_deleted_account_sends_other_windows_anew_too(
        self, instructor: Any, course: Course, student: Enrolment
    ) -> None:
        component = dashboard(instructor, course, q="zoe")
        assert patches_after(component, student.user.delete) is None

    def test_changed_modules_take_a_snapshot(
        self, instructor: Any, course: Course, student: Enrolment
    ) -> None:
        component = dashboard(instructor, course)
        first = factories.modules_of(course)[0]
        assert patches_after(component, lambda: actions.archive_module(first)) is None


class TestFigures:
    def test_they_are_read_once_for_all_windows_of_a_course(
        self, instructor: Any, course: Course, student: Enrolment, django_assert_num_queries: Any
    ) -> None:
        windows = [dashboard(instructor, course), dashboard(instructor, course, q="a")]
        memo: dict[Any, Any] = {}

        def once(key: Any, make: Any) -> Any:
            if key not in memo:
                memo[key] = make()
            return memo[key]

        do_one(student)
        with django_assert_num_queries(2):
            pushed = [f.html() for window in windows for f in window.on_tick(once)]
        assert len(pushed) == 2
        for window, html in zip(windows, pushed, strict=True):
            assert f'id="{window.element_id}-figures"' in html
            assert "12 % average progress" in html

    def test_the_snapshot_leaves_what_is_being_typed_alone(
        self, instructor: Any, course: Course
    ) -> None:
        component = dashboard(instructor, course)
        snapshot = component.render_snapshot()
        assert "<input" not in snapshot
        assert str(snapshot).strip() in component.html
