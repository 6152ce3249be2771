"""The results of a quiz as CSV: every attempt, every answer, nothing a spreadsheet would run."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from tests import factories
from tests.factories import items, make_course, make_quiz, question, single_choice
from wagtail_live_lms import actions
from wagtail_live_lms.actions import Given
from wagtail_live_lms.admin import quiz_results
from wagtail_live_lms.admin.quiz_results import response_text
from wagtail_live_lms.models import Course, Quiz, Submission
from wagtail_live_lms.models.quiz_checks import load_stored

from .conftest import EditorClient
from .quiz_forms import quiz_url

pytestmark = pytest.mark.django_db


@pytest.fixture
def course() -> Course:
    return make_course(["quiz_passed"])


@pytest.fixture
def quiz(course: Course) -> Quiz:
    text = question("short_text", "q2", answers=items({"text": "Nairobi"}))
    return make_quiz(course, [single_choice("q1"), text], title="Cities!", submissions_per_hour=0)


def take(enrolment: Any, quiz: Quiz, **responses: Any) -> Submission:
    submission = actions.start_attempt(enrolment.user, quiz)
    at = actions.milliseconds(timezone.now())
    given = {id: Given(response, at) for id, response in responses.items()}
    return actions.submit_attempt(submission, given)


def rows(response: Any) -> list[list[str]]:
    text = response.getvalue().decode().removeprefix("\ufeff")
    return list(csv.reader(io.StringIO(text, newline="")))


class TestContent:
    def test_a_row_for_each_attempt_by_student(
        self, superuser: Client, course: Course, quiz: Quiz
    ) -> None:
        zoe = factories.make_student(course, "Zoë Z", username="zoe")
        ada = factories.make_student(course, "Ada A", username="ada")
        take(zoe, quiz, q1="a", q2="nairobi")
        take(zoe, quiz, q1="b")
        actions.start_attempt(ada.user, quiz)
        header, *attempts = rows(superuser.get(quiz_url("results", quiz.pk)))
        assert header[:3] == ["Student", "User name", "Attempt"]
        assert header[10:] == [
            "1. Question q1: points",
            "1. Question q1: response",
            "2. Question q2: points",
            "2. Question q2: response",
        ]
        short = [[*row[:4], *row[6:]] for row in attempts]
        assert short == [
            ["Ada A", "ada", "1", "In progress", "", "", "", "", "", "", "", ""],
            [
                *["Zoë Z", "zoe", "1", "Graded", "2.00", "2.00", "100.00", "Yes"],
                *["1.00", "Right", "1.00", "nairobi"],
            ],
            [
                *["Zoë Z", "zoe", "2", "Graded", "0.00", "2.00", "0.00", "No"],
                *["0.00", "Wrong", "0.00", ""],
            ],
        ]

    def test_a_quiz_nobody_took_has_a_header(self, superuser: Client, quiz: Quiz) -> None:
        assert len(rows(superuser.get(quiz_url("results", quiz.pk)))) == 1

    def test_questions_of_older_versions_keep_their_columns(
        self, superuser: Client, course: Course, quiz: Quiz
    ) -> None:
        take(factories.make_student(course, "Ada"), quiz, q1="a")
        quiz.questions = [single_choice("q3"), single_choice("q1", text="<p>Now</p>")]
        quiz.save()
        take(factories.make_student(course, "Bob"), Quiz.objects.get(), q3="b")
        header, ada, bob = rows(superuser.get(quiz_url("results", quiz.pk)))
        assert [name for name in header if name.endswith("response")] == [
            "1. Question q3: response",
            "2. Now: response",
            "3. Question q2: response",
        ]
        assert (ada[11], ada[13]) == ("", "Right")
        assert (bob[11], bob[15]) == ("Wrong", "")

    def test_nothing_is_a_formula(self, superuser: Client, course: Course, quiz: Quiz) -> None:
        take(factories.make_student(course, "=1+1"), quiz, q2="@SUM(A1)")
        row = rows(superuser.get(quiz_url("results", quiz.pk)))[1]
        assert (row[0], row[13]) == ("'=1+1", "'@SUM(A1)")

    def test_it_is_a_private_download_with_a_plain_name(
        self, superuser: Client, quiz: Quiz
    ) -> None:
        response = superuser.get(quiz_url("results", quiz.pk))
        assert response.streaming
        assert response.headers["Content-Disposition"].endswith('"cities-results.csv"')
        assert "no-store" in response.headers["Cache-Control"]
        Quiz.objects.update(title="Ünïcode: 小テスト")
        name = superuser.get(quiz_url("results", quiz.pk)).headers["Content-Disposition"]
        assert name.isascii()


class TestSize:
    @pytest.mark.parametrize("attempts", [0, 1, 3, 4, 7])
    def test_chunks_leave_out_nobody(
        self, monkeypatch: Any, course: Course, quiz: Quiz, attempts: int
    ) -> None:
        monkeypatch.setattr(quiz_results, "CHUNK", 3)
        for number in range(attempts):
            take(factories.make_student(course, f"Same {number % 2}"), quiz, q1="a")
        lines = "".join(quiz_results.result_chunks(quiz)).splitlines()[1:]
        assert len(lines) == len(set(lines)) == attempts

    def test_a_chunk_is_two_queries_and_sent_before_the_next_is_read(
        self, monkeypatch: Any, course: Course, quiz: Quiz, django_assert_num_queries: Any
    ) -> None:
        monkeypatch.setattr(quiz_results, "CHUNK", 2)
        for _ in range(4):
            take(factories.make_student(course), quiz, q1="a")
        chunks = quiz_results.result_chunks(quiz)
        next(chunks)
        for _ in range(2):
            with django_assert_num_queries(2):
                assert next(chunks).count("\n") == 2
        with django_assert_num_queries(1):
            assert next(chunks, None) is None


class TestWhoMay:
    def test_names_are_for_those_who_may_see_enrolments(
        self, editor: EditorClient, quiz: Quiz
    ) -> None:
        url = quiz_url("results", quiz.pk)
        everywhere = editor("view_quiz", "view_enrolment", "see_all_courses")
        assert everywhere.get(url).status_code == 200
        assert url in everywhere.get(quiz_url("list")).content.decode()
        writer = editor("change_quiz", "add_quiz", "delete_quiz")
        assert writer.get(url).status_code == 302
        assert url not in writer.get(quiz_url("list")).content.decode()
        assert Client().get(url).status_code == 302

    def test_those_who_teach_see_the_results_of_their_own_courses(
        self, editor: EditorClient, quiz: Quiz
    ) -> None:
        teacher = editor("view_quiz", "view_enrolment")
        own = factories.make_quiz(factories.make_course(1, instructors=[teacher.user]))
        assert teacher.get(quiz_url("results", own.pk)).status_code == 200
        assert teacher.get(quiz_url("results", quiz.pk)).status_code == 404
        listed = teacher.get(quiz_url("list")).content.decode()
        assert quiz_url("results", own.pk) in listed
        assert quiz_url("results", quiz.pk) not in listed

    def test_it_is_only_read(self, superuser: Client, quiz: Quiz) -> None:
        assert superuser.post(quiz_url("results", quiz.pk)).status_code == 405

    def test_a_quiz_that_does_not_exist_is_not_found(self, superuser: Client) -> None:
        assert superuser.get(quiz_url("results", 999)).status_code == 404


AND = items({"text": "<b>A &amp; B</b>"}, {"text": "C"})

RESPONSES: list[tuple[dict[str, Any], Any, str]] = [
    (single_choice("q"), "a", "Right"),
    (single_choice("q"), "gone", "gone"),
    (single_choice("q"), None, ""),
    (
        question(
            "multiple_choice", "q", choices=items({"text": "<b>A &amp; B</b>"}, {"text": "C"})
        ),
        ["a", "b"],
        "A & B; C",
    ),
    (question("true_false", "q", correct=True), "false", "False"),
    (question("short_text", "q", answers=items({"text": "x"})), "true", "true"),
    (question("number", "q", answers=items({"value": "1"})), "1,5", "1,5"),
    (question("ordering", "q", items=items({"text": "A"}, {"text": "B"})), ["b", "a"], "B > A"),
    (question("long_answer", "q"), "Once\nupon", "Once\nupon"),
]


@pytest.mark.parametrize(("stored", "response", "text"), RESPONSES)
def test_a_response_reads_as_somebody_would_write_it(
    stored: dict[str, Any], response: Any, text: str
) -> None:
    assert response_text(load_stored(stored), response) == text


def test_a_matching_response_names_both_sides() -> None:
    pairs = items({"prompt": "Camel", "match": "Desert"}, {"prompt": "Whale", "match": "Sea"})
    matching = load_stored(question("matching", "q", pairs=pairs))
    response = matching.correct_response()
    assert sorted(response_text(matching, response).split("; ")) == ["Camel: Desert", "Whale: Sea"]
