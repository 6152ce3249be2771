"""Grades out as CSV and in again: drafts only, and a reason for each row that is refused."""

from __future__ import annotations

import csv
import io
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from wagtail.models import ModelLogEntry

from tests import factories
from tests.quiz_taking import begin, hand_in, keyed, publish
from wagtail_live_lms import actions
from wagtail_live_lms.components import grade_csv
from wagtail_live_lms.components.grade_csv import COLUMNS, grade_chunks, import_file
from wagtail_live_lms.live import InvalidInput
from wagtail_live_lms.live.models import LiveChange
from wagtail_live_lms.models import Notification, Quiz, Submission

pytestmark = pytest.mark.django_db


@pytest.fixture
def instructor() -> Any:
    return factories.make_user("Grace Hopper")


@pytest.fixture
def quiz(instructor: Any) -> Quiz:
    course = factories.make_course(instructors=[instructor])
    essay = factories.question("long_answer", "q1", points="4")
    return factories.make_quiz(course, [essay, keyed("q2", "a")], posting="manual")


def table(quiz: Quiz) -> list[dict[str, str]]:
    text = "".join(grade_chunks(quiz)).removeprefix("\ufeff")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def written(rows: list[dict[str, str]], delimiter: str = ",") -> bytes:
    out = io.StringIO()
    writer = csv.DictWriter(out, COLUMNS, delimiter=delimiter)
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode("utf-8-sig")


def take_in(quiz: Quiz, rows: list[dict[str, str]] | bytes, by: Any, **options: Any) -> Any:
    content = rows if isinstance(rows, bytes) else written(rows, **options)
    return import_file(quiz, SimpleUploadedFile("grades.csv", content), by)


def test_the_columns_are_in_no_language(quiz: Quiz) -> None:
    hand_in(quiz, "Because", "a")
    begin(quiz)
    (row,) = table(quiz)
    assert tuple(row) == COLUMNS
    assert (row["question"], row["response"], row["points"]) == ("q1", "Because", "")
    assert (row["maximum"], row["revision"], row["attempt"]) == ("4.00", "0", "1")


def test_what_is_exported_in_pieces_is_whole(quiz: Quiz, monkeypatch: Any) -> None:
    monkeypatch.setattr(grade_csv, "CHUNK", 2)
    attempts = [hand_in(quiz, "Because", "a") for _ in range(5)]
    assert [int(row["submission"]) for row in table(quiz)] == [a.pk for a in attempts]


@pytest.mark.parametrize("hostile", ["=1+1", "+1", "-1", "@x", "\t=1", "'=1", "''x", "plain"])
def test_no_cell_is_a_formula_and_comments_come_back_as_they_were(
    quiz: Quiz, instructor: Any, hostile: str
) -> None:
    done = hand_in(quiz, hostile, "a")
    answer = done.answers.get(question_id="q1")
    actions.grade_answer(answer, Decimal(3), hostile, instructor, 0)
    stored = hostile.strip()
    (row,) = table(quiz)
    for cell in (row["comment"], row["response"]):
        assert not cell.lstrip().startswith(("=", "+", "-", "@"))
    found = take_in(quiz, [row], instructor)
    assert (found.drafted, found.unchanged, found.refused) == (0, 1, ())
    answer.refresh_from_db()
    assert answer.draft_comment == stored


@pytest.mark.parametrize(("delimiter", "points"), [(",", "2.5"), (";", "2,5"), ("\t", "2.50")])
def test_grades_come_in_as_drafts(quiz: Quiz, instructor: Any, delimiter: str, points: str) -> None:
    done = hand_in(quiz, "Because", "a")
    hand_in(quiz, "Not graded", "a")
    rows = table(quiz)
    rows[0] |= {"points": points, "comment": "Good"}
    before = LiveChange.objects.latest("pk").pk
    found = take_in(quiz, rows, instructor, delimiter=delimiter)
    assert (found.drafted, found.unchanged, found.refused) == (1, 0, ())
    answer = done.answers.get(question_id="q1")
    assert (answer.draft_points, answer.draft_comment) == (Decimal("2.5"), "Good")
    assert (answer.points, answer.outcome, answer.drafted_by) == (0, "pending", instructor)
    assert Submission.objects.get(pk=done.pk).is_to_post
    assert not Notification.objects.exists()
    topics = LiveChange.objects.filter(pk__gt=before).values_list("topic", flat=True)
    assert set(topics) == {f"instructor-{quiz.course_id}"}
    entry = ModelLogEntry.objects.get(action="wagtail_live_lms.import_grades")
    assert (entry.user, entry.data["count"]) == (instructor, 1)


def test_where_results_are_given_automatically_they_are_drafts_too(
    quiz: Quiz, instructor: Any
) -> None:
    quiz = publish(quiz, posting="automatic")
    done = hand_in(quiz, "Because", "a")
    (row,) = table(quiz)
    take_in(quiz, [row | {"points": "4"}], instructor)
    assert Submission.objects.get(pk=done.pk).score is None


def test_an_attempt_with_more_to_grade_is_not_ready(instructor: Any, quiz: Quiz) -> None:
    essays = [factories.question("long_answer", name, points="4") for name in ("q1", "q2")]
    quiz = factories.make_quiz(quiz.course, essays, posting="manual")
    done = hand_in(quiz, "Because", "So")
    take_in(quiz, [table(quiz)[0] | {"points": "4"}], instructor)
    assert Submission.objects.get(pk=done.pk).state == "submitted"


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"points": "5"}, "Give 0 to 4.00 points"),
        ({"points": "1.005"}, "in steps of 0.01"),
        ({"points": "-1"}, "not a number"),
        ({"points": "NaN"}, "not a number"),
        ({"points": "=1+1"}, "not a number"),
        ({"submission": "0"}, "no such attempt"),
        ({"submission": "x"}, "not a whole number"),
        ({"submission": "9" * 30}, "not a whole number"),
        ({"enrolment": "0"}, "another student's"),
        ({"question": "q9"}, "no such attempt or question"),
        ({"question": "q2"}, "graded by its key"),
        ({"revision": "7"}, "meanwhile"),
        ({"revision": ""}, "not a whole number"),
        ({"comment": "x" * 5001}, "longer than 5000"),
    ],
)
def test_a_row_that_is_wrong_is_refused_alone(
    quiz: Quiz, instructor: Any, change: dict[str, str], reason: str
) -> None:
    wrong, right = (hand_in(quiz, "Because", "a") for _ in range(2))
    rows = [row | {"points": "1"} for row in table(quiz)]
    rows[0] |= change
    found = take_in(quiz, rows, instructor)
    assert found.drafted == 1
    (refused,) = found.refused
    assert refused.number == 2
    assert reason in refused.reason
    assert not wrong.answers.get(question_id="q1").is_draft
    assert right.answers.get(question_id="q1").is_draft


def test_another_quizs_attempt_and_a_row_said_twice_are_refused(
    quiz: Quiz, instructor: Any
) -> None:
    hand_in(quiz, "Because", "a")
    other = factories.make_quiz(
        quiz.course, [factories.question("long_answer", "q1")], posting="manual"
    )
    (row,) = [row | {"points": "1"} for row in table(quiz)]
    assert "no such attempt" in take_in(other, [row], instructor).refused[0].reason
    assert "a row above" in take_in(quiz, [row, row], instructor).refused[0].reason


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "missing"),
        (b"submission,points\n1,2\n", "comment, enrolment, question, revision"),
        ("stüff".encode("latin-1"), "UTF-8"),
        (",".join(COLUMNS).encode() + b'\n"x', "not a CSV table"),
    ],
)
def test_what_is_no_such_table_is_refused_as_a_whole(
    quiz: Quiz, instructor: Any, content: bytes, reason: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        take_in(quiz, content, instructor)
    assert reason in str(refused.value.message)


def test_files_too_large_or_missing(quiz: Quiz, instructor: Any, monkeypatch: Any) -> None:
    hand_in(quiz, "Because", "a")
    rows = [row | {"points": "1"} for row in table(quiz)]
    with pytest.raises(InvalidInput):
        import_file(quiz, None, instructor)
    for name in ("MAX_ROWS", "MAX_BYTES"):
        monkeypatch.setattr(grade_csv, name, 0)
        with pytest.raises(InvalidInput):
            take_in(quiz, rows, instructor)


def test_the_number_of_queries_does_not_depend_on_the_rows(quiz: Quiz, instructor: Any) -> None:
    counts = []
    for size in (3, 30):
        for _ in range(size):
            hand_in(quiz, "Because", "a")
        rows = [row | {"points": "1"} for row in table(quiz)]
        with CaptureQueriesContext(connection) as queries:
            take_in(quiz, rows, instructor)
        counts.append(len(queries))
    assert counts[0] == counts[1]


class TestOverHttp:
    def test_out_and_in(self, quiz: Quiz, instructor: Any, client: Client) -> None:
        hand_in(quiz, "Because", "a")
        client.force_login(instructor)
        url = f"/live-lms/quizzes/{quiz.pk}/grades"
        answer = client.get(f"{url}.csv")
        assert answer["Content-Disposition"].endswith('-grades.csv"')
        assert b"Because" in b"".join(answer.streaming_content)  # type: ignore[attr-defined]
        rows = [row | {"points": "1"} for row in table(quiz)]
        file = SimpleUploadedFile("g.csv", written([*rows, rows[0]]))
        page = client.post(f"{url}/import/", {"file": file}, headers={"Referer": "/x"})
        html = page.content.decode()
        assert "1 grade is kept as a draft" in html
        assert 'data-refused="3"' in html

    def test_no_file_is_told(self, quiz: Quiz, instructor: Any, client: Client) -> None:
        client.force_login(instructor)
        url = f"/live-lms/quizzes/{quiz.pk}/grades/import/"
        assert client.post(url).status_code == 422

    def test_a_student_gets_neither(self, quiz: Quiz, client: Client) -> None:
        client.force_login(factories.make_student(quiz.course).user)
        url = f"/live-lms/quizzes/{quiz.pk}/grades"
        assert client.get(f"{url}.csv").status_code == 404
        assert client.post(f"{url}/import/").status_code == 404
