"""The dashboard: the window of the roster that the URL asks for."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests import factories
from tests.quiz_taking import begin, hand_in
from tests.rendering import element, render_component, texts
from wagtail_live_lms import actions
from wagtail_live_lms.models import Course, CourseTotals, Enrolment, Submission
from wagtail_live_lms.testing import mount

pytestmark = pytest.mark.django_db


@pytest.fixture
def instructor() -> Any:
    return factories.make_user("Grace Hopper")


@pytest.fixture
def course(instructor: Any) -> Course:
    return factories.make_course(4, instructors=[instructor])


def add_class(course: Course) -> dict[str, Enrolment]:
    """Ada has not begun, Ben is half-way, Cy has finished and was active last."""
    modules = factories.modules_of(course)
    people = {name: factories.make_student(course, f"{name} Z") for name in ("Ben", "Cy", "Ada")}
    factories.complete(people["Ben"], *modules[:2])
    factories.complete(people["Cy"], *modules)
    return people


def names_on(html: str) -> list[str]:
    return [text.removesuffix(" Z") for text in texts(html, '//tbody//th[@scope="row"]')]


def show(instructor: Any, course: Course, query: str = "") -> str:
    return render_component(instructor, "instructor_dashboard", query, course_id=course.pk)


class TestRows:
    def test_every_enrolled_student_is_listed_even_at_zero(
        self, instructor: Any, course: Course
    ) -> None:
        people = add_class(course)
        html = show(instructor, course)
        assert names_on(html) == ["Ada", "Ben", "Cy"]
        for name, percent in {"Ada": "0", "Ben": "50", "Cy": "100"}.items():
            enrolment = Enrolment.objects.get(pk=people[name].pk)
            row = element(html, f'//tr[@id="student-{enrolment.user_id}"]')
            assert row.get("data-pct") == percent
            assert row.get("data-v") == str(enrolment.version)

    def test_a_row_says_what_was_done_and_when_and_how_it_stands(
        self, instructor: Any, course: Course
    ) -> None:
        people = add_class(course)
        html = show(instructor, course)
        ada, ben, cy = (
            " ".join(
                element(html, f'//tr[@id="student-{people[name].user_id}"]').text_content().split()
            )
            for name in ("Ada", "Ben", "Cy")
        )
        assert "0 of 4" in ada
        assert "never" in ada
        assert "Not started" in ada
        assert "2 of 4" in ben
        assert "In progress" in ben
        assert "Finished" in cy

    def test_overdue_attempts_are_settled_when_somebody_looks(
        self, instructor: Any, course: Course
    ) -> None:
        mine, foreign = (begin(factories.make_quiz(c)) for c in (course, factories.make_course()))
        actions.save_answer(mine, "q1", actions.Given("a", 5))
        Submission.objects.update(deadline=timezone.now() - timedelta(minutes=1))
        html = show(instructor, course, "?view=quizzes")
        row = element(html, f'//tr[@id="student-{mine.enrolment.user_id}"]')
        assert "50" in row.text_content()
        assert list(Submission.objects.open()) == [foreign]

    def test_those_who_left_are_not_listed(self, instructor: Any, course: Course) -> None:
        actions.withdraw(add_class(course)["Ben"])
        assert names_on(show(instructor, course)) == ["Ada", "Cy"]

    def test_names_are_escaped(self, instructor: Any, course: Course) -> None:
        factories.make_student(course, "<img src=x onerror=alert(1)>")
        assert "<img" not in show(instructor, course)

    def test_students_of_other_courses_are_not_listed(
        self, instructor: Any, course: Course
    ) -> None:
        factories.make_student(factories.make_course(), "Mallory M")
        assert names_on(show(instructor, course)) == []


class TestFigures:
    def test_they_sum_the_course_up(self, instructor: Any, course: Course) -> None:
        people = add_class(course)
        long_ago = timezone.now() - timedelta(hours=2)
        Enrolment.objects.filter(pk=people["Cy"].pk).update(
            enrolled_at=long_ago, last_activity=long_ago + timedelta(hours=1)
        )
        html = show(instructor, course)
        assert dict(zip(texts(html, "//dl//dt"), texts(html, "//dl//dd"), strict=True)) == {
            "enrolled": "3",
            "average progress": "50 %",
            "finished": "1",
            "active now": "1",
        }

    def test_they_do_not_depend_on_the_search(self, instructor: Any, course: Course) -> None:
        add_class(course)
        assert texts(show(instructor, course, "?q=ada"), "//dl//dd")[0] == "3"


class TestSorting:
    @pytest.mark.parametrize(
        ("sort", "names"),
        [
            ("name", ["Ada", "Ben", "Cy"]),
            ("-name", ["Cy", "Ben", "Ada"]),
            ("progress", ["Ada", "Ben", "Cy"]),
            ("-progress", ["Cy", "Ben", "Ada"]),
            ("activity", ["Ada", "Ben", "Cy"]),
            ("-activity", ["Cy", "Ben", "Ada"]),
        ],
    )
    def test_each_order(self, instructor: Any, course: Course, sort: str, names: list[str]) -> None:
        add_class(course)
        html = show(instructor, course, f"?sort={sort}")
        assert names_on(html) == names

    def test_equals_are_in_the_order_of_their_names(self, instructor: Any, course: Course) -> None:
        for name in ("Cy", "Ada", "Ben"):
            factories.make_student(course, name)
        assert names_on(show(instructor, course, "?sort=progress")) == ["Ada", "Ben", "Cy"]
        assert names_on(show(instructor, course, "?sort=-progress")) == ["Cy", "Ben", "Ada"]

    def test_each_heading_says_its_order_and_turns_it(
        self, instructor: Any, course: Course
    ) -> None:
        add_class(course)
        html = show(instructor, course, "?sort=progress&q=z")
        headings = {
            " ".join(th.text_content().split()): th
            for th in element(html, "//thead/tr").xpath("./th[@aria-sort]")
        }
        assert {name: th.get("aria-sort") for name, th in headings.items()} == {
            "Student": "none",
            "Progress": "ascending",
            "Last activity": "none",
        }
        assert headings["Progress"].xpath("./a/@href") == ["?q=z&sort=-progress"]
        assert headings["Student"].xpath("./a/@href") == ["?q=z"]
        turned = show(instructor, course, "?sort=-progress")
        assert 'aria-sort="descending"' in turned
        assert 'href="?sort=progress"' in turned


class TestSearchAndFilter:
    @pytest.mark.parametrize(
        ("query", "names"),
        [
            ("?q=ada", ["Ada"]),
            ("?q=%20ADA%20", ["Ada"]),
            ("?q=z", ["Ada", "Ben", "Cy"]),
            ("?q=%25", []),
            ("?show=finished", ["Cy"]),
            ("?show=unfinished", ["Ben"]),
            ("?show=not_started", ["Ada"]),
            ("?show=active", ["Ben", "Cy"]),
            ("?show=active&q=c", ["Cy"]),
        ],
    )
    def test_only_those_who_match(
        self, instructor: Any, course: Course, query: str, names: list[str]
    ) -> None:
        add_class(course)
        assert names_on(show(instructor, course, query)) == names

    def test_the_form_keeps_what_was_asked(self, instructor: Any, course: Course) -> None:
        add_class(course)
        html = show(instructor, course, "?q=%22b%22&show=active&sort=-name&view=matrix")
        assert element(html, '//input[@name="q"]').get("value") == '"b"'
        assert element(html, '//select[@name="show"]/option[@selected]').get("value") == "active"
        assert element(html, '//input[@name="view"]').get("value") == "matrix"
        assert element(html, '//input[@name="sort"]').get("value") == "-name"

    def test_nobody_matches(self, instructor: Any, course: Course) -> None:
        add_class(course)
        html = show(instructor, course, "?q=nobody")
        assert "No student matches." in html
        assert "<table" not in html

    def test_nobody_is_enrolled(self, instructor: Any, course: Course) -> None:
        html = show(instructor, course)
        assert "Nobody is enrolled yet." in html
        assert "<table" not in html

    def test_a_course_that_was_never_counted_shows_zeros(self, instructor: Any) -> None:
        course = factories.make_course(instructors=[instructor])
        CourseTotals.objects.all().delete()
        assert texts(show(instructor, course), "//dl//dd") == ["0", "0 %", "0", "0"]


class TestPaging:
    @pytest.fixture
    def course(self, instructor: Any) -> Course:
        course = factories.make_course(1, instructors=[instructor])
        factories.make_roster(course, 101)
        return course

    @pytest.mark.parametrize(
        ("page", "first", "rows", "label"),
        [
            ("1", "Student 0000", 50, "1 to 50 of 101"),
            ("2", "Student 0050", 50, "51 to 100 of 101"),
            ("3", "Student 0100", 1, "101 to 101 of 101"),
            ("99", "Student 0100", 1, "101 to 101 of 101"),
        ],
    )
    def test_fifty_at_a_time(
        self, instructor: Any, course: Course, page: str, first: str, rows: int, label: str
    ) -> None:
        html = show(instructor, course, f"?page={page}")
        names = names_on(html)
        assert (names[0], len(names)) == (first, rows)
        assert label in html

    def test_links_lead_to_the_neighbours_and_keep_the_rest(
        self, instructor: Any, course: Course
    ) -> None:
        html = show(instructor, course, "?page=2&q=student&sort=-name")
        previous, following = (element(html, f'//a[@rel="{rel}"]') for rel in ("prev", "next"))
        assert previous.get("href") == "?q=student&sort=-name"
        assert following.get("href") == "?q=student&sort=-name&page=3"
        assert following.get("hx-push-url") == "true"
        assert 'rel="prev"' not in show(instructor, course)
        assert 'rel="next"' not in show(instructor, course, "?page=3")

    def test_pages_of_a_search_are_counted_among_those_who_match(
        self, instructor: Any, course: Course
    ) -> None:
        html = show(instructor, course, "?show=finished")
        assert "1 to 34 of 34" in html
        assert 'rel="next"' not in html

    @pytest.mark.parametrize(("size", "rows"), [(7, 7), (0, 1), (-3, 1), (1000, 100)])
    def test_the_window_is_bounded_whatever_the_setting(
        self, instructor: Any, course: Course, settings: Any, size: int, rows: int
    ) -> None:
        settings.WAGTAIL_LIVE_LMS = {"WINDOW_SIZE": size}
        assert len(names_on(show(instructor, course))) == rows


@pytest.mark.parametrize(
    "query",
    [
        "?page=0",
        "?page=-1",
        "?page=abc",
        "?page=",
        "?page=99999999999999999999",
        "?sort=nonsense",
        "?sort=--name",
        "?show=%27;drop",
        "?view=cards",
        "?q=" + "x" * 201,
        "?q=%00",
        "?course_id=999&unknown=1",
        "?page=2&sort=bad&show=bad&view=bad",
    ],
)
def test_a_url_nobody_understands_shows_the_plain_roster(
    instructor: Any, course: Course, query: str
) -> None:
    add_class(course)
    assert names_on(show(instructor, course, query)) == ["Ada", "Ben", "Cy"]


def test_a_bad_value_leaves_the_good_ones_in_force(instructor: Any, course: Course) -> None:
    add_class(course)
    assert names_on(show(instructor, course, "?page=abc&sort=-name")) == ["Cy", "Ben", "Ada"]


class TestMatrix:
    def test_students_by_modules(self, instructor: Any, course: Course) -> None:
        people = add_class(course)
        html = show(instructor, course, "?view=matrix")
        assert texts(html, '//th[contains(@class, "live-lms-matrix__module")]') == [
            f"Module {number}" for number in range(1, 5)
        ]
        row = element(html, f'//tr[@id="student-{people["Ben"].user_id}"]')
        cells = [cell.text_content() for cell in row.xpath("./td")[1:]]
        assert cells == ["done", "done", "open", "open"]

    def test_archived_modules_have_no_column(self, instructor: Any, course: Course) -> None:
        people = add_class(course)
        actions.archive_module(factories.modules_of(course)[0])
        html = show(instructor, course, "?view=matrix")
        assert "Module 1" not in html
        row = element(html, f'//tr[@id="student-{people["Ben"].user_id}"]')
        assert row.get("data-pct") == "33"
        cells = [cell.text_content() for cell in row.xpath("./td")[1:]]
        assert cells == ["done", "open", "open"]


class TestQueries:
    @pytest.mark.parametrize(
        "query", ["", "?q=student", "?view=matrix", "?view=quizzes", "?show=active&page=2"]
    )
    def test_their_number_is_the_same_for_any_roster(self, query: str) -> None:
        counts = [self.queries_with(size, query) for size in (10, 300)]
        assert counts[0] == counts[1]
        assert counts[0] <= 10

    def test_a_plain_dashboard_takes_eight_at_most(self) -> None:
        assert self.queries_with(300, "") <= 8

    def queries_with(self, size: int, query: str) -> int:
        instructor = factories.make_user()
        course = factories.make_course(2, instructors=[instructor])
        factories.make_roster(course, size)
        quiz = factories.make_quiz(course)
        for enrolment in course.enrolments.all()[:4]:
            hand_in(quiz, "a", "a", enrolment=enrolment)
        with CaptureQueriesContext(connection) as queries:
            html = show(instructor, course, query)
        assert "Student 0003" in html or "page=2" in query
        return len(queries)


def test_it_is_one_page_of_bounded_size_whatever_the_roster(instructor: Any) -> None:
    course = factories.make_course(2, instructors=[instructor])
    factories.make_roster(course, 300)
    html = show(instructor, course)
    assert len(names_on(html)) == 50
    assert len(html.encode()) < 60_000


def test_the_export_is_linked(instructor: Any, course: Course) -> None:
    assert f'href="/live-lms/courses/{course.pk}/students.csv"' in show(instructor, course)


def test_the_state_is_what_the_url_asked_for(instructor: Any, course: Course) -> None:
    component = mount(
        "instructor_dashboard", user=instructor, course_id=course.pk, sort="-name", page=4
    )
    assert component.state["selection"].sort == "-name"
    assert component.state["page"].number == 1
