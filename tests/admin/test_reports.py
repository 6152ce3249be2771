"""Reports: who sees them, of which courses, and what a spreadsheet gets."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from tests.factories import (
    complete,
    make_course,
    make_quiz,
    make_student,
    make_user,
    modules_of,
    question,
)
from tests.quiz_taking import begin, hand_in
from wagtail_live_lms.admin.reports import REPORTS, report_urls
from wagtail_live_lms.models import Alert, Course, CourseInstructor, QuizStanding

from .conftest import EditorClient, log_in

pytestmark = pytest.mark.django_db

EVERY = pytest.mark.parametrize("report", REPORTS)
EVERY_URL = pytest.mark.parametrize("name", [pattern.name for pattern in report_urls()])


def url_of(report: str) -> str:
    return reverse(f"wagtail_live_lms_report_{report}")


def instructor_of(*courses: Course) -> Client:
    """Somebody who may enter the admin and teaches these, with no other permission."""
    user = make_user()
    user.user_permissions.add(Permission.objects.get(codename="access_admin"))
    for course in courses:
        CourseInstructor.objects.create(course=course, user=user)
    return log_in(user)


def give_rows(course: Course, name: str, title: str = "Loops") -> None:
    """A student who completed a module, passed a quiz, and was not seen since."""
    enrolment = make_student(course, name)
    complete(enrolment, modules_of(course)[0])
    quiz = make_quiz(course, title=title)
    hand_in(quiz, "a", "a", enrolment=enrolment)
    standing = QuizStanding.objects.filter(enrolment=enrolment, quiz=quiz)
    standing.update(attempt_count=2, percent=80, passed=True)
    Alert.objects.create(course=course, kind="inactive", key=str(enrolment.pk), enrolment=enrolment)


def csv_of(client: Client, report: str, **params: Any) -> list[dict[str, str]]:
    response = client.get(url_of(report), {"export": "csv", **params})
    assert "no-store" in response["Cache-Control"]
    text = b"".join(response).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


def students(rows: list[dict[str, str]]) -> list[str]:
    return [row["Student"] for row in rows]


class TestPermissions:
    @EVERY_URL
    def test_nobody_else_gets_in(self, name: str, editor: EditorClient) -> None:
        course = make_course()
        give_rows(course, "Ada Lovelace")
        student = make_student(course).user
        everything = [f"{verb}_enrolment" for verb in ("add", "change", "delete", "view")]
        for client in (Client(), log_in(student), editor(), editor(*everything)):
            response = client.get(reverse(name))
            assert response.status_code == 302
            assert "Lovelace" not in response.content.decode()

    @EVERY_URL
    def test_instructors_and_superusers_get_in(self, name: str, superuser: Client) -> None:
        course = make_course()
        give_rows(course, "Ada Lovelace")
        for client in (instructor_of(course), superuser):
            assert "Ada Lovelace" in client.get(reverse(name)).content.decode()

    @EVERY
    def test_an_instructor_sees_their_own_courses_alone(self, report: str) -> None:
        mine, other = make_course(title="Mine"), make_course(title="Other course")
        give_rows(mine, "Ada Lovelace")
        give_rows(other, "Grace Hopper", title="Other quiz")
        client = instructor_of(mine)
        page = client.get(url_of(report)).content.decode()
        assert "Ada Lovelace" in page
        assert not any(text in page for text in ("Grace Hopper", "Other course", "Other quiz"))
        assert students(csv_of(client, report)) == ["Ada Lovelace"]
        filtered = client.get(url_of(report), {"course": other.pk}).content.decode()
        assert "Grace Hopper" not in filtered

    def test_the_menu_has_links_for_those_who_teach(self, editor: EditorClient) -> None:
        home = reverse("wagtailadmin_home")
        for client, shown in ((instructor_of(make_course()), True), (editor(), False)):
            page = client.get(home).content.decode()
            assert all((url_of(report) in page) is shown for report in REPORTS)
            for name in ("reports", "submissions", "alerts"):
                assert (f"live-lms-{name}" in page) is shown


class TestTheLists:
    @EVERY
    def test_take_as_many_queries_for_any_number_of_rows(self, report: str) -> None:
        course = make_course()
        client = instructor_of(course)

        def queries(**params: str) -> int:
            with CaptureQueriesContext(connection) as captured:
                b"".join(client.get(url_of(report), params))
            return len(captured)

        give_rows(course, "Ada Lovelace")
        queries()
        few = queries(), queries(export="csv"), queries(export="xlsx")
        for number in range(8):
            give_rows(course, f"Student {number}")
        assert (queries(), queries(export="csv"), queries(export="xlsx")) == few

    @EVERY
    def test_are_searched_and_sorted(self, report: str) -> None:
        course = make_course()
        give_rows(course, "Ada Lovelace")
        give_rows(course, "Grace Hopper")
        client = instructor_of(course)
        assert students(csv_of(client, report, q="hopper")) == ["Grace Hopper"]
        key = "display_name" if report == "progress" else "enrolment__display_name"
        assert students(csv_of(client, report, ordering=key)) == ["Ada Lovelace", "Grace Hopper"]
        backwards = csv_of(client, report, ordering=f"-{key}")
        assert students(backwards) == ["Grace Hopper", "Ada Lovelace"]

    @EVERY
    def test_are_of_one_course_where_one_is_chosen(self, report: str) -> None:
        courses = make_course(), make_course()
        give_rows(courses[0], "Ada Lovelace")
        give_rows(courses[1], "Grace Hopper")
        client = instructor_of(*courses)
        assert students(csv_of(client, report, course=courses[1].pk)) == ["Grace Hopper"]

    def test_have_filters_of_their_own(self) -> None:
        course = make_course()
        give_rows(course, "Ada Lovelace")
        client = instructor_of(course)
        assert csv_of(client, "progress", state="finished") == []
        assert csv_of(client, "results", result="failed") == []
        assert students(csv_of(client, "results", result="passed")) == ["Ada Lovelace"]
        assert csv_of(client, "activity", source="staff") == []
        assert csv_of(client, "activity", completed_at_to="2001-01-01") == []

    def test_submissions_are_filtered_by_what_is_to_be_done(self) -> None:
        course = make_course()
        client = instructor_of(course)
        give_rows(course, "Ada Lovelace")
        essay = make_quiz(course, [question("long_answer", "q1", points="4")])
        hand_in(essay, "So", enrolment=make_student(course, "Alan Turing"))
        begin(essay, make_student(course, "Grace Hopper"))
        held = make_quiz(course, posting="manual")
        hand_in(held, "a", "a", enrolment=make_student(course, "Tim Lee"))
        names = {
            state: students(csv_of(client, "submissions", state=state))
            for state in ("open", "waiting", "to_post", "done")
        }
        assert names == {
            "open": ["Grace Hopper"],
            "waiting": ["Alan Turing"],
            "to_post": ["Tim Lee"],
            "done": ["Ada Lovelace"],
        }
        page = client.get(url_of("submissions")).content.decode()
        assert reverse("wagtail_live_lms_quiz_results", args=[essay.pk]) in page

    def test_alerts_are_filtered_by_whether_they_wait(self) -> None:
        course = make_course()
        client = instructor_of(course)
        for name in ("Ada", "Ben", "Cy", "Di"):
            give_rows(course, name)
        soon = timezone.now() + timedelta(hours=1)
        of = {alert.enrolment.display_name: alert for alert in Alert.objects.all()}
        change = Alert.objects.filter
        change(pk=of["Ben"].pk).update(state="acknowledged", assigned_to=make_user("Grace Hopper"))
        change(pk=of["Cy"].pk).update(state="snoozed", snoozed_until=soon)
        change(pk=of["Di"].pk).update(state="cleared")
        names = {
            state: set(students(csv_of(client, "alerts", state=state)))
            for state in ("open", "put_off", "cleared")
        }
        assert names == {"open": {"Ada"}, "put_off": {"Ben", "Cy"}, "cleared": {"Di"}}
        (row,) = csv_of(client, "alerts", q="Ben")
        assert (row["Handed to"], row["State"]) == ("Grace Hopper", "Acknowledged")
        Alert.objects.create(course=course, kind="stuck", key="q", data={"title": "Loops"})
        assert "" in students(csv_of(client, "alerts", kind="stuck"))

    def test_tell_what_is_not_graded_from_what_failed(self) -> None:
        course = make_course()
        give_rows(course, "Ada Lovelace")
        QuizStanding.objects.update(percent=None, passed=False)
        client = instructor_of(course)
        assert csv_of(client, "results", result="failed") == []
        [row] = csv_of(client, "results", result="ungraded")
        assert (row["Score in %"], row["Result"]) == ("", "Not graded yet")

    def test_show_how_far_somebody_is(self) -> None:
        course = make_course(2, title="Python")
        give_rows(course, "Ada Lovelace")
        [row] = csv_of(instructor_of(course), "progress")
        assert row["Course"] == "Python"
        assert (row["Progress in %"], row["Modules completed"]) == ("50", "1")
        assert row["State"] == "In progress"


class TestSpreadsheets:
    @EVERY
    def test_have_no_formulas(self, report: str) -> None:
        course = make_course(title='=HYPERLINK("//evil")')
        give_rows(course, "@SUM Lovelace")
        client = instructor_of(course)
        [row] = csv_of(client, report)
        assert row["Student"] == "'@SUM Lovelace"
        assert row["Course"].startswith("'=")
        body = b"".join(client.get(url_of(report), {"export": "xlsx"}))
        _, cells = load_workbook(io.BytesIO(body)).active.iter_rows()
        assert "'@SUM Lovelace" in [cell.value for cell in cells]
        assert all(cell.data_type != "f" for cell in cells)
