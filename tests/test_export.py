"""The roster as CSV: complete, streamed, and harmless in a spreadsheet."""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.db import connection
from django.test import AsyncClient, Client
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from tests import factories
from tests.quiz_taking import begin, hand_in
from wagtail_live_lms import actions
from wagtail_live_lms.components import export
from wagtail_live_lms.models import Course

HEADER = [
    "Enrolment",
    "Student",
    "User name",
    "Progress in %",
    "Modules completed",
    "Last activity",
    "Enrolled",
    "Quiz average in %",
]


@pytest.fixture
def instructor() -> Any:
    return factories.make_user()


@pytest.fixture
def course(instructor: Any) -> Course:
    return factories.make_course(2, instructors=[instructor], slug="knots")


def url_of(course: Course) -> str:
    return f"/live-lms/courses/{course.pk}/students.csv"


def download(user: Any, course: Course) -> Any:
    client = Client()
    client.force_login(user)
    return client.get(url_of(course))


def rows_in(text: str) -> list[list[str]]:
    assert text.startswith("\ufeff")
    return list(csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline="")))


def rows_of(response: Any) -> list[list[str]]:
    return rows_in(response.getvalue().decode())


@pytest.mark.django_db
class TestContent:
    def test_every_current_student_by_name(self, instructor: Any, course: Course) -> None:
        zoe = factories.make_student(course, "Zoë Z", username="zoe")
        ada = factories.make_student(course, "Ada A", username="ada")
        actions.withdraw(factories.make_student(course, "Bob B"))
        factories.make_student(factories.make_course(), "Cy C")
        factories.complete(zoe, factories.modules_of(course)[0])
        assert rows_of(download(instructor, course)) == [
            HEADER,
            [
                str(ada.pk),
                "Ada A",
                "ada",
                "0",
                "0",
                "",
                f"{ada.enrolled_at:%Y-%m-%dT%H:%M:%S}+00:00",
                "",
            ],
            [
                str(zoe.pk),
                "Zoë Z",
                "zoe",
                "50",
                "1",
                f"{zoe.last_activity:%Y-%m-%dT%H:%M:%S}+00:00",
                f"{zoe.enrolled_at:%Y-%m-%dT%H:%M:%S}+00:00",
                "",
            ],
        ]

    def test_the_last_columns_are_the_quizzes(self, instructor: Any, course: Course) -> None:
        ada, ben = (factories.make_student(course, name) for name in ("Ada", "Ben"))
        quiz = factories.make_quiz(course, title="=Knots")
        factories.make_quiz(course, title="Never seen", live=False)
        hand_in(quiz, "a", "b", enrolment=ada)
        begin(quiz, ben)
        header, *rows = rows_of(download(instructor, course))
        assert header == [*HEADER, "'=Knots"]
        assert [row[-2:] for row in rows] == [["50.00", "50.00"], ["", ""]]

    def test_an_empty_course_has_a_header(self, instructor: Any, course: Course) -> None:
        assert rows_of(download(instructor, course)) == [HEADER]

    def test_it_is_a_private_download(self, instructor: Any, course: Course) -> None:
        response = download(instructor, course)
        assert response.status_code == 200
        assert response.streaming
        assert response.headers["Content-Type"] == "text/csv; charset=utf-8"
        assert response.headers["Content-Disposition"] == (
            'attachment; filename="knots-students.csv"'
        )
        assert "no-store" in response.headers["Cache-Control"]

    @pytest.mark.parametrize(
        "name",
        ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1+1", " =1"],
    )
    def test_a_name_is_never_a_formula(self, instructor: Any, course: Course, name: str) -> None:
        factories.make_student(course, name, username=f"={len(name)}")
        row = rows_of(download(instructor, course))[1]
        assert row[1].startswith("'")
        assert row[2].startswith("'=")

    def test_quotes_commas_and_line_breaks_stay_inside_their_cell(
        self, instructor: Any, course: Course
    ) -> None:
        name = 'Ada "the first", Countess\nof Lovelace'
        factories.make_student(course, name)
        assert rows_of(download(instructor, course))[1][1] == name


@given(st.text() | st.text(alphabet="=+-@＝＋－＠\t\r\n 'a"))
def test_no_text_is_a_formula_and_harmless_text_is_left_alone(text: str) -> None:
    cell = export.safe_cell(text)
    assert not cell.lstrip().startswith(("=", "+", "-", "@", "＝", "＋", "－", "＠"))
    assert cell.removeprefix("'") == text.removeprefix("'")


@given(st.integers() | st.floats(allow_nan=False))
def test_numbers_stay_numbers(number: float) -> None:
    assert export.safe_cell(number) is number


@pytest.mark.django_db
class TestSize:
    @pytest.mark.parametrize("students", [0, 1, 3, 4, 7])
    def test_chunks_leave_nobody_out_and_name_nobody_twice(
        self, instructor: Any, course: Course, monkeypatch: Any, students: int
    ) -> None:
        monkeypatch.setattr(export, "CHUNK", 3)
        for _ in range(students):
            factories.make_student(course, "Same Name")
        rows = rows_of(download(instructor, course))[1:]
        assert sorted(int(row[0]) for row in rows) == sorted(
            course.enrolments.values_list("pk", flat=True)
        )

    def test_a_chunk_is_two_queries_and_is_sent_before_the_next_is_read(
        self, course: Course, monkeypatch: Any, django_assert_num_queries: Any
    ) -> None:
        monkeypatch.setattr(export, "CHUNK", 4)
        factories.make_roster(course, 8)
        factories.make_quiz(course)
        chunks = export.roster_chunks(course.pk)
        with django_assert_num_queries(1):  # which quizzes there are
            next(chunks)
        for _ in range(2):
            with django_assert_num_queries(2):
                assert next(chunks).count("\n") == 4
        with django_assert_num_queries(1):
            assert next(chunks, None) is None

    def test_a_large_roster_takes_a_query_for_each_chunk_and_two_more(
        self, instructor: Any, course: Course, monkeypatch: Any
    ) -> None:
        monkeypatch.setattr(export, "CHUNK", 300)
        factories.make_roster(course, 900)
        with CaptureQueriesContext(connection) as queries:
            rows = rows_of(download(instructor, course))
        assert len(rows) == 901
        assert sum("ORDER BY" in query["sql"] for query in queries) == 5


@pytest.mark.django_db
class TestWhoMay:
    def test_others_learn_nothing(self, course: Course) -> None:
        student = factories.make_student(course)
        other = factories.make_user()
        factories.make_course(instructors=[other])
        for user in (student.user, other, factories.make_user()):
            response = download(user, course)
            assert response.status_code == 404
            assert course.title not in response.content.decode()

    def test_anonymous_visitors_are_led_to_log_in(self, course: Course) -> None:
        response = Client().get(url_of(course))
        assert response.status_code == 302
        assert response.headers["Location"].startswith("/accounts/login/?next=")

    @pytest.mark.parametrize("method", ["post", "put", "delete", "patch"])
    def test_it_is_only_read(self, instructor: Any, course: Course, method: str) -> None:
        client = Client()
        client.force_login(instructor)
        assert getattr(client, method)(url_of(course)).status_code == 405

    def test_head_tells_the_type(self, instructor: Any, course: Course) -> None:
        client = Client()
        client.force_login(instructor)
        assert client.head(url_of(course)).headers["Content-Type"].startswith("text/csv")


@pytest.mark.asyncio
@pytest.mark.django_db(transaction=True)
async def test_an_asgi_server_gets_an_asynchronous_stream() -> None:
    instructor = await sync_to_async(factories.make_user)()
    course = await sync_to_async(factories.make_course)(2, instructors=[instructor])
    await sync_to_async(factories.make_roster)(course, 5)
    client = AsyncClient()
    await client.aforce_login(instructor)
    response: Any = await client.get(url_of(course))
    assert response.is_async
    stream: AsyncIterator[bytes] = aiter(response)
    text = b"".join([chunk async for chunk in stream]).decode()
    assert [row[1] for row in rows_in(text)[1:]] == [f"Student {n:04}" for n in range(5)]


@pytest.mark.django_db
def test_a_wsgi_server_gets_a_plain_one(instructor: Any, course: Course) -> None:
    response = download(instructor, course)
    assert not response.is_async
    assert isinstance(iter(response), Iterator)
