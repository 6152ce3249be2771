"""The HTML of a question: shared while nobody has answered it, and a person's own afterwards."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from django.utils.translation import override

from wagtail_live_lms.components import quiz_drawing
from wagtail_live_lms.components.quiz_drawing import draw_question
from wagtail_live_lms.components.quiz_paper import ANSWERS, OptionView, QuestionView

BLANK = QuestionView(
    id="q1",
    kind="single_choice",
    element_id="quiz-1-q1",
    text="<p>What is a name in Python?</p>",
    points=Decimal(1),
    template=f"{ANSWERS}/single_choice.html",
    name="answer-q1",
    place=1,
    is_open=True,
    options=(OptionView("a", "<p>A label</p>"), OptionView("b", "<p>A box</p>")),
)


def hits() -> int:
    return quiz_drawing._drawn.cache_info().hits


def test_an_unanswered_question_is_drawn_once_for_a_class() -> None:
    before = hits()
    drawn = [draw_question(replace(BLANK)) for _ in range(10)]
    assert len(set(drawn)) == 1
    assert "A label" in drawn[0]
    assert hits() - before >= 8, "at most one draw, and one more where the moment ends"


def test_another_order_of_the_choices_and_another_language_are_drawn_for_themselves() -> None:
    turned = replace(BLANK, options=BLANK.options[::-1])
    assert draw_question(turned).index("A box") < draw_question(turned).index("A label")
    english = draw_question(BLANK)
    with override("de"):
        assert draw_question(replace(BLANK, points=Decimal("1.5"))) != english
        assert "1,5" in draw_question(replace(BLANK, points=Decimal("1.5")))
    assert "1.5" in draw_question(replace(BLANK, points=Decimal("1.5")))


def test_what_a_person_answered_is_shown_to_nobody_else() -> None:
    before = quiz_drawing._drawn.cache_info().currsize
    chosen = replace(BLANK.options[0], is_chosen=True)
    answered = replace(
        BLANK, id="q2", is_answered=True, response="a", options=(chosen, BLANK.options[1])
    )
    assert "checked" in draw_question(answered)
    assert "checked" not in draw_question(replace(BLANK, id="q2"))
    assert quiz_drawing._drawn.cache_info().currsize == before + 1


def test_what_an_own_type_needs_to_draw_its_field_counts_too() -> None:
    one, other = (replace(BLANK, data={"colour": colour}) for colour in ("red", "blue"))
    assert one != other
    assert hash(one) == hash(other)
    assert draw_question(one)
