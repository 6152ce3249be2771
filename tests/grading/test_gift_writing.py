"""GIFT written here reads back as the same questions, and what is lost is named."""

from __future__ import annotations

import html
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wagtail_live_lms.grading import Question, load_question
from wagtail_live_lms.grading.gift import parse, write
from wagtail_live_lms.grading.gift.simplify import without_ids

from . import strategies as some
from .questions import choices, listed, question

words = (
    st.text(st.characters(exclude_categories=["Cs", "Cc", "Cn"]), min_size=1, max_size=12)
    | st.sampled_from(["%5%", "[html]x", "[plain]", "//x", "::", "a=b~c#d{e}:f\\n\\*"])
    | st.sampled_from(["$CATEGORY:", "<b>", "a & b", "&amp;", "x\ny", "####", "T", "TRUE"])
    | st.sampled_from(["\\", "*", "_a_", "**b**"])
).map(str.strip).filter(bool)  # fmt: skip
escaped = words.map(lambda text: html.escape(text, quote=False).replace("\n", "<br/>"))
rich = (
    escaped.map(lambda text: f"<p>{text}</p>")
    | escaped.map(lambda text: f"<p>a <b>{text}</b> <code>x</code></p>")
    | escaped.map(lambda text: f"<ul><li>{text}</li></ul>")
    | st.just('<p><a href="https://example.com/?a=1&amp;b=2">x</a></p>')
)
texts_without_arrow = words.filter(lambda text: "->" not in text)
maybe = words | st.just("")
CHOICE = {"text": rich, "feedback": maybe}
percents = st.integers(0, 99)

REPRESENTABLE: dict[str, dict[str, Any]] = {
    "single_choice": {
        "choices": some.listed(CHOICE | {"credit": percents}, 1, 4).flatmap(
            lambda wrong: st.permutations(
                [*wrong, {"id": "right", "text": "<p>r</p>", "correct": True}]
            )
        ),
        "tail": maybe,
    },
    "multiple_choice": {
        "choices": some.listed(CHOICE | {"correct": st.booleans()}, 1, 6).map(
            lambda drawn: [*drawn, {"id": "right", "text": "<p>r</p>", "correct": True}]
        )
    },
    "true_false": {"correct": st.booleans(), "feedback_true": maybe, "feedback_false": maybe},
    "number": {
        "answers": some.listed(
            {
                "value": some.numbers,
                "absolute": some.tolerances,
                "credit": some.percents,
                "feedback": maybe,
            },
            1,
        ),
        "tail": maybe,
    },
    "matching": {
        "pairs": some.listed({"prompt": rich, "match": words}, 2),
        "distractors": some.listed({"text": words}, 0, 2),
    },
    "long_answer": {},
    "information": {},
}


def representable(kind: str) -> st.SearchStrategy[Question]:
    general = {} if kind == "information" else {"explanation": rich | st.just("")}
    fields = {"text": rich, **general, **REPRESENTABLE[kind]}
    return st.fixed_dictionaries(fields).map(lambda value: load_question(kind, "q", value))


@given(st.sampled_from(sorted(REPRESENTABLE)).flatmap(representable))
def test_what_gift_can_say_reads_back_the_same(written: Question) -> None:
    found = write([written])
    assert found.omitted == ()
    (draft,) = parse(found.text)
    assert without_ids(draft.question()) == without_ids(written)
    assert draft.notes == ()


@given(
    some.listed({"text": texts_without_arrow, "credit": some.percents, "feedback": maybe}, 1),
    st.booleans(),
    rich,
)
def test_short_texts_read_back_the_same(
    answers: list[dict[str, Any]], wildcards: bool, text: str
) -> None:
    has_star = any("*" in answer["text"].replace("\\*", "") for answer in answers)
    written = question("short_text", answers=answers, wildcards=wildcards and has_star, text=text)
    found = write([written])
    is_taken_for_truth = len(answers) == 1 and found.omitted
    if not is_taken_for_truth:
        assert found.omitted == ()
        (draft,) = parse(found.text)
        assert without_ids(draft.question()) == without_ids(written)


@given(st.lists(some.questions, max_size=4))
def test_whatever_is_written_reads_back_and_the_rest_is_named(drawn: list[Question]) -> None:
    quiz = [one.model_copy(update={"id": f"q{index}"}) for index, one in enumerate(drawn)]
    written = write(quiz)
    left_out = {omission.question_id for omission in written.omitted if not omission.field}
    kept = [one for one in quiz if one.id not in left_out]
    assert [draft.kind for draft in parse(written.text)] == [one.kind for one in kept]


def test_it_is_written_as_plainly_as_possible() -> None:
    asked = [
        question("single_choice", text="<p>2 &lt; 3?</p>", choices=choices("ab", "a"), tail="so."),
        question("short_text", text="<p>Say <b>it</b>.</p>", answers=listed({"text": "a*b"})),
        question("number", answers=listed({"value": "3.14", "absolute": "0.01", "credit": 50})),
        question("true_false", correct=False, feedback_false="Yes: so.", explanation="<p>Why.</p>"),
        question("multiple_choice", choices=choices("abcd", "abc"), text="<p>x</p>"),
    ]
    assert write(asked).text == (
        "2 < 3? {\n\t=[html]a\n\t~[html]b\n} so.\n\n"
        "[html]<p>Say <b>it</b>.</p> {\n\t=a\\\\*b\n}\n\n"
        "Well? {#\n\t=%50%3.14:0.01\n}\n\n"
        "Well? {FALSE##Yes\\: so.####Why.}\n\n"
        "x {\n\t~%33.33333%[html]a\n\t~%33.33333%[html]b\n\t~%33.33333%[html]c\n"
        "\t~%-33.33333%[html]d\n}\n"
    )


@pytest.mark.parametrize(
    "text", ["%5% off", "[html]", "//", "::", "= ~ # { } : \\", "$CATEGORY: x"]
)
def test_what_looks_like_gift_is_text(text: str) -> None:
    entries = listed({"text": f"<p>{text}</p>"}, {"text": f"<p>{text}!</p>", "correct": True})
    asked = [
        question("single_choice", text=f"<p>{text}</p>", choices=entries, tail=text),
        question("short_text", text="<p>x</p>", answers=listed({"text": text, "feedback": text})),
        question("information", text=f"<p>{text}</p>"),
    ]
    written = write(asked)
    assert written.omitted == ()
    read = [draft.question() for draft in parse(written.text)]
    assert without_ids(read) == without_ids(asked)


def lost(asked: Question) -> list[tuple[str, str]]:
    return [(omission.code, omission.field) for omission in write([asked]).omitted]


@pytest.mark.parametrize(
    ("kind", "value", "names"),
    [
        ("long_answer", {"points": 5, "void": True}, ["points", "void"]),
        ("long_answer", {"guidance": "g", "min_words": 1, "max_words": 2},
         ["guidance", "min_words", "max_words"]),
        ("information", {"explanation": "x"}, ["explanation"]),
        ("multiple_choice", {"choices": choices("ab", "a", pinned=True), "shuffle": False,
                             "method": "all_or_nothing"}, ["shuffle", "method", "pinned"]),
        ("single_choice", {"choices": choices("ab", "a"), "shuffle": False}, ["shuffle"]),
        ("short_text", {"answers": listed({"text": "a"}), "match_case": True,
                        "ignore_accents": True, "ignore_punctuation": True},
         ["match_case", "ignore_accents", "ignore_punctuation"]),
        ("short_text", {"answers": listed({"text": "a\\*"}), "wildcards": True}, []),
        ("number", {"answers": listed({"value": 200, "relative": 5}), "unit": "m",
                    "decimal_comma": True}, ["unit", "decimal_comma", "relative"]),
        ("matching", {"pairs": listed({"prompt": "a", "match": "b", "feedback": "c"},
                                      {"prompt": "d", "match": "e"}), "shuffle": False},
         ["shuffle", "feedback"]),
        ("true_false", {"correct": True, "text": '<p class="x">y</p>'}, ["formatting"]),
    ],
)  # fmt: skip
def test_what_gift_cannot_say_is_named(kind: str, value: dict[str, Any], names: list[str]) -> None:
    asked = question(kind, **value)
    assert lost(asked) == [("lost", name) for name in names]
    assert [draft.kind for draft in parse(write([asked]).text)] == [kind]


def test_a_percentage_becomes_the_amount_that_it_is() -> None:
    asked = question("number", answers=listed({"value": 200, "relative": 5, "absolute": 1}))
    assert "=200:10" in write([asked]).text


class Definition:
    def grade(self, data: Any, response: Any) -> bool:
        return True


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        (question("ordering", items=listed({"text": "a"}, {"text": "b"})), "not_expressible"),
        (load_question("own", "q", {"text": "x"}, custom={"own": Definition()}), "not_expressible"),
        (question("single_choice", choices=choices("ab", "")), "not_expressible"),
        (question("single_choice", choices=choices("a", "a")), "not_expressible"),
        (question("multiple_choice", choices=choices("ab", "")), "not_expressible"),
        (question("short_text", answers=listed({"text": "p->x"})), "not_expressible"),
        (question("short_text", answers=[]), "not_expressible"),
        (question("long_answer", text=""), "not_expressible"),
        (question("long_answer", text='<embed embedtype="image" id="1" alt="x"/>'), "image"),
        (question("long_answer", text='<a id="1" linktype="page">x</a>'), "link"),
        (question("long_answer", text="<h2>x</h2>"), "html"),
    ],
)  # fmt: skip
def test_a_question_that_gift_cannot_hold_is_left_out(asked: Question, code: str) -> None:
    written = write([asked])
    assert written.text == ""
    assert written.omitted == (("q", code, ""),)
