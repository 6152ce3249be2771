"""A quiz's live results in the admin: for those who teach it, linked from where the quiz is."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from wagtail.log_actions import registry as log_registry

from tests import factories
from tests.quiz_taking import hand_in
from wagtail_live_lms.admin.quiz_live import URL_NAME
from wagtail_live_lms.models import CourseInstructor, Quiz

from .conftest import EditorClient

pytestmark = pytest.mark.django_db


@pytest.fixture
def quiz() -> Quiz:
    return factories.make_quiz(title="Knots")


def url_of(quiz: Quiz) -> str:
    return reverse(URL_NAME, args=[quiz.pk])


def teacher(editor: EditorClient, quiz: Quiz, *codenames: str) -> Client:
    client: Any = editor(*codenames)
    CourseInstructor.objects.create(course=quiz.course, user=client.user)
    return client


def test_who_teaches_and_may_look_sees_the_component(editor: EditorClient, quiz: Quiz) -> None:
    submission = hand_in(quiz, "a", "a")
    html = teacher(editor, quiz, "view_quiz").get(url_of(quiz)).content.decode()
    assert 'data-live-component="quiz_results"' in html
    assert f'data-submission="{submission.pk}"' in html
    assert "live-lms.js" in html
    assert "live-lms-results.css" in html


def test_the_pages_url_chooses_what_is_shown(editor: EditorClient, quiz: Quiz) -> None:
    client = teacher(editor, quiz, "view_quiz")
    html = client.get(url_of(quiz), {"view": "questions"}).content.decode()
    assert 'aria-current="true"' in html
    assert 'hx-get="?view=questions"' in html


def test_who_does_not_teach_it_finds_nothing(editor: EditorClient, quiz: Quiz) -> None:
    assert editor("view_quiz").get(url_of(quiz)).status_code == 404


def test_who_teaches_but_may_not_look_at_quizzes_is_sent_away(
    editor: EditorClient, quiz: Quiz
) -> None:
    response = teacher(editor, quiz, "view_course").get(url_of(quiz))
    assert response.status_code == 302


def test_a_quiz_that_is_not_there(superuser: Client) -> None:
    assert superuser.get(reverse(URL_NAME, args=[999_999])).status_code == 404


class TestLinks:
    def test_list_and_form_lead_there(self, superuser: Client, quiz: Quiz) -> None:
        for view, arguments in (("list", []), ("edit", [quiz.pk])):
            url = reverse(f"wagtail_live_lms_quizzes:{view}", args=arguments)
            assert f'href="{url_of(quiz)}"' in superuser.get(url).content.decode()

    def test_but_not_those_who_do_not_teach(self, editor: EditorClient, quiz: Quiz) -> None:
        other = factories.make_quiz()
        client = teacher(editor, quiz, "change_quiz", "view_quiz")
        html = client.get(reverse("wagtail_live_lms_quizzes:list")).content.decode()
        assert url_of(quiz) in html
        assert url_of(other) not in html

    def test_asking_who_teaches_takes_one_query_for_the_list(
        self, editor: EditorClient, quiz: Quiz
    ) -> None:
        client = teacher(editor, quiz, "view_quiz")
        for _ in range(3):
            factories.make_quiz(quiz.course)
        with CaptureQueriesContext(connection) as queries:
            client.get(reverse("wagtail_live_lms_quizzes:list"))
        asked = [q for q in queries if 'FROM "wagtail_live_lms_courseinstructor"' in q["sql"]]
        assert len(asked) == 2, "once for all links of the menu, once for all rows"


@pytest.mark.parametrize("action", ["regrade_quiz", "grade_answer"])
def test_the_history_has_words_for_what_graders_do(action: str) -> None:
    assert log_registry.action_exists(f"wagtail_live_lms.{action}")
