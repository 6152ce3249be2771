"""The question type in the documentation, from registration to a graded attempt."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from tests.admin.quiz_forms import fill, quiz_url, rendered, save
from tests.factories import make_course, make_quiz, make_student, make_superuser, question
from wagtail_live_lms import actions, blocks
from wagtail_live_lms.actions import Given
from wagtail_live_lms.components.quiz_preview import preview_quiz
from wagtail_live_lms.models import PreviewMode, Quiz, read_paper

PAGE = Path(__file__).resolve().parents[2] / "docs/how-to/question-type.md"
KIND = "date"


def code(language: str, number: int = 0) -> str:
    return str(re.findall(rf"^```{language}\n(.*?)^```", PAGE.read_text(), re.S | re.M)[number])


@pytest.fixture
def date_type(settings: Any, tmp_path: Path) -> Iterator[Any]:
    """The site of the documentation: its module is imported, its template is in place."""
    template = tmp_path / "history" / "date_answer.html"
    template.parent.mkdir()
    template.write_text(code("html"))
    engine = settings.TEMPLATES[0]
    settings.TEMPLATES = [{**engine, "DIRS": [*engine.get("DIRS", []), tmp_path]}]
    module = ModuleType("documented_question")
    sys.modules[module.__name__] = module
    exec(compile(code("python"), str(PAGE), "exec"), module.__dict__)
    yield blocks.question_types[KIND]
    exec(code("python", 1), {})
    del sys.modules[module.__name__]
    assert KIND not in blocks.question_types


def asked(**value: Any) -> dict[str, Any]:
    return question(KIND, "q1", **{"day": "1969-07-20", "near": True, **value})


def test_it_takes_forty_lines_at_most() -> None:
    assert len(code("python").splitlines()) <= 40


@pytest.mark.django_db
class TestDocumentedType:
    @pytest.fixture
    def editor(self) -> Client:
        client = Client()
        client.force_login(make_superuser())
        return client

    def test_an_editor_writes_one_and_publishes_it(self, date_type: Any, editor: Client) -> None:
        course = make_course()
        form = rendered(editor.get(quiz_url("add"), {"course": course.pk}))
        row, text = "questions-0", '{"blocks": [{"key": "a", "type": "unstyled", "text": "When?"'
        text += ', "depth": 0, "inlineStyleRanges": [], "entityRanges": []}], "entityMap": {}}'
        new = {
            "questions-count": "1",
            f"{row}-deleted": "",
            f"{row}-order": "0",
            f"{row}-type": KIND,
            f"{row}-id": "q1",
            f"{row}-value-text": text,
            f"{row}-value-day": "1969-07-20",
            f"{row}-value-points": "2",
            f"{row}-value-explanation": "null",
        }
        data = fill(form, title="Moon", **new, **{"action-publish": "1"})
        assert editor.post(quiz_url("add"), data).status_code == 302
        quiz = Quiz.objects.get()
        assert quiz.live
        assert quiz.question_data[0]["value"]["day"] == "1969-07-20"
        page = editor.get(quiz_url("edit", quiz.pk)).content.decode()
        assert "Right date" in page
        assert "Your site&#x27;s questions" in page or "Your site\\u2019s questions" in page
        assert save(editor, quiz, "publish").status_code == 302

    def test_its_warning_stands_in_the_check(self, date_type: Any, editor: Client) -> None:
        quiz = make_quiz(questions=[asked(day="9999-01-01")], live=False)
        page = editor.get(quiz_url("edit", quiz.pk)).content.decode()
        assert "The date is in the future." in page
        assert save(editor, quiz, "publish").status_code == 302

    def test_a_student_answers_it(self, date_type: Any) -> None:
        quiz = make_quiz(make_course(), [asked(points="4")], submissions_per_hour=0)
        student = make_student(quiz.course)

        def score(response: str) -> str:
            attempt = actions.start_attempt(student.user, quiz)
            given = {"q1": Given(response, actions.milliseconds(timezone.now()))}
            return str(actions.submit_attempt(attempt, given).score)

        assert [score(day) for day in ("1969-07-20", "1970-01-01", "1492-10-12", "")] == [
            "4.00",
            "2.00",
            "0.00",
            "0.00",
        ]

    def test_its_template_and_its_key_are_shown(self, date_type: Any) -> None:
        quiz = make_quiz(questions=[asked()], live=False)
        page = quiz.make_preview_request().content.decode()
        assert 'type="date" name="answer-q1"' in page
        shown = preview_quiz(quiz, PreviewMode.WRONG).paper.questions[0]
        assert shown.template == "history/date_answer.html"
        right = preview_quiz(Quiz(title="", questions=[asked()], answers_time="at_once"), "right")
        assert right.paper.questions[0].key == ("1969-07-20",)

    def test_what_is_no_date_is_refused(self, date_type: Any) -> None:
        quiz = make_quiz(questions=[asked()])
        schema = read_paper(quiz.question_data).schema
        assert schema.model_validate({"answer-q1": "1969-07-20"})
        with pytest.raises(ValueError, match="1969"):
            schema.model_validate({"answer-q1": "1969-13-40"})

    def test_the_picker_shows_it(self, date_type: Any, editor: Client) -> None:
        url = "/admin/block-preview/"
        page = editor.get(url, {"id": date_type.definition_prefix}).content.decode()
        assert 'type="date"' in page
