"""Questions as a page shows them, made of nothing but the paper and a policy."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

import pytest
from django.template.loader import render_to_string

from tests import factories, quizzes
from tests.rendering import element, texts
from wagtail_live_lms import blocks
from wagtail_live_lms.components import Policy, present
from wagtail_live_lms.components.quiz_paper import Judged, PaperView
from wagtail_live_lms.models import Paper, read_paper

OPEN = Policy(is_open=True)
ALL = Policy(shows_results=True, shows_feedback=True, shows_answers=True)


def paper(*questions: dict[str, Any]) -> Paper:
    return read_paper(questions or quizzes.everything())


def show(view: PaperView) -> str:
    return render_to_string("wagtail_live_lms/quiz/paper.html", {"paper": view})


def judged(**outcomes: str) -> dict[str, Judged]:
    return {ident: Judged(outcome, 1, 1) for ident, outcome in outcomes.items()}  # type: ignore[arg-type]


def test_it_needs_no_database_and_no_request() -> None:
    html = show(present(paper(), {}, {}, "seed", OPEN))
    assert html.count("<fieldset") == 8
    assert not any(secret in html for secret in quizzes.SECRETS)


def test_a_closed_paper_has_no_fields() -> None:
    html = show(present(paper(), {}, {}, "seed", Policy()))
    assert "<input" not in html
    assert "<select" not in html
    assert "<textarea" not in html
    assert "did not answer" in html


def test_places_are_counted_without_the_texts_between() -> None:
    view = present(paper(), {}, {}, "", OPEN)
    assert [item.place for item in view.items] == [0, 1, 2, 3, 4, 5, 6, 7, 8]
    assert (len(view.questions), view.answered, len(view.unanswered)) == (8, 0, 8)


def test_what_the_policy_withholds_is_not_there() -> None:
    results = judged(single="correct", short="incorrect")
    responses = {"single": "a"}
    nothing = present(paper(), responses, results, "", Policy())
    assert all(item.judged is None and not item.key for item in nothing.items)
    assert all(option.is_right is None for item in nothing.items for option in item.options)
    told = present(paper(), responses, results, "", ALL).questions
    assert told[0].judged == results["single"]
    assert [option.id for option in told[0].options if option.is_right] == ["a"]
    assert told[3].key == (f"{quizzes.KEY} Nairobi",)
    assert told[4].judged is None  # not graded, nothing to tell


def test_matches_tell_each_right_one() -> None:
    item = present(paper(quizzes.matching()), {}, judged(matching="incorrect"), "", ALL).items[0]
    assert {prompt.right for prompt in item.prompts} == {"Desert", "Ocean"}
    html = show(PaperView((item,)))
    assert "Correct answer: Desert" in html


def test_an_order_tells_which_items_are_in_their_place() -> None:
    view = present(
        paper(quizzes.ordering()),
        {"ordering": ["a", "c", "b"]},
        judged(ordering="partial"),
        "",
        ALL,
    )
    words = texts(show(view), "//li[contains(@class, 'live-lms-pick')]")
    assert words == ["Press In its place", "Radio Not in its place", "Phone Not in its place"]
    assert texts(show(view), "//div[@class='live-lms-key']//li") == ["Press", "Phone", "Radio"]


@pytest.mark.parametrize("typed", [{"a": "x", "b": "1"}, {"a": "9" * 9}, {"b": ""}, "text", 7])
def test_positions_that_make_no_order_are_shown_as_they_were_typed(typed: Any) -> None:
    view = present(paper(quizzes.ordering()), {"ordering": typed}, {}, "", OPEN)
    assert {option.id for option in view.items[0].options} == {"a", "b", "c"}


@pytest.mark.parametrize("response", [["a"], {"a": "b"}, 7, None, "gone"])
@pytest.mark.parametrize("ident", ["single", "multiple", "boolean", "matching", "ordering"])
def test_a_response_of_another_shape_does_no_harm(ident: str, response: Any) -> None:
    for policy in (OPEN, ALL):
        show(present(paper(), {ident: response}, judged(**{ident: "incorrect"}), "", policy))


def test_mistakes_are_told_beside_their_question() -> None:
    view = present(paper(), {}, {}, "", OPEN, errors={"number": ["Write a number."]}, prefix="p")
    assert [item.id for item in view.mistaken] == ["number"]
    field = element(show(view), "//fieldset[@data-question='number']")
    described = field.get("aria-describedby")
    assert described == "p-number-errors"
    assert "Write a number." in element(show(view), f"//*[@id='{described}']").text_content()


def test_text_is_escaped_where_it_is_text_and_expanded_where_it_is_rich() -> None:
    code = "<p>Look:</p><pre><code>a &lt; b\n    c</code></pre>"
    questions = [quizzes.single(text=code), quizzes.short(tail="<b>x</b>")]
    html = show(present(paper(*questions), {"short": "<script>"}, {}, "", OPEN))
    assert "<pre><code>a &lt; b\n    c</code></pre>" in html
    assert "&lt;b&gt;x&lt;/b&gt;" in html
    assert "<script" not in html


def test_a_gap_in_a_sentence_is_shown() -> None:
    html = show(present(paper(quizzes.single(tail="is the sum.")), {}, {}, "", OPEN))
    assert "is the sum." in texts(html, "//p[@class='live-lms-gap']")[0]


class TestATypeOfTheSitesOwn:
    @pytest.fixture(autouse=True)
    def _registered(self) -> Iterator[None]:
        @blocks.register_question("echo")
        class Echo(blocks.QuestionBlock):
            response_type: ClassVar[Any] = str

            @staticmethod
            def grade(data: Mapping[str, Any], response: Any) -> bool:
                return bool(response == data["wanted"])

        yield
        blocks.unregister_question("echo")

    def test_it_is_answered_in_a_field_of_text(self) -> None:
        question = factories.question("echo", "own", wanted=quizzes.KEY)
        view = present(paper(question), {"own": "hello"}, {}, "", OPEN)
        html = show(view)
        assert element(html, "//input[@type='text']").get("value") == "hello"
        assert quizzes.KEY not in html
        assert view.items[0].data == {"wanted": quizzes.KEY}
