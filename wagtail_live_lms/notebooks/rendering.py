"""Cells as HTML that cannot act: everything passes one sanitiser, whatever made it."""

import base64
import binascii
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import nh3
from django.utils.html import escape
from django.utils.safestring import SafeString
from markdown_it import MarkdownIt
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexer import Lexer
from pygments.lexers import TextLexer, get_lexer_by_name
from pygments.token import STANDARD_TYPES
from pygments.util import ClassNotFound

from .manifest import Notebook

CLASS_PREFIX = "live-lms-hl-"
MAX_CELLS = 150
MAX_CHARACTERS = 300_000
MAX_HIGHLIGHTED = 20_000
"""Longer code is shown without colours: a preview must not keep the server busy."""

EXCERPT_LINES = 8

_HEADINGS_BELOW = 2
"""A notebook's first heading becomes an h3: the page has an h1, the component an h2."""

_TAGS = {
    *("a", "abbr", "b", "blockquote", "br", "code", "del", "dd", "div", "dl", "dt", "em", "hr"),
    *("h3", "h4", "h5", "h6", "i", "img", "kbd", "li", "ol", "p", "pre", "s", "samp", "small"),
    *("span", "strong", "sub", "sup", "table", "tbody", "td", "th", "thead", "tr", "u", "ul"),
}
_ATTRIBUTES = {
    "a": {"href", "title"},
    "img": {"src", "alt", "title", "width", "height"},
    "ol": {"start"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan", "scope"},
}
_PICTURES = ("data:image/png;", "data:image/jpeg;", "data:image/gif;", "data:image/webp;")
_SCROLLABLE = {"pre": {"tabindex": "0"}, "table": {"tabindex": "0"}}
"""What may be wider than its place must be reached by the keyboard."""

_CLASSES = {"span": {CLASS_PREFIX + name for name in STANDARD_TYPES.values() if name}}


@dataclass(frozen=True, slots=True)
class CellView:
    """A cell as it is shown. `html` is safe."""

    id: str
    kind: str
    html: SafeString
    is_required: bool = False
    is_cut: bool = False


def render_cells(notebook: Notebook, required_ids: tuple[str, ...] = ()) -> list[CellView]:
    """The notebook's cells, as far as a preview goes."""
    lexer = _lexer_of(notebook)
    return [
        CellView(cell["id"], cell["cell_type"], _render(cell, lexer), cell["id"] in required_ids)
        for cell in _previewed(notebook)
    ]


def render_excerpt(cell: dict[str, Any], notebook: Notebook) -> CellView:
    """The first lines of a code cell, to choose it by."""
    lines = str(cell["source"]).strip().splitlines()
    code = "\n".join(line[:200] for line in lines[:EXCERPT_LINES])
    html = _sanitise(_highlighted(code, _lexer_of(notebook)))
    return CellView(cell["id"], "code", html, is_cut=len(lines) > EXCERPT_LINES)


def is_shown_whole(notebook: Notebook) -> bool:
    """Whether a preview shows every cell."""
    return len(list(_previewed(notebook))) == len(notebook["cells"])


def _previewed(notebook: Notebook) -> Iterator[dict[str, Any]]:
    characters = 0
    for cell in notebook["cells"][:MAX_CELLS]:
        characters += len(cell["source"])
        if characters > MAX_CHARACTERS:
            return
        yield cell


def _render(cell: dict[str, Any], lexer: Lexer) -> SafeString:
    source = str(cell["source"])
    if cell["cell_type"] == "code":
        return _sanitise(_highlighted(source, lexer))
    if cell["cell_type"] == "markdown":
        return _sanitise(_markdown_to_html(source, cell.get("attachments") or {}))
    return _sanitise(str(escape(source)))


def _sanitise(html: str) -> SafeString:
    """The one place where HTML becomes safe: an allow list, and links of known schemes."""
    return SafeString(
        nh3.clean(
            html,
            tags=_TAGS,
            clean_content_tags={"script", "style"},
            attributes=_ATTRIBUTES,
            attribute_filter=_filter_attribute,
            allowed_classes=_CLASSES,
            url_schemes={"http", "https", "mailto", "data"},
            link_rel="noopener noreferrer",
            set_tag_attribute_values=_SCROLLABLE,
        )
    )


def _filter_attribute(tag: str, name: str, value: str) -> str | None:
    """Data in place of a link only as a picture that cannot hold a script."""
    if name not in {"src", "href"}:
        return value
    is_data = value.strip().lower().startswith("data:")
    if is_data and not (tag == "img" and value.lower().startswith(_PICTURES)):
        return None
    return value


def _highlighted(code: str, lexer: Lexer) -> str:
    if len(code) > MAX_HIGHLIGHTED:
        return str(escape(code))
    formatter = HtmlFormatter(nowrap=True, classprefix=CLASS_PREFIX)
    return str(highlight(code, lexer, formatter))


def _lexer_of(notebook: Notebook) -> Lexer:
    metadata = notebook["metadata"]
    names = (
        _text_in(metadata, "language_info", "name"),
        _text_in(metadata, "kernelspec", "language"),
    )
    return _lexer(next((name for name in names if name), "python"))


def _text_in(metadata: dict[str, Any], key: str, name: str) -> str:
    part = metadata.get(key)
    value = part.get(name) if isinstance(part, dict) else None
    return value if isinstance(value, str) else ""


@cache
def _markdown() -> MarkdownIt:
    options = {"html": True, "highlight": _highlighted_fence}
    return MarkdownIt("commonmark", options).enable(["table", "strikethrough"])


def _highlighted_fence(code: str, language: str, attributes: str) -> str:
    return _highlighted(code, _lexer(language or "text"))


def _lexer(name: str) -> Lexer:
    try:
        return get_lexer_by_name(name, stripnl=False)
    except ClassNotFound:
        return TextLexer(stripnl=False)


def _markdown_to_html(source: str, attachments: dict[str, Any]) -> str:
    tokens = _markdown().parse(source)
    for token in tokens:
        if token.type in {"heading_open", "heading_close"}:
            token.tag = f"h{min(6, int(token.tag[1]) + _HEADINGS_BELOW)}"
        for child in token.children or ():
            if child.type == "image":
                child.attrs["src"] = _attached(str(child.attrs.get("src", "")), attachments)
    return str(_markdown().renderer.render(tokens, _markdown().options, {}))


def _attached(source: str, attachments: dict[str, Any]) -> str:
    """A picture that the notebook brings along, as data; any other address as it is."""
    if not source.startswith("attachment:"):
        return source
    bundle = attachments.get(source.removeprefix("attachment:"))
    for kind, data in bundle.items() if isinstance(bundle, dict) else ():
        encoded = "".join("".join(data).split())
        address = f"data:{kind};base64,{encoded}"
        if address.startswith(_PICTURES) and _is_base64(encoded):
            return address
    return ""


def _is_base64(data: str) -> bool:
    try:
        base64.b64decode(data, validate=True)
    except (binascii.Error, ValueError):
        return False
    return True
