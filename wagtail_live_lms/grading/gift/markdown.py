"""The Markdown that question texts use: emphasis, code, links, lists. The rest is refused."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterator

from .refusals import Unsupported

_INLINE = re.compile(
    r"\\(?P<escaped>[\\`*_{}\[\]()#+.!<>-])"
    r"|(?<!`)(?P<ticks>`++)(?P<code>[^`]+)(?P=ticks)(?!`)"
    r"|\*\*(?=\S)(?P<bold>(?:[^*]|\*[^\s*][^*]*\*)++)(?<=\S)\*\*"
    r"|\*(?P<italic>[^\s*](?:[^*]*[^\s*])?)\*"
    r"|(?<![A-Za-z0-9_])__(?P<bold_>[^\s_](?:[^_]*[^\s_])?)__(?![A-Za-z0-9_])"
    r"|(?<![A-Za-z0-9_])_(?P<italic_>[^\s_](?:[^_]*[^\s_])?)_(?![A-Za-z0-9_])"
    r"|(?<!!)\[(?P<label>[^\[\]]+)\]\((?P<address>(?:https?://|mailto:)[^\s()\"<>]+)\)"
    r"|(?P<break>[ ]{2,}\n)"
)
_FENCE = re.compile(r"```[^\n`]*\n(.*?)\n?```\s*", re.DOTALL)
_BULLET = re.compile(r"[-*+] +")
_NUMBER = re.compile(r"\d{1,9}[.)] +")
_REFUSED_BLOCK = re.compile(
    r"#{1,6} |>|\||={3,}\s*$|-{3,}\s*$|\*{3,}\s*$|[^\n]+\n(?:=+|-+)\s*(?:\n|$)"
    r"|[^\n|]*+\|[^\n]*+\n[ |:-]+(?:\n|$)"
)
_REFUSED_INLINE = re.compile(r"!\[|</?[A-Za-z][^<>]*>|<!--|\]\(|\]\[")


def from_markdown(text: str) -> str:
    """Markdown as rich text. Raises Unsupported for what the editor does not offer."""
    return "".join(_block(block) for block in _blocks(text))


def _blocks(text: str) -> Iterator[str]:
    """Paragraphs and lists; a block of code is one, blank lines and all."""
    position = 0
    for fence in _FENCE.finditer(text):
        yield from _paragraphs(text[position : fence.start()])
        yield fence.group()
        position = fence.end()
    yield from _paragraphs(text[position:])


def _paragraphs(text: str) -> Iterator[str]:
    yield from (part.strip("\n") for part in re.split(r"\n[ \t]*\n", text) if part.strip())


def _block(block: str) -> str:
    if fence := _FENCE.fullmatch(block):
        return f"<pre><code>{html.escape(fence[1], quote=False)}</code></pre>"
    if _REFUSED_BLOCK.match(block) or block.startswith(("    ", "\t")):
        raise Unsupported("markdown", block)
    lines = block.split("\n")
    for name, mark in (("ul", _BULLET), ("ol", _NUMBER)):
        if all(mark.match(line) for line in lines):
            items = "".join(f"<li>{_inline(mark.sub('', line, 1))}</li>" for line in lines)
            return f"<{name}>{items}</{name}>"
    return f"<p>{_inline(block)}</p>"


def _inline(text: str) -> str:
    position, written = 0, []
    for found in _INLINE.finditer(text):
        written.append(_literal(text[position : found.start()]))
        written.append(_markup(found))
        position = found.end()
    return "".join([*written, _literal(text[position:])])


def _literal(text: str) -> str:
    if _REFUSED_INLINE.search(text):
        raise Unsupported("markdown", text)
    return html.escape(text, quote=False)


def _markup(found: re.Match[str]) -> str:
    name = str(found.lastgroup)
    return _MARKUP[name](found)


def _wrapped(tag: str, group: str) -> Callable[[re.Match[str]], str]:
    return lambda found: f"<{tag}>{_inline(found[group])}</{tag}>"


def _linked(found: re.Match[str]) -> str:
    return f'<a href="{html.escape(found["address"])}">{_inline(found["label"])}</a>'


_MARKUP: dict[str, Callable[[re.Match[str]], str]] = {
    "escaped": lambda found: html.escape(found["escaped"], quote=False),
    "code": lambda found: f"<code>{html.escape(found['code'].strip(), quote=False)}</code>",
    "bold": _wrapped("b", "bold"),
    "bold_": _wrapped("b", "bold_"),
    "italic": _wrapped("i", "italic"),
    "italic_": _wrapped("i", "italic_"),
    "address": _linked,
    "break": lambda found: "<br/>",
}
