"""Every finding has words, and they are where an editor looks."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.factories import question
from wagtail_live_lms import grading
from wagtail_live_lms.admin.quiz_findings import MESSAGES, Note, QuizCheck, describe
from wagtail_live_lms.grading import Finding
from wagtail_live_lms.models import Quiz

GRADING = Path(grading.__file__).parent


def test_every_code_of_the_core_has_words() -> None:
    source = "\n".join(path.read_text() for path in GRADING.glob("*.py"))
    codes = set(re.findall(r"""(?:_error|_warning|finding)\(\s*"(\w+)\"""", source))
    assert codes >= {"no_correct_answer", "no_questions", "closes_before_opening"}
    assert codes | {"invalid", "unreadable", "image_without_alternative"} == set(MESSAGES)


@pytest.mark.parametrize("code", MESSAGES)
def test_the_words_can_be_filled_in(code: str) -> None:
    params = {"text": "<p>a</p>", "by": "b", "message": "m", "reachable": 12.5, "value": "3.14"}
    params["reason"] = "r"
    assert "%(" not in describe(Finding(code, "q", True, "", params))
    assert "<p>" not in describe(Finding(code, "q", True, "", params))


def test_a_code_of_the_future_is_named() -> None:
    assert describe(Finding("novel", "q", False)) == "Look at this again (novel)."


def test_a_check_names_questions_as_the_editor_numbers_them() -> None:
    choices = [{"type": "item", "id": "a", "value": {"text": "A"}}]
    choices.append({"type": "item", "id": "b", "value": {"text": "B", "correct": True}})
    quiz = Quiz(
        title="",
        questions=[
            question("single_choice", "q1", choices=choices),
            question("multiple_choice", "q2", text="<p>Which?</p>", choices=choices[:1] * 1),
        ],
    )
    check = QuizCheck.of(quiz)
    assert [(note.number, note.title) for note in check.errors] == [(2, "Which?")]
    assert check.warnings == []
    assert isinstance(check.notes[0], Note)
