"""A list of people enrolled or withdrawn at once: what is left out is told, line by line."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.factories import complete, make_course, make_student, make_user, modules_of
from wagtail_live_lms import actions
from wagtail_live_lms.admin.many_students import MOST, match_people, read_entries
from wagtail_live_lms.models import Course, Enrolment
from wagtail_live_lms.testing import assert_pushes

from .conftest import EditorClient, enrolment_url, text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def course() -> Course:
    return make_course(2, title="Knots", enrolment_policy="staff")


@pytest.fixture
def url() -> str:
    return enrolment_url("many")


def form(course: Course, text: str, verb: str = "enrol", **fields: Any) -> dict[str, Any]:
    return {"course": course.pk, "verb": verb, "text": text, **fields}


def taking(course: Course) -> set[str]:
    current = Enrolment.objects.current().filter(course=course)
    return set(current.values_list("user__username", flat=True))


class TestReading:
    @pytest.mark.parametrize(
        ("text", "entries"),
        [
            ("ada\n\n  ben  \n", [(1, "ada"), (3, "ben")]),
            ('Username,Name\nada,Ada L.\n"ben",B', [(2, "ada"), (3, "ben")]),
            ("E-Mail;Name\nada@example.com;Ada", [(2, "ada@example.com")]),
            ("ada\tAda L.\nben\tB", [(1, "ada"), (2, "ben")]),
            (",no user name\nada,x", [(2, "ada")]),
            ("ada\nuser", [(1, "ada"), (2, "user")]),
            ("", []),
        ],
    )
    def test_the_first_column_counts(self, text: str, entries: list[tuple[int, str]]) -> None:
        assert list(read_entries(text)) == entries


class TestEnrolling:
    def test_it_is_shown_first_and_then_done(
        self, superuser: Client, course: Course, url: str
    ) -> None:
        make_user("Ada Lovelace", username="ada")
        make_user("Ben Castillo", username="b", email="Ben@Example.com")
        page = text_of(superuser.post(url, form(course, "ada\nben@example.COM\nnobody\nada")))
        assert "2 people can be enrolled. Nothing has changed yet." in page
        assert "Ada Lovelace (ada)" in page
        assert "2 lines are left out." in page
        assert "Nobody who can log in has this user name or address." in page
        assert "Named on line 1 already." in page
        assert taking(course) == set()
        confirmed = form(course, "ada\nben@example.COM\nnobody\nada", confirm="1")
        with assert_pushes(f"instructor-{course.pk}"):
            page = text_of(superuser.post(url, confirmed, follow=True))
        assert "2 students now take Knots." in page
        assert taking(course) == {"ada", "b"}
        assert actions.recount_course(course) == []

    def test_a_file_is_read_and_kept_for_the_second_step(
        self, superuser: Client, course: Course, url: str
    ) -> None:
        make_user(username="ada")
        upload = SimpleUploadedFile("class.csv", "\ufeffUser name;Name\nada;Ada".encode())
        response = superuser.post(url, form(course, "", file=upload))
        kept = response.context["form"]["text"].value()
        assert "ada;Ada" in kept
        superuser.post(url, form(course, kept, confirm="1"))
        assert taking(course) == {"ada"}

    def test_who_left_comes_back_with_what_they_had(
        self, superuser: Client, course: Course, url: str
    ) -> None:
        student = make_student(course, username="ada")
        complete(student, modules_of(course)[0])
        actions.withdraw(student)
        superuser.post(url, form(course, "ada", confirm="1"))
        student.refresh_from_db()
        assert (student.withdrawn_at, student.completed_count) == (None, 1)

    def test_why_others_are_left_out(self, superuser: Client, course: Course, url: str) -> None:
        make_student(course, username="ada")
        make_user(username="gone", is_active=False)
        for name in ("one", "two"):
            make_user(username=name, email="shared@example.com")
        page = text_of(superuser.post(url, form(course, "ada\ngone\nshared@example.com")))
        assert "Takes the course already." in page
        assert "Nobody who can log in" in page
        assert "Several accounts have this address. Give the user name." in page
        assert "can be enrolled" not in page
        assert "confirm" not in page
        superuser.post(url, form(course, "ada\ngone", confirm="1"))
        assert taking(course) == {"ada"}

    def test_a_user_name_is_its_owners_whatever_addresses_there_are(
        self, superuser: Client, course: Course, url: str
    ) -> None:
        make_user(username="ada@example.com")
        make_user(username="other", email="ada@example.com")
        superuser.post(url, form(course, "ada@example.com", confirm="1"))
        assert taking(course) == {"ada@example.com"}

    @pytest.mark.parametrize(
        ("text", "message"),
        [
            ("", "Paste a list or choose a file."),
            ("\n".join(f"u{n}" for n in range(MOST + 1)), f"Split them into lists of {MOST}."),
            ("x" * 200_000, "The list cannot be read. Put one person on each line."),
        ],
    )
    def test_what_cannot_be_read(
        self, superuser: Client, course: Course, url: str, text: str, message: str
    ) -> None:
        assert message in text_of(superuser.post(url, form(course, text)))

    def test_the_number_of_queries_does_not_depend_on_the_list(self, course: Course) -> None:
        counts = []
        for size in (2, 30):
            names = [(n, make_user().get_username()) for n in range(size)]
            with CaptureQueriesContext(connection) as queries:
                assert all(line.user for line in match_people(names, course, "enrol"))
            counts.append(len(queries))
        assert counts[0] == counts[1]


class TestWithdrawing:
    def test_the_record_is_kept(self, superuser: Client, course: Course, url: str) -> None:
        students = [make_student(course, username=name) for name in ("ada", "ben", "cy")]
        complete(students[0], modules_of(course)[0])
        page = text_of(superuser.post(url, form(course, "ada\nben\nzoe", "withdraw")))
        assert "2 people can be withdrawn." in page
        superuser.post(url, form(course, "ada\nben\nzoe", "withdraw", confirm="1"))
        assert taking(course) == {"cy"}
        assert Enrolment.objects.get(pk=students[0].pk).completed_count == 1

    def test_those_who_do_not_take_it_are_named(
        self, superuser: Client, course: Course, url: str
    ) -> None:
        make_user(username="ada")
        page = text_of(superuser.post(url, form(course, "ada", "withdraw")))
        assert "Does not take the course." in page


class TestWhoMay:
    def test_each_verb_needs_its_permission(
        self, editor: EditorClient, course: Course, url: str
    ) -> None:
        assert editor("change_enrolment", "see_all_courses").get(url).status_code == 302
        client = editor("add_enrolment", "see_all_courses")
        offered = client.get(url).context["form"].fields["verb"].choices
        assert [verb for verb, _ in offered] == ["enrol"]
        answer = client.post(url, form(course, "ada", "withdraw", confirm="1"))
        assert list(answer.context["form"].errors) == ["verb"]
        assert url in client.get(enrolment_url("index")).content.decode()
        looking = editor("view_enrolment", "see_all_courses").get(enrolment_url("index"))
        assert url not in looking.content.decode()

    def test_only_the_courses_one_teaches(
        self, editor: EditorClient, course: Course, url: str
    ) -> None:
        make_user(username="ada")
        answer = editor("add_enrolment").post(url, form(course, "ada", confirm="1"))
        assert list(answer.context["form"].errors) == ["course"]
        assert taking(course) == set()

    def test_it_begins_with_the_course_that_was_looked_at(
        self, superuser: Client, course: Course, url: str
    ) -> None:
        listed = superuser.get(f"{enrolment_url('index')}?course={course.pk}").content.decode()
        assert f"{url}?course={course.pk}" in listed
        assert superuser.get(f"{url}?course={course.pk}").context["form"].initial == {
            "course": course.pk
        }
