"""Loading a quiz, what may be answered, grading all of it, and what is wrong with it."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from pydantic import ValidationError

from wagtail_live_lms.grading import (
    KINDS,
    answers_schema,
    grade_all,
    lint_quiz,
    load_question,
    load_questions,
    maximum_points,
    responses_in,
)
from wagtail_live_lms.grading.base import Question, points_for

from .questions import choices, codes, listed, question
from .vectors import ROUNDED

NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)


def block(kind: str, id: str, **value: Any) -> dict[str, Any]:
    return {"type": kind, "id": id, "value": {"text": "<p>Well?</p>", **value}}


QUIZ = [
    block("information", "intro"),
    block("true_false", "fact", correct="true", points="2"),
    block("long_answer", "essay", points=5, max_words=2),
    block("single_choice", "pick", choices=choices("ab", "a")),
]


class TestLoading:
    def test_lists_are_read_as_stored_and_flat(self) -> None:
        flat = choices("ab", "a")
        stored = [
            {"type": "item", "id": one["id"], "value": {k: v for k, v in one.items() if k != "id"}}
            for one in flat
        ]
        assert question("single_choice", choices=stored) == question("single_choice", choices=flat)

    def test_an_empty_field_has_its_default(self) -> None:
        asked = question("single_choice", choices=[], points=None, explanation=None)
        assert (asked.points, asked.explanation) == (1, "")

    @pytest.mark.parametrize(
        "entries",
        [
            [{"text": "no id"}],
            [{"type": "item", "value": {"text": "no id"}}],
            [{"id": "", "text": "empty id"}],
            [{"id": "a", "text": "x"}, {"id": "a", "text": "same id"}],
            [{"id": "a", "text": "x", "unknown": 1}],
            [{"id": "a", "text": "x", "credit": 101}],
            ["x"],
            "x",
            5,
        ],
    )
    def test_a_bad_list_is_refused(self, entries: Any) -> None:
        with pytest.raises(ValidationError):
            question("single_choice", choices=entries)

    @pytest.mark.parametrize("points", [0, -1, "0.001", 1000.01, "nan", "x"])
    def test_bad_points_are_refused(self, points: Any) -> None:
        with pytest.raises(ValidationError):
            question("long_answer", points=points)

    def test_questions_cannot_be_changed(self) -> None:
        with pytest.raises(ValidationError):
            question("long_answer").points = 3

    def test_an_unknown_kind_is_refused(self) -> None:
        with pytest.raises(ValueError, match="unknown kind of question 'riddle'"):
            load_question("riddle", "q", {"text": "x"})

    def test_two_questions_never_share_an_id(self) -> None:
        with pytest.raises(ValueError, match="share an id"):
            load_questions([QUIZ[1], QUIZ[1]])

    def test_every_kind_is_known_by_its_name(self) -> None:
        assert {kind: one.kind for kind, one in KINDS.items()} == {kind: kind for kind in KINDS}


class TestAnswers:
    def test_only_what_was_sent_is_stored(self) -> None:
        schema = answers_schema(load_questions(QUIZ))
        sent = schema.model_validate({"answer-fact": "false", "answer-pick": ""})
        assert responses_in(sent) == {"fact": "false", "pick": None}

    @pytest.mark.parametrize("name", ["answer-intro", "answer-gone", "fact", "answer-"])
    def test_nothing_else_may_be_sent(self, name: str) -> None:
        with pytest.raises(ValidationError):
            answers_schema(load_questions(QUIZ)).model_validate({name: "x"})

    def test_refusals_name_the_field(self) -> None:
        schema = answers_schema(load_questions(QUIZ))
        with pytest.raises(ValidationError) as refused:
            schema.model_validate({"answer-pick": "x", "answer-fact": "x"})
        assert [error["loc"] for error in refused.value.errors()] == [
            ("answer-fact",),
            ("answer-pick",),
        ]

    def test_handing_in_is_stricter_than_saving(self) -> None:
        questions = load_questions(QUIZ)
        sent = {"answer-essay": "one two three"}
        assert answers_schema(questions).model_validate(sent)
        with pytest.raises(ValidationError):
            answers_schema(questions, final=True).model_validate(sent)


class TestGrading:
    def test_every_question_counts_whether_answered_or_not(self) -> None:
        graded = grade_all(load_questions(QUIZ), {"fact": "true", "gone": "x"})
        assert list(graded.results) == ["fact", "essay", "pick"]
        assert (graded.score, graded.maximum) == (2, 8)
        assert not graded.pending

    def test_it_is_pending_while_a_person_must_decide(self) -> None:
        graded = grade_all(load_questions(QUIZ), {"essay": "Once upon", "pick": "a"})
        assert graded.pending
        assert graded.score == 1

    def test_a_void_question_is_worth_everything_to_everybody(self) -> None:
        void = load_questions([block("long_answer", "essay", void=True, points=5)])
        for responses in ({}, {"essay": "text"}):
            graded = grade_all(void, responses)
            assert (graded.score, graded.pending) == (5, False)
            assert graded.results["essay"].outcome == "correct"

    @pytest.mark.parametrize(("fraction", "points", "rounded"), ROUNDED)
    def test_points_are_rounded_half_up(
        self, fraction: Fraction, points: str, rounded: str
    ) -> None:
        assert str(points_for(fraction, Decimal(points))) == rounded

    def test_nothing_is_worth_nothing(self) -> None:
        assert grade_all([], {}) == ({}, Decimal(0), Decimal(0), False)
        assert maximum_points([]) == 0

    def test_a_kind_must_say_how_it_is_answered_and_judged(self) -> None:
        nothing = Question(id="q", text="")
        for call in (nothing.response_type, lambda: nothing.judge("x")):
            with pytest.raises(NotImplementedError):
                call()


class TestLint:
    def found(self, questions: list[dict[str, Any]], **quiz: Any) -> list[str]:
        return [finding.code for finding in lint_quiz(load_questions(questions), **quiz)]

    def test_a_quiz_with_nothing_wrong(self) -> None:
        window = {"opens": NOON, "closes": NOON + timedelta(hours=1)}
        assert self.found(QUIZ, pass_mark=100, time_limit_seconds=3600, **window) == []

    def test_no_questions(self) -> None:
        assert self.found([]) == self.found(QUIZ[:1]) == ["no_questions"]

    def test_a_pass_mark_that_no_answers_reach(self) -> None:
        broken = block("single_choice", "pick", choices=listed({"text": "x", "credit": 50}))
        quiz = [QUIZ[1], broken]
        assert "pass_mark_unreachable" not in self.found(quiz, pass_mark=83)
        findings = lint_quiz(load_questions(quiz), pass_mark=84)
        assert [one.code for one in findings if not one.question_id] == ["pass_mark_unreachable"]
        assert findings[-1].params == {"reachable": pytest.approx(83.33, abs=0.01)}
        assert all(one.question_id == "pick" for one in findings[:-1])

    def test_a_void_question_is_always_reachable(self) -> None:
        broken = block("single_choice", "pick", choices=[], void=True)
        assert "pass_mark_unreachable" not in self.found([broken], pass_mark=100)

    @pytest.mark.parametrize(
        ("minutes", "code"),
        [(60, []), (59, ["window_shorter_than_limit"]), (0, ["closes_before_opening"])],
    )
    def test_a_window_too_short(self, minutes: int, code: list[str]) -> None:
        closes = NOON + timedelta(minutes=minutes)
        assert self.found(QUIZ, time_limit_seconds=3600, opens=NOON, closes=closes) == code

    @pytest.mark.parametrize("ends", [{"opens": NOON}, {"closes": NOON}])
    def test_half_a_window_is_never_too_short(self, ends: dict[str, datetime]) -> None:
        assert self.found(QUIZ, time_limit_seconds=3600, **ends) == []

    @pytest.mark.parametrize(
        ("text", "is_found"),
        [
            ('<embed embedtype="image" id="1" format="left"/>', True),
            ('<embed embedtype="image" id="1" alt="A map"/>', False),
            ('<embed embedtype="image" id="1" alt=""/>', False),
            ('<embed embedtype="media" url="https://example.com/"/>', False),
            ("<p><IMG src='x'></p>", True),
            ('<img src="x" title="alt=none" data-alt="no">', True),
            ('<img src="x"\nalt="A > B">', False),
            ("<image>", False),
            ('<img src="unclosed', False),
        ],
    )
    def test_images_without_a_text_for_those_who_cannot_see(
        self, text: str, is_found: bool
    ) -> None:
        assert codes(question("long_answer", text=text)) == (
            {"image_without_alternative": False} if is_found else {}
        )

    def test_findings_name_the_field(self) -> None:
        entries = [*choices("ab", "a"), {"id": "c", "text": "<img>"}]
        (finding,) = question("single_choice", choices=entries).lint()
        assert finding.field == "choices.2.text"


def test_grading_works_without_django() -> None:
    program = (
        "import sys; import wagtail_live_lms.grading.analysis, wagtail_live_lms.grading.gift;"
        "assert not {'django', 'wagtail'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", program], check=True, timeout=60)
