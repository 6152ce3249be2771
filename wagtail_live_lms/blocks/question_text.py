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


class CodeKeepingConverter:
    """The editor's converter, which by itself makes one space of all white space in code."""

    def __init__(self, converter: Any) -> None:
        self._converter = converter

    def to_database_format(self, state: str) -> str:
        return str(self._converter.to_database_format(state))

    def from_database_format(self, html: str) -> str:
        state = json.loads(self._converter.from_database_format(_CODE.sub(_hidden, html)))
        for block in state["blocks"]:
            block["text"] = block["text"].translate(_SHOW)
        return json.dumps(state)


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
