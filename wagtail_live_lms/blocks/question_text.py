"""Rich text of questions, in which blocks of code keep their line breaks and indentation."""

import json
import re
from typing import Any

from django.utils.functional import cached_property
from wagtail.blocks import RichTextBlock

CODE_FEATURE = "live-lms-code"
"""The editor's feature for blocks of code, stored as `<pre><code>`."""

_CODE = re.compile(
    r"(?P<open><pre\b[^>]*>)\s*<code\b[^>]*>(?P<code>.*?)</code>\s*(?P<close></pre>)", re.DOTALL
)
# Characters of the private use area stand for white space while it would be collapsed.
_HIDE = str.maketrans({" ": "\ue000", "\n": "\ue001", "\t": "\ue002"})
_SHOW = str.maketrans({"\ue000": " ", "\ue001": "\n", "\ue002": "\t"})


CODE_BLOCK = "code-block"
"""What the editor calls a block of code. It begins a new one with every line."""


class CodeKeepingConverter:
    """The editor's converter, which by itself makes one space of all white space in code, and
    of each line of code an element of its own.
    """

    def __init__(self, converter: Any) -> None:
        self._converter = converter

    def to_database_format(self, state: str) -> str:
        return str(self._converter.to_database_format(json.dumps(_joined(json.loads(state)))))

    def from_database_format(self, html: str) -> str:
        state = json.loads(self._converter.from_database_format(_CODE.sub(_hidden, html)))
        for block in state["blocks"]:
            block["text"] = block["text"].translate(_SHOW)
        return json.dumps(state)


def _joined(state: dict[str, Any] | None) -> dict[str, Any] | None:
    """The editor's state with lines of code that follow each other in one block."""
    if state is None:
        return None
    blocks: list[dict[str, Any]] = []
    for block in state["blocks"]:
        if blocks and blocks[-1]["type"] == block["type"] == CODE_BLOCK:
            blocks[-1] = _with_line(blocks[-1], block)
        else:
            blocks.append(block)
    return {**state, "blocks": blocks}


def _with_line(block: dict[str, Any], line: dict[str, Any]) -> dict[str, Any]:
    start = len(block["text"]) + 1
    ranges = {
        name: [*block[name], *({**of, "offset": of["offset"] + start} for of in line[name])]
        for name in ("inlineStyleRanges", "entityRanges")
    }
    return {**block, **ranges, "text": f"{block['text']}\n{line['text']}"}


def _hidden(match: re.Match[str]) -> str:
    return match["open"] + match["code"].translate(_HIDE) + match["close"]


def keep_code(widget: Any) -> None:
    """Let a rich text field of the admin show code as it was written. Once is enough."""
    converter = getattr(widget, "converter", None)
    if converter is not None and not isinstance(converter, CodeKeepingConverter):
        widget.converter = CodeKeepingConverter(converter)


class QuestionTextBlock(RichTextBlock):
    """Rich text that may hold code."""

    @cached_property
    def field(self) -> Any:
        field = super().field
        keep_code(field.widget)
        return field
