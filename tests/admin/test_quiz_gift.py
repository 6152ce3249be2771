"""GIFT in and out of the admin: seen before it is stored, all of it or nothing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from wagtail.log_actions import registry as log_registry

from tests.factories import items, make_course, make_quiz, question, single_choice
from wagtail_live_lms.admin import quiz_gift_words as words
from wagtail_live_lms.grading.gift import Omission, Refused
from wagtail_live_lms.grading.gift.refusals import REASONS
from wagtail_live_lms.models import Course, Quiz

from .conftest import EditorClient, text_of
from .quiz_forms import quiz_url, save

pytestmark = pytest.mark.django_db

GOOD = """::Sun:: Which planet is closest to the Sun? {=Mercury ~%50%Venus #Nearly ~Mars}

The sky is blue. {T#No.#Yes.####It scatters.}
"""
BAD = """Fine {T}

Broken {=a ~%150%b}

No end {=a
"""


@pytest.fixture
def course() -> Course:
    return make_course(title="Planets")


@pytest.fixture
def quiz(course: Course) -> Quiz:
    return make_quiz(course, [single_choice("q1")], title="Moons", live=False)


def latest(quiz: Quiz) -> Quiz:
    return Quiz.objects.get(pk=quiz.pk).get_latest_revision_as_object()


def kinds(quiz: Quiz) -> list[str]:
    return [item["type"] for item in quiz.question_data]


def send(client: Client, into: Course, text: str = GOOD, **changes: Any) -> Any:
    data = {"title": "From Moodle", "course": into.pk, "text": text} | changes
    return client.post(quiz_url("import"), data)


class TestNewQuiz:
    def test_first_it_is_only_shown(self, superuser: Client, course: Course) -> None:
        page = text_of(send(superuser, course))
        assert "2 questions can be imported. Nothing is stored yet." in page
        assert "Which planet is closest to the Sun?" in page
        assert "Single choice" in page
        assert not Quiz.objects.exists()

    def test_then_it_becomes_a_draft_that_can_be_published(
        self, superuser: Client, course: Course
    ) -> None:
        response = send(superuser, course, **{"import": "1"})
        quiz = Quiz.objects.get()
        assert response.headers["Location"] == quiz_url("edit", quiz.pk)
        assert (quiz.title, quiz.course, quiz.live) == ("From Moodle", course, False)
        assert kinds(quiz) == ["single_choice", "true_false"]
        page = text_of(superuser.get(response.headers["Location"]))
        assert "2 questions imported." in page
        assert "Nothing found" in page
        assert save(superuser, quiz, "publish").status_code == 302
        assert Quiz.objects.get().live

    def test_a_file_is_shown_as_text_and_imported_from_there(
        self, superuser: Client, course: Course
    ) -> None:
        file = SimpleUploadedFile("q.txt", b"\xef\xbb\xbf" + GOOD.encode())
        page = send(superuser, course, "", file=file)
        assert page.context["form"]["text"].value() == GOOD
        send(superuser, course, page.context["form"]["text"].value(), **{"import": "1"})
        assert len(kinds(Quiz.objects.get())) == 2

    def test_every_refused_line_is_named_and_nothing_is_imported(
        self, superuser: Client, course: Course
    ) -> None:
        for button in ({}, {"import": "1"}):
            response = send(superuser, course, BAD, **button)
            lines = [(line.number, line.text) for line in response.context["refused"]]
            assert lines == [(3, "Broken {=a ~%150%b}"), (5, "No end {=a")]
            page = text_of(response)
            assert "A weight must be from 0 to 100 here." in page
            assert "Braces do not pair up." in page
            assert "No end {=a" in response.context["form"]["text"].value()
        assert not Quiz.objects.exists()

    @pytest.mark.parametrize(
        ("data", "said"),
        [
            ({"text": " \n"}, "Choose a file or paste some questions."),
            ({"text": "// only a comment"}, "There is no question in the text."),
            ({"title": ""}, "This field is required."),
            ({"course": ""}, "This field is required."),
            ({"file": SimpleUploadedFile("q.txt", b"\xff\xfe\x00")}, "Save it as UTF-8"),
            ({"file": SimpleUploadedFile("q.txt", b"x" * 1_000_001)}, "larger than one megabyte"),
        ],
    )
    def test_what_is_no_quiz_is_refused(
        self, superuser: Client, course: Course, data: dict[str, Any], said: str
    ) -> None:
        assert said in text_of(send(superuser, course, **{"text": GOOD, **data}))
        assert not Quiz.objects.exists()

    def test_the_course_is_kept(self, superuser: Client, course: Course) -> None:
        page = superuser.get(quiz_url("list"), {"course": course.pk}).content.decode()
        assert f"{quiz_url('import')}?course={course.pk}" in page
        form = superuser.get(quiz_url("import"), {"course": course.pk}).context["form"]
        assert form["course"].value() == course.pk
        assert superuser.get(quiz_url("import"), {"course": "x"}).status_code == 200

    def test_what_is_imported_otherwise_is_said(self, superuser: Client, course: Course) -> None:
        text = "Pick {~%50%a ~%50%b ~c}"
        assert "Ticking every choice gives no points here" in text_of(send(superuser, course, text))


class TestIntoAQuiz:
    def test_questions_are_appended_to_the_draft(self, superuser: Client, quiz: Quiz) -> None:
        save(superuser, quiz, "publish")
        url = quiz_url("import_into", quiz.pk)
        assert "2 questions can be imported" in text_of(superuser.post(url, {"text": GOOD}))
        superuser.post(url, {"text": GOOD, "import": "1"})
        assert kinds(Quiz.objects.get()) == ["single_choice"]
        assert kinds(latest(quiz)) == ["single_choice", "single_choice", "true_false"]
        entry = log_registry.get_logs_for_instance(quiz).order_by("timestamp", "pk").last()
        assert (entry.action, entry.user_id) == (
            "wagtail_live_lms.import_questions",
            superuser.user.pk,
        )
        page = text_of(superuser.get(quiz_url("history", quiz.pk)))
        assert "Imported questions: 2" in page

    def test_a_draft_that_was_never_live_is_what_is_listed(
        self, superuser: Client, quiz: Quiz
    ) -> None:
        superuser.post(quiz_url("import_into", quiz.pk), {"text": GOOD, "import": "1"})
        assert len(kinds(Quiz.objects.get())) == 3

    def test_a_quiz_locked_by_somebody_else_stays_as_it_is(
        self, superuser: Client, editor: EditorClient, quiz: Quiz
    ) -> None:
        other = editor("change_quiz")
        quiz.locked, quiz.locked_by = True, other.user
        quiz.save()
        url = quiz_url("import_into", quiz.pk)
        page = superuser.post(url, {"text": GOOD, "import": "1"}, follow=True)
        assert "locked" in text_of(page)
        assert kinds(latest(quiz)) == ["single_choice"]

    def test_a_quiz_that_does_not_exist_is_not_found(self, superuser: Client) -> None:
        assert superuser.get(quiz_url("import_into", 999)).status_code == 404


class TestExport:
    def test_it_reads_back_as_the_same_questions(
        self, superuser: Client, quiz: Quiz, course: Course
    ) -> None:
        superuser.post(quiz_url("import_into", quiz.pk), {"text": GOOD, "import": "1"})
        page = superuser.get(quiz_url("export", quiz.pk))
        assert page.context["omitted"] == []
        send(superuser, course, page.context["text"], **{"import": "1"})
        copy = Quiz.objects.exclude(pk=quiz.pk).get()
        assert kinds(copy) == kinds(latest(quiz))

    def test_what_is_lost_is_named(self, superuser: Client, course: Course) -> None:
        quiz = make_quiz(
            course,
            [
                question("ordering", "o1", items=items({"text": "a"}, {"text": "b"})),
                question("short_text", "s1", text="", answers=items({"text": "x"})),
                single_choice("q1", points="3"),
            ],
        )
        notes = superuser.get(quiz_url("export", quiz.pk)).context["omitted"]
        assert [note["title"] for note in notes][:1] == ["Question o1"]
        assert {"title": "Short text", "message": str(words.LOSSES["incomplete"])} in notes
        assert any("“Points” is left out" in note["message"] for note in notes)

    def test_it_can_be_downloaded(self, superuser: Client, quiz: Quiz) -> None:
        response = superuser.get(quiz_url("export", quiz.pk), {"download": "1"})
        assert response.headers["Content-Type"] == "text/plain; charset=utf-8"
        assert response.headers["Content-Disposition"].endswith('"moons.gift.txt"')
        assert "Question q1" in response.content.decode()


class TestWhoMay:
    @pytest.mark.parametrize(
        ("view", "needed"),
        [("import", "add_quiz"), ("import_into", "change_quiz"), ("export", "view_quiz")],
    )
    def test_each_page_asks_for_its_permission(
        self, editor: EditorClient, quiz: Quiz, view: str, needed: str
    ) -> None:
        url = quiz_url(view) if view == "import" else quiz_url(view, quiz.pk)
        assert editor(needed).get(url).status_code == 200
        others = {"add_quiz", "change_quiz"} - {needed} if view != "export" else {"add_course"}
        assert editor(*others).get(url).status_code == 302

    def test_the_list_offers_what_is_allowed(self, editor: EditorClient, quiz: Quiz) -> None:
        page = editor("view_quiz").get(quiz_url("list")).content.decode()
        assert quiz_url("export", quiz.pk) in page
        assert quiz_url("import") not in page
        assert quiz_url("import_into", quiz.pk) not in page


class TestWords:
    def test_every_refusal_has_words_that_can_be_translated(self) -> None:
        assert set(words.REFUSALS) == set(REASONS)

    def test_the_words_name_what_they_are_about(self) -> None:
        assert words.refusal_text(Refused(1, "number", "1..x")) == "This is no number. (1..x)"
        assert words.omission_text(Omission("q", "html")).startswith("Left out: This HTML")
        assert "points" in words.omission_text(Omission("q", "lost", "points"))

    def test_a_code_of_the_future_is_shown_as_it_is(self) -> None:
        assert words.note_text("novel") == "novel"
        assert "cannot express" in words.omission_text(Omission("q", "novel"))


@pytest.fixture(autouse=True)
def _no_leftovers() -> Iterator[None]:
    yield
    assert all(item["id"] for quiz in Quiz.objects.all() for item in quiz.question_data)
