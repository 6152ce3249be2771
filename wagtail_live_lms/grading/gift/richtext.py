"""Texts of any format as the rich text that the editor stores, and as plain text.

Only what the editor offers gets through, each tag written anew: the result can be shown as it
is, wherever it came from.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from typing import NamedTuple

from .markdown import from_markdown
from .refusals import Unsupported
from .scan import Text

_TAG = re.compile(
    r"""<(?P<end>/?)(?P<name>[A-Za-z][A-Za-z0-9]*)(?P<rest>(?:[^<>"']|"[^"]*"|'[^']*')*+)>"""
    r"""|<!--"""
)
_ATTRIBUTE = re.compile(r"""([^\s"'=<>/]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'<>]+)))?""")
_ADDRESS = re.compile(r"(?:https?://|mailto:)[^\s\"<>]+", re.IGNORECASE)
_ALIASES = {"strong": "b", "em": "i"}
_BLOCKS = {"p", "pre", "ul", "ol", "li"}
_KEPT = _BLOCKS | {"a", "b", "br", "code", "i"}
_UNWRAPPED = {"span", "font", "u"}
_IMAGES = {"img", "embed", "image", "picture", "svg"}
_OTHER_HTML = re.compile(
    r"</?(?:abbr|audio|big|blockquote|button|caption|center|cite|del|div|dl|dt|dd|footer|form|h[1-6]|"
    r"header|hr|iframe|input|ins|kbd|label|main|math|mark|object|script|section|small|strike|style|"
    r"sub|sup|table|tbody|td|textarea|tfoot|th|thead|title|tr|tt|var|video|body|html|head|link|meta)"
    r"(?:\s[^<>]*)?/?>",
    re.IGNORECASE,
)
FORMATTING = "formatting"
"""The note that styles, which the editor does not offer, were left out."""


class Rich(NamedTuple):
    """Rich text, and whether styles were left out of it."""

    source: str
    lost_styles: bool = False


def rich(text: Text) -> Rich:
    """The text as rich text. Raises Unsupported for what the editor does not offer."""
    if not text.content:
        return Rich("")
    if text.format == "html":
        return from_html(text.content)
    if text.format == "markdown":
        return Rich(from_markdown(text.content))
    if text.format == "moodle" and _is_html(text.content):
        is_inline = not any(tag["name"] in _BLOCKS for tag in _TAG.finditer(text.content))
        broken = text.content.replace("\n", "<br/>") if is_inline else text.content
        found = from_html(broken)
        return found._replace(source=f"<p>{found.source}</p>") if is_inline else found
    return Rich(f"<p>{escaped(text.content)}</p>")


def plain(text: Text) -> Rich:
    """The text without any formatting; line breaks are kept."""
    if text.format == "plain" or (text.format == "moodle" and not _is_html(text.content)):
        return Rich(text.content)
    found = rich(text)
    return Rich(without_tags(found.source), found.lost_styles or _has_styles(found.source))


def escaped(text: str) -> str:
    """Plain text as HTML."""
    return html.escape(text, quote=False).replace("\n", "<br/>")


def without_tags(source: str) -> str:
    """The text of rich text that `rich` made."""
    broken = re.sub(r"<br/>|</(?:p|li|pre)>(?=.)", "\n", source, flags=re.DOTALL)
    return html.unescape(re.sub(r"<[^>]*>", "", broken)).strip()


def from_html(source: str) -> Rich:
    """HTML written anew. Raises Unsupported for a tag or link the editor does not offer."""
    writer = _Writer()
    for start, tag in _runs(source):
        writer.write_text(start)
        if tag is not None:
            writer.write_tag(_name(tag), bool(tag["end"]), _attributes(tag["rest"] or ""))
    return Rich(writer.finish(), writer.lost_styles)


def _runs(source: str) -> Iterator[tuple[str, re.Match[str] | None]]:
    """Each text with the tag after it."""
    position = 0
    for tag in _TAG.finditer(source):
        yield source[position : tag.start()], tag
        position = tag.end()
    yield source[position:], None


def _name(tag: re.Match[str]) -> str:
    name = (tag["name"] or tag.group()).lower()
    return _ALIASES.get(name, name)


def _attributes(rest: str) -> dict[str, str]:
    found = _ATTRIBUTE.findall(rest)
    return {
        name.lower(): html.unescape(double or single or bare)
        for name, double, single, bare in found
    }


def _is_html(text: str) -> bool:
    """Whether text of Moodle's own format uses the HTML that it may have."""
    known = _KEPT | _UNWRAPPED | _IMAGES | set(_ALIASES)
    tags = (tag["name"] for tag in _TAG.finditer(text) if tag["name"])
    return any(name.lower() in known for name in tags) or bool(_OTHER_HTML.search(text))


def _has_styles(source: str) -> bool:
    return bool(re.search(r"<(?!/|p>|br/>)", source))


class _Writer:
    """Writes tags that nest, whatever came in."""

    def __init__(self) -> None:
        self._written: list[str] = []
        self._open: list[str] = []
        self.lost_styles = False

    def write_text(self, text: str) -> None:
        meant = html.unescape(text).replace("\r\n", "\n").replace("\r", "\n")
        self._written.append(html.escape(meant, quote=False))

    def write_tag(self, name: str, is_end: bool, attributes: dict[str, str]) -> None:
        if name in _UNWRAPPED:
            self.lost_styles = True
        elif name in _IMAGES:
            raise Unsupported("image", name)
        elif name not in _KEPT:
            raise Unsupported("html", f"<{name}>")
        elif name == "br":
            self._written.append("<br/>")
        elif is_end:
            self._close(name)
        else:
            self._begin(name, attributes)

    def finish(self) -> str:
        self._close_down_to(0)
        return "".join(self._written).strip()

    def _begin(self, name: str, attributes: dict[str, str]) -> None:
        if name == "p" and "p" in self._open:
            self._close("p")
        kept = {"href"} if name == "a" else set()
        self.lost_styles |= bool(attributes.keys() - kept - {"data-block-key"})
        self._open.append(name)
        self._written.append(_link(attributes) if name == "a" else f"<{name}>")

    def _close(self, name: str) -> None:
        """End that tag and all in it; an end without a beginning is nothing."""
        if name in self._open:
            self._close_down_to(len(self._open) - 1 - self._open[::-1].index(name))

    def _close_down_to(self, depth: int) -> None:
        while len(self._open) > depth:
            self._written.append(f"</{self._open.pop()}>")


def _link(attributes: dict[str, str]) -> str:
    address = attributes.get("href", "").strip()
    if not _ADDRESS.fullmatch(address):
        raise Unsupported("link", address)
    return f'<a href="{html.escape(address)}">'
