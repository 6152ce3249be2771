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
    def test_no_text_changes_on_the_way(self, widget: Any, line: str) -> None:
        code = f"x{line}\n  {line}x"
        block = {"key": "a", "type": "code-block", "text": code, "depth": 0, "data": {}}
        stored = to_database(widget, [{**block, "inlineStyleRanges": [], "entityRanges": []}])
        assert [found["text"] for found in to_editor(widget, stored)] == [code]

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
