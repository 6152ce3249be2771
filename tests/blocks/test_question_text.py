"""Code in questions: what an editor writes is what is stored, and comes back as it was."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wagtail.admin.rich_text import get_rich_text_editor_widget
from wagtail.rich_text import expand_db_html

from wagtail_live_lms.blocks import question_types
from wagtail_live_lms.blocks.question_text import keep_code
from wagtail_live_lms.blocks.questions import TEXT_FEATURES

CODE = "for n in range(3):\n    if n > 1:\n\n\tprint('a  b')"
STORED = (
    "<p>Read:</p><pre><code>for n in range(3):\n    if n &gt; 1:\n\n\tprint('a  b')"
    "</code></pre><p>What now?</p>"
)


@pytest.fixture(scope="module")
def widget() -> Any:
    return question_types["single_choice"].child_blocks["text"].field.widget


def to_editor(widget: Any, stored: str) -> list[dict[str, Any]]:
    return list(json.loads(widget.format_value(stored))["blocks"])


def to_database(widget: Any, blocks: list[dict[str, Any]]) -> str:
    state = json.dumps({"blocks": blocks, "entityMap": {}})
    stored = widget.value_from_datadict({"text": state}, {}, "text")
    return re.sub(r' data-block-key="\w+"', "", str(stored))


def line(text: str, kind: str = "unstyled") -> dict[str, Any]:
    """A block as the editor sends it."""
    shape = {"depth": 0, "inlineStyleRanges": [], "entityRanges": [], "data": {}}
    return {"key": "a", "type": kind, "text": text, **shape}


class TestCode:
    def test_the_editor_gets_it_as_it_was_written(self, widget: Any) -> None:
        blocks = to_editor(widget, STORED)
        assert [(block["type"], block["text"]) for block in blocks] == [
            ("unstyled", "Read:"),
            ("code-block", CODE),
            ("unstyled", "What now?"),
        ]
        assert blocks[1]["inlineStyleRanges"] == []

    def test_the_database_gets_it_as_it_was_written(self, widget: Any) -> None:
        stored = to_database(widget, to_editor(widget, STORED))
        assert stored == STORED

    @given(st.text(alphabet=st.characters(codec="ascii", categories=["L", "N", "P", "S", "Zs"])))
    def test_no_text_changes_on_the_way(self, widget: Any, text: str) -> None:
        code = f"x{text}\n  {text}x"
        stored = to_database(widget, [line(code, "code-block")])
        assert [found["text"] for found in to_editor(widget, stored)] == [code]

    def test_lines_that_the_editor_holds_apart_are_one_block(self, widget: Any) -> None:
        lines = [line(text, "code-block") for text in ("if x:", "", "    y()")]
        stored = to_database(widget, [line("Look"), *lines, line("So"), line("z", "code-block")])
        assert stored == (
            "<p>Look</p><pre><code>if x:\n\n    y()</code></pre><p>So</p><pre><code>z</code></pre>"
        )

    def test_marks_stay_on_their_words(self, widget: Any) -> None:
        bold = {"offset": 0, "length": 1, "style": "BOLD"}
        marked = {**line("b", "code-block"), "inlineStyleRanges": [bold]}
        stored = to_database(widget, [line("a", "code-block"), marked])
        assert stored == "<pre><code>a\n<b>b</b></code></pre>"

    def test_nothing_is_nothing(self, widget: Any) -> None:
        assert widget.value_from_datadict({"text": "null"}, {}, "text") == ""

    def test_white_space_elsewhere_is_one_space_as_before(self, widget: Any) -> None:
        assert to_editor(widget, "<p>a\n   b</p>")[0]["text"] == "a b"

    def test_students_see_the_same(self) -> None:
        assert expand_db_html(STORED) == STORED

    def test_protecting_a_field_twice_is_once(self, widget: Any) -> None:
        converter = widget.converter
        keep_code(widget)
        assert widget.converter is converter

    def test_an_editor_of_another_make_is_left_alone(self) -> None:
        other = object()
        keep_code(other)

    def test_the_button_is_where_questions_are_written(self) -> None:
        plain = get_rich_text_editor_widget(features=TEXT_FEATURES)
        kinds = [kind["type"] for kind in plain.options["blockTypes"]]
        assert "code-block" in kinds


@pytest.mark.django_db
def test_an_image_keeps_its_description(widget: Any) -> None:
    source = '<embed alt="A knot" embedtype="image" format="left" id="1"/>'
    state = json.loads(widget.format_value(source))
    assert [entity["data"]["alt"] for entity in state["entityMap"].values()] == ["A knot"]
