"""What editors see of a quiz before students do: every state, nobody's data, nothing stored."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.admin.quiz_forms import quiz_url, rendered
from tests.factories import items, make_quiz, make_superuser, question, single_choice
from wagtail_live_lms.components.quiz_preview import preview_quiz, wrong_response
from wagtail_live_lms.models import PreviewMode, Quiz
from wagtail_live_lms.models.quiz_checks import load_stored

PAIRS = items({"prompt": "A", "match": "a"}, {"prompt": "B", "match": "b"})
CHOICES = items({"text": "A", "correct": True}, {"text": "B"})
EVERY_KIND = [
    question("information", "i1"),
    single_choice("q1", explanation="<p>Because.</p>"),
    question("multiple_choice", "q2", choices=CHOICES),
    question("true_false", "q3", correct="false"),
    question("short_text", "q4", answers=items({"text": "knot"})),
    question("number", "q5", answers=items({"value": "0", "absolute": "2"})),
    question("ordering", "q6", items=items({"text": "A"}, {"text": "B"}, {"text": "C"})),
    question("matching", "q7", pairs=PAIRS),
    question("long_answer", "q8"),
]
del EVERY_KIND[0]["value"]["points"]


def preview(mode: str, *questions: dict[str, Any], **fields: Any) -> Any:
    quiz = Quiz(title="Knots", questions=list(questions or EVERY_KIND), **fields)
    return preview_quiz(quiz, mode)


def outcomes(shown: Any) -> set[str]:
    return {item.judged.outcome for item in shown.paper.questions}


class TestModes:
    def test_before_it_is_handed_in_everything_can_be_answered(self) -> None:
        shown = preview(PreviewMode.BEFORE)
        assert len(shown.paper.questions) == 8
        assert all(item.is_open for item in shown.paper.questions)
        assert shown.paper.answered == 0
        assert not any(item.judged or item.key or item.explanation for item in shown.paper.items)

    def test_all_right_is_passed_with_all_points(self) -> None:
        shown = preview(PreviewMode.RIGHT)
        assert outcomes(shown) == {"correct"}
        assert (shown.score, shown.percent, shown.passed) == (8, 100, True)
        assert shown.paper.answered == 8

    def test_all_wrong_has_no_points(self) -> None:
        shown = preview(PreviewMode.WRONG)
        assert outcomes(shown) == {"incorrect"}
        assert (shown.score, shown.percent, shown.passed) == (0, 0, False)
        assert shown.paper.answered == 8

    @pytest.mark.parametrize("stored", EVERY_KIND[1:], ids=lambda item: item["type"])
    def test_the_wrong_response_is_one_a_student_could_send(self, stored: dict[str, Any]) -> None:
        asked = load_stored(stored)
        assert not asked.is_blank(wrong_response(asked))

    def test_a_question_without_a_wrong_answer_gets_its_worst(self) -> None:
        choices = items({"text": "A", "correct": True}, {"text": "B", "credit": 50})
        shown = preview(PreviewMode.WRONG, question("single_choice", "q1", choices=choices))
        assert outcomes(shown) == {"partial"}


class TestPolicy:
    def test_answers_after_passing_are_shown_to_those_who_pass(self) -> None:
        rules = {"answers_time": "after_passing", "feedback_time": "at_once"}
        assert preview(PreviewMode.RIGHT, **rules).paper.questions[0].key
        wrong = preview(PreviewMode.WRONG, **rules).paper.questions[0]
        assert (wrong.key, wrong.explanation) == ((), "<p>Because.</p>")

    @pytest.mark.parametrize("time", ["never", "after_closing"])
    def test_what_is_never_or_later_shown_is_not_shown(self, time: str) -> None:
        shown = preview(PreviewMode.RIGHT, answers_time=time, feedback_time=time)
        assert not any(item.judged or item.key for item in shown.paper.questions)

    def test_results_alone_come_without_explanation(self) -> None:
        shown = preview(PreviewMode.RIGHT, feedback_detail="results").paper.questions[0]
        assert (shown.judged is None, shown.explanation) == (False, "")


class TestDrafts:
    def test_what_is_not_complete_is_left_out(self) -> None:
        broken = question("short_text", "q9", answers=items({"text": ""}))
        shown = preview(PreviewMode.RIGHT, broken, single_choice("q1"))
        assert [item.id for item in shown.paper.questions] == ["q1"]

    def test_an_empty_quiz_is_shown_empty(self) -> None:
        shown = preview_quiz(Quiz(title="Knots"), PreviewMode.RIGHT)
        assert (shown.paper.items, shown.percent) == ((), 0)


@pytest.mark.django_db
class TestPage:
    @pytest.mark.parametrize("mode", PreviewMode.values)
    def test_each_mode_is_a_page_of_its_own(self, mode: str) -> None:
        quiz = make_quiz(questions=EVERY_KIND, title="Knots", live=False)
        client = Client()
        client.force_login(make_superuser())
        form = rendered(client.get(quiz_url("edit", quiz.pk)))
        url = quiz_url("preview_on_edit", quiz.pk)
        assert client.post(url, form).json()["is_valid"] is True
        with CaptureQueriesContext(connection) as queries:
            page = client.get(url, {"mode": mode})
        assert page.status_code == 200
        html = page.content.decode()
        assert "live-lms-quiz.css" in html
        assert ("Passed" in html) == (mode == PreviewMode.RIGHT)
        assert ("Not passed" in html) == (mode == PreviewMode.WRONG)
        assert ("<title>Knots</title>" in html, "data-live-" in html) == (True, False)
        tables = {"wagtail_live_lms_submission", "wagtail_live_lms_enrolment"}
        assert [q for q in queries if any(f'"{table}"' in q["sql"] for table in tables)] == []

    def test_an_empty_draft_says_so(self) -> None:
        quiz = make_quiz(live=False)
        quiz.questions = []
        response = quiz.make_preview_request()
        assert "no complete question yet" in response.content.decode()
