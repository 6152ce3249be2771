"""GIFT: every type of question, every format, and what is refused where."""

from __future__ import annotations

import itertools
import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wagtail_live_lms.grading.gift import Draft, GiftErrors, parse
from wagtail_live_lms.grading.gift.refusals import REASONS, Refused


def one(text: str) -> Draft:
    (draft,) = parse(text)
    return draft


def value(text: str) -> Any:
    """The fields of the only question, its list entries flat and without ids."""
    return {
        name: [entry["value"] for entry in inner] if isinstance(inner, list) else inner
        for name, inner in one(text).value.items()
    }


def refusals(text: str) -> list[tuple[int, str]]:
    with pytest.raises(GiftErrors) as refused:
        parse(text)
    return [(error.line, error.code) for error in refused.value.errors]


class TestTypes:
    def test_single_choice(self) -> None:
        read = value(
            """::Planets:: Which is the largest planet? {
                =Jupiter#Yes!
                ~%40%Saturn
                ~Mars # Too small.
                ####Jupiter has 318 times the mass of Earth.
            }"""
        )
        assert read == {
            "text": "<p>Which is the largest planet?</p>",
            "choices": [
                {"text": "<p>Jupiter</p>", "correct": True, "feedback": "Yes!", "credit": 0},
                {"text": "<p>Saturn</p>", "correct": False, "feedback": "", "credit": 40},
                {"text": "<p>Mars</p>", "correct": False, "feedback": "Too small.", "credit": 0},
            ],
            "explanation": "<p>Jupiter has 318 times the mass of Earth.</p>",
        }
        assert one("Which? {~%100%a ~b =c}").value["choices"][0]["value"]["correct"]

    def test_several_right_choices(self) -> None:
        read = one("Even? {~%50%2 ~%50%4 ~%-50%3}")
        assert read.kind == "multiple_choice"
        assert [entry["value"]["correct"] for entry in read.value["choices"]] == [1, 1, 0]
        assert read.notes == ()
        assert read.question().lint() != []

    @pytest.mark.parametrize(
        "weights", ["33.33333", "33.3", "33", "33.33334"], ids=lambda weights: f"{weights} %"
    )
    def test_thirds_are_written_rounded(self, weights: str) -> None:
        answers = " ".join(f"~%{weights}%a{index}" for index in range(3))
        assert one(f"Which? {{{answers} ~%-{weights}%no}}").notes == ()

    def test_wrong_choices_without_weight_take_off_as_much_as_right_ones_give(self) -> None:
        assert one("Even? {~%50%2 ~%50%4 ~3 ~5}").notes == ("ticking_all",)

    @pytest.mark.parametrize(("word", "stored"), [("T", "true"), ("TRUE", "true"), ("F", "false")])
    def test_true_or_false(self, word: str, stored: str) -> None:
        assert one(f"Sure? {{{word}}}").value["correct"] == stored

    def test_feedback_of_true_or_false_is_for_the_wrong_then_for_the_right_answer(self) -> None:
        read = value("The sun is a star. {TRUE#It is.#Well done.####Look it up.}")
        assert (read["feedback_true"], read["feedback_false"]) == ("Well done.", "It is.")
        assert read["explanation"] == "<p>Look it up.</p>"
        read = value("The moon is a star. { FALSE # It is not. }")
        assert (read["feedback_true"], read["feedback_false"]) == ("It is not.", "")

    def test_short_text(self) -> None:
        read = value("Two plus two? {=four =%50%4#In words, please. =%0%*#No.}")
        assert read["answers"] == [
            {"text": "four", "credit": 100, "feedback": ""},
            {"text": "4", "credit": 50, "feedback": "In words, please."},
            {"text": "*", "credit": 0, "feedback": "No."},
        ]
        assert read["wildcards"] is True
        assert value("Two plus two? {four}")["answers"][0]["text"] == "four"

    def test_a_star_that_is_escaped_is_a_star(self) -> None:
        read = value(r"Times? {=2\*3}")
        assert (read["wildcards"], read["answers"][0]["text"]) == (False, "2*3")
        read = value(r"Times? {=2\*3 =*x*}")
        assert (read["wildcards"], read["answers"][0]["text"]) == (True, r"2\*3")

    def test_a_missing_word(self) -> None:
        assert value("The {=cat ~dog} purrs.")["tail"] == "purrs."
        assert value("The {=cat} purrs.")["tail"] == "purrs."
        assert value("Pi is {#3.14:0.01} roughly.")["tail"] == "roughly."
        assert value("It is {T} today.")["text"] == "<p>It is _____ today.</p>"
        assert value("[html]<p>The <b>{=cat ~dog}</b> purrs &amp; eats.</p>") == {
            "text": "<p>The <b></b></p>",
            "choices": [
                {"text": "cat", "correct": True, "feedback": "", "credit": 0},
                {"text": "dog", "correct": False, "feedback": "", "credit": 0},
            ],
            "tail": "purrs & eats.",
        }

    @pytest.mark.parametrize(
        ("written", "number", "tolerance"),
        [
            ("#42", "42", "0"),
            ("# 3.14:0.005", "3.14", "0.005"),
            ("#1..5", "3", "2"),
            ("#-1.5 .. 2", "0.25", "1.75"),
            ("#=1e-3:1E-4", "0.001", "0.0001"),
            ("#-.5", "-0.5", "0"),
        ],
    )
    def test_numbers(self, written: str, number: str, tolerance: str) -> None:
        (answer,) = value(f"How many? {{{written}}}")["answers"]
        assert Decimal(answer["value"]) == Decimal(number)
        assert Decimal(answer["absolute"]) == Decimal(tolerance)
        assert answer["credit"] == 100

    def test_several_numbers(self) -> None:
        read = value("Year? {#\n =1822:0 #Exactly.\n =%50%1822:2\n}")
        assert [(a["credit"], a["feedback"]) for a in read["answers"]] == [
            (100, "Exactly."),
            (50, ""),
        ]

    def test_credit_is_in_whole_percents(self) -> None:
        draft = one("Say. {=four =%33.33333%4}")
        assert draft.value["answers"][1]["value"]["credit"] == 33
        assert draft.notes == ("rounded",)

    def test_matching(self) -> None:
        read = value("Match. {=<b>cat</b> -> cat food =dog->dog food = -> hay ####So.}")
        assert read["pairs"] == [
            {"prompt": "<p><b>cat</b></p>", "match": "cat food"},
            {"prompt": "<p>dog</p>", "match": "dog food"},
        ]
        assert read["distractors"] == [{"text": "hay"}]
        assert read["explanation"] == "<p>So.</p>"

    def test_essay_and_description(self) -> None:
        assert one("Discuss. {\n// In your own words.\n}").kind == "long_answer"
        assert one("Discuss. {}").kind == one("Discuss. { ####So. }").kind == "long_answer"
        assert value("Discuss. {####So.}")["explanation"] == "<p>So.</p>"
        assert one("Read on.").kind == "information"


class TestAround:
    def test_titles_categories_comments_and_lines(self) -> None:
        drafts = parse(
            "\ufeff// A comment\n\n"
            "$CATEGORY: $course$/Easy\r\n\r\n"
            "// Another\n::One\\:1:: First\n// in between\nline {T}\n"
            "  \t \n\n"
            "$CATEGORY: Hard\n::Two::\nSecond {\n // not an answer\n =a\n ~b}\n\n//"
        )
        assert [(d.line, d.title, d.category) for d in drafts] == [
            (6, "One:1", "$course$/Easy"),
            (12, "Two", "Hard"),
        ]
        assert drafts[0].value["text"] == "<p>First<br/>line</p>"

    def test_every_entry_has_an_id_of_its_own(self) -> None:
        numbers = itertools.count()
        draft = parse("Which? {=a ~b}", new_id=lambda: f"id{next(numbers)}")[0]
        assert [entry["id"] for entry in draft.value["choices"]] == ["id0", "id1"]
        assert draft.block() == {"type": "single_choice", "id": "id2", "value": draft.value}
        assert one("x {T}").id != one("x {T}").id
        json.dumps(draft.block())

    def test_escapes(self) -> None:
        text = r"\{a\: 1\} \~ \= \# \\ \\n \( \n end {=\=x\#1 ~\~}"
        assert value(text)["text"] == r"<p>{a: 1} ~ = # \ \n \( <br/> end</p>"
        assert value(text)["choices"][0]["text"] == "<p>=x#1</p>"

    def test_nothing_is_nothing(self) -> None:
        assert parse("") == parse("\n// only a comment\n\n") == parse("$CATEGORY: x") == []


class TestFormats:
    @pytest.mark.parametrize(
        ("written", "stored"),
        [
            ("a < b & c", "<p>a &lt; b &amp; c</p>"),
            ("List<String>", "<p>List&lt;String&gt;</p>"),
            ("two\nlines", "<p>two<br/>lines</p>"),
            ("a <b>bold</b>\nmove", "<p>a <b>bold</b><br/>move</p>"),
            ("<p>one</p>\n<p>two</p>", "<p>one</p>\n<p>two</p>"),
            ("[moodle]<em>so</em>", "<p><i>so</i></p>"),
            ("[plain]<b>not bold</b>", "<p>&lt;b&gt;not bold&lt;/b&gt;</p>"),
            ("[unknown]text", "<p>[unknown]text</p>"),
            ("[html]<p>a<p>b", "<p>a</p><p>b</p>"),
            ("[html]<P>a<BR>b</P>", "<p>a<br/>b</p>"),
            ("[html]a < b &lt; c &eacute;", "a &lt; b &lt; c \u00e9"),
            ("[html]</b>x</i>", "x"),
            ("[html]<b><i>x</b>y", "<b><i>x</i></b>y"),
            (
                '[html]<a href\\="https\\://example.com/?a\\=1&amp;b\\=2">x</a>',
                '<a href="https://example.com/?a=1&amp;b=2">x</a>',
            ),
            ("[html]<pre><code>a\\n  b</code></pre>", "<pre><code>a\n  b</code></pre>"),
            ('[html]<p data-block-key\\="x1">y</p>', "<p>y</p>"),
            ("[markdown]a **b** *c* `d < e`", "<p>a <b>b</b> <i>c</i> <code>d &lt; e</code></p>"),
            ("[markdown]__a__ _b_ snake_case_name", "<p><b>a</b> <i>b</i> snake_case_name</p>"),
            ("[markdown]**a *b***", "<p><b>a <i>b</i></b></p>"),
            ("[markdown]2 * 3 * 4 \\\\* 5", "<p>2 * 3 * 4 * 5</p>"),
            ("[markdown]a\\n\\nb  \\nc", "<p>a</p><p>b<br/>c</p>"),
            ("[markdown]- a\\n- b\\n\\n1. c\\n2. d", "<ul><li>a</li><li>b</li></ul>"
             "<ol><li>c</li><li>d</li></ol>"),
            ("[markdown]See\\n\\n```py\\na  \\n\\nb < c\\n```\\nend",
             "<p>See</p><pre><code>a  \n\nb &lt; c</code></pre><p>end</p>"),
            ("[markdown][x *y*](https\\://example.com)",
             '<p><a href="https://example.com">x <i>y</i></a></p>'),
        ],
    )  # fmt: skip
    def test_texts(self, written: str, stored: str) -> None:
        assert value(f"{written} {{T}}")["text"] == stored
        assert one(f"{written} {{T}}").notes == ()

    def test_the_parts_of_a_question_have_its_format_unless_they_say_otherwise(self) -> None:
        read = value("[html]<p>x</p> {=<i>a</i>#[plain]<i> ~[markdown]*b*#&lt; ####<b>c</b>}")
        first, second = read["choices"]
        assert (first["text"], first["feedback"]) == ("<i>a</i>", "<i>")
        assert (second["text"], second["feedback"]) == ("<p><i>b</i></p>", "<")
        assert read["explanation"] == "<b>c</b>"

    def test_styles_are_left_out_with_a_note(self) -> None:
        text = '[html]<p style\\="color\\:red"><span class\\="x">a</span></p> {T}'
        assert one(text).notes == ("formatting",)
        assert value(text)["text"] == "<p>a</p>"

    def test_feedback_is_plain(self) -> None:
        draft = one("x {T#<b>a</b><br>b}")
        assert draft.value["feedback_false"] == "a\nb"
        assert draft.notes == ("formatting",)
        assert value("[html]x {T#<p>a</p><p>b &amp; c</p>}")["feedback_false"] == "a\nb & c"

    @pytest.mark.parametrize(
        "harm",
        [
            "<script>alert(1)</script>",
            "<ScRiPt>alert(1)</ScRiPt>",
            "<b onclick\\=alert(1)>x</b>",
            '<a href\\="javascript\\:alert(1)">x</a>',
            '<a href\\="java\\nscript\\:alert(1)">x</a>',
            '<a href\\="https\\://x.example/" onmouseover\\="alert(1)">x</a>',
            "<img src\\=x onerror\\=alert(1)>",
            "<<b>script>alert(1)<</b>/script>",
            "<svg/onload\\=alert(1)>",
            "<a href\\='https\\://x.example/\"onclick\\=\"alert(1)'>x</a>",
            "&lt;script&gt;alert(1)&lt;/script&gt;",
            "<p title\\='<script>'>x</p>",
            "<!--><script>alert(1)</script>-->",
        ],
    )
    @pytest.mark.parametrize("format", ["html", "moodle", "markdown"])
    def test_nothing_that_runs_gets_through(self, format: str, harm: str) -> None:
        try:
            stored = value(f"[{format}]{harm} {{T}}")["text"].lower()
        except GiftErrors:
            return
        allowed = ("b", "i", "p", "br/", "code", 'a href="https://x.example/"')
        bare = stored
        for tag in allowed:
            bare = bare.replace(f"<{tag}>", "").replace(f"</{tag.split()[0]}>", "")
        assert "<" not in bare


class TestRefusals:
    @pytest.mark.parametrize(
        ("text", "refused"),
        [
            ("a {T", [(1, "braces")]),
            ("a T}", [(1, "braces")]),
            ("a } {T}", [(1, "braces")]),
            ("a {=b {c}}", [(1, "braces")]),
            ("a {T} b {F}", [(1, "second_answers")]),
            ("a {T} b }", [(1, "second_answers")]),
            ("::a {T}", [(1, "title")]),
            ("::a:: {T}", [(1, "no_text")]),
            ("::a::", [(1, "no_text")]),
            ("a {b ~c =d}", [(1, "before_answers")]),
            ("a {b =c -> d =e -> f}", [(1, "before_answers")]),
            ("a {\n~b\n~\n=c}", [(3, "empty_answer")]),
            ("a {=}", [(1, "empty_answer")]),
            ("a {=b->c =d->}", [(1, "empty_answer"), (1, "few_pairs")]),
            ("a {~b}", [(1, "few_answers")]),
            ("a {~b ~c}", [(1, "no_right_answer")]),
            ("a {=b\n~%-25%c}", [(2, "weight")]),
            ("a {=%50%b ~c}", [(1, "weight")]),
            ("a {=%101%b}", [(1, "weight")]),
            ("a {~%70%b ~%30%c ~d}", [(1, "right_weights")]),
            ("a {~%50%b ~%50%c ~%-100%d}", [(1, "wrong_weights")]),
            ("a {~%50%b ~%50%c ~%-50%d ~e}", [(1, "wrong_weights")]),
            ("a {#}", [(1, "number")]),
            ("a {#b}", [(1, "number")]),
            ("a {#1,5}", [(1, "number")]),
            ("a {#\n=1\n=x\n=2..1\n=1:-1}", [(3, "number"), (4, "range"), (5, "tolerance")]),
            ("a {#1e999}", [(1, "invalid")]),
            ("a {#" + "1" * 101 + "}", [(1, "number")]),
            ("a {#5\n~#No.}", [(2, "other_numbers")]),
            ("a {=b -> c\n=d -> e\n=f}", [(3, "pair")]),
            ("a {=b -> c}", [(1, "few_pairs")]),
            ("a {=" + "b" * 501 + "}", [(1, "invalid")]),
            ("ok {T}\n\n<table></table> {T}\n\n[html]<div>x</div> {F}", [(3, "html"), (5, "html")]),
            ("[html]<img src\\='x'> {T}", [(1, "image")]),
            ("[html]a<!-- b --> {T}", [(1, "html")]),
            ("<embed embedtype\\='image' id\\='1'/> {T}", [(1, "image")]),
            ("[html]<a href\\='/here'>x</a> {T}", [(1, "link")]),
            ("[html]<a id\\='1' linktype\\='page'>x</a> {T}", [(1, "link")]),
            ("a {=[html]<h1>b</h1>\n~[html]<hr>}", [(1, "html"), (2, "html")]),
            ("[markdown]\\# Title {T}", [(1, "markdown")]),
            ("[markdown]Title\\n\\=\\=\\= {T}", [(1, "markdown")]),
            ("[markdown]> quote {T}", [(1, "markdown")]),
            ("[markdown]a | b\\n--|-- {T}", [(1, "markdown")]),
            ("[markdown]x\\n\\n    code {T}", [(1, "markdown")]),
            ("[markdown]![x](y) {T}", [(1, "markdown")]),
            ("[markdown]a <b>c</b> {T}", [(1, "markdown")]),
            ("[markdown][x](/here) {T}", [(1, "markdown")]),
            ("a {\n// x\n~b\n// y\n~\n=c}", [(5, "empty_answer")]),
            ("a\x00 {T}", [(1, "characters")]),
            ("ok {T}\n\na\ufdd7 {T}\nb\ud800", [(3, "characters"), (4, "characters")]),
        ],
    )  # fmt: skip
    def test_each_names_its_line(self, text: str, refused: list[tuple[int, str]]) -> None:
        assert refusals(text) == refused

    def test_it_says_why_in_words(self) -> None:
        with pytest.raises(GiftErrors) as refused:
            parse("\na {#x}\n\nb {T")
        (first, second) = refused.value.errors
        assert first.reason == REASONS["number"]
        assert str(refused.value) == f"{first}\n{second}"
        assert str(first) == "line 2: This is no number. (x)"
        assert str(second).startswith("line 4: Braces do not pair up")


gift_like = st.lists(
    st.sampled_from(
        ["\n", "\n\n", "//", "::", "{", "}", "=", "~", "#", "####", "->", "%50%", "%-50%", "%"]
        + ["T", "F", "..", ":", "1", "2.5", "*", "`", "_", "<b>", "</b>", "<", ">", "&lt;"]
        + ["\\", "[html]", "[markdown]", "[plain]", "$CATEGORY:", " ", "a", "b", "["]
        + ["](", "\ufdd0", "\r", "\x0c"]
    ),
    max_size=40,
).map("".join)  # fmt: skip


def read(text: str) -> tuple[list[Draft], list[Refused]]:
    try:
        return parse(text), []
    except GiftErrors as refused:
        return [], refused.errors


@given(st.text() | gift_like | gift_like.map(lambda text: f"x {{{text}}} y"))
def test_any_text_is_read_or_refused(text: str) -> None:
    drafts, errors = read(text)
    lines = text.count("\n") + text.count("\r") + 1
    assert all(1 <= error.line <= lines for error in errors)
    assert not (drafts and errors)
    for draft in drafts:
        draft.question().lint()
        json.dumps(draft.block())


@pytest.mark.parametrize(
    "piece", ["<", "<b ", "<!--", "`", "**", "[", "_", "|", "=a ", "~", "\\", '"<b ']
)
@pytest.mark.parametrize("format", ["html", "markdown", "moodle"])
@pytest.mark.timeout(20)
def test_long_texts_take_no_long_time(format: str, piece: str) -> None:
    try:
        parse(f"[{format}]{piece * 20_000} {{=a}}")
    except GiftErrors:
        return
