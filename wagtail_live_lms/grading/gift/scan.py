"""From GIFT text to its questions' parts: comments, titles, categories, answers, escapes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from .refusals import Refused, Unsupported

# Noncharacters stand for what was escaped, and a separator, which is white space, for a comment.
# No text may hold any of them.
_SPECIAL = ":#={}~\n"
_PLACES = {special: chr(0xFDD0 + index) for index, special in enumerate(_SPECIAL)}
_REVEALED = {ord(place): special for special, place in _PLACES.items()}
_COMMENT = "\x1c"
_FORBIDDEN = re.compile("[\x00\x1c\ud800-\udfff\ufdd0-\ufdef]")
_ESCAPE = re.compile(r"\\([\\:#={}~n])")
_CATEGORY = re.compile(r"\$CATEGORY:([^\n]*)(?:\n|$)")
_FORMAT = re.compile(r"\[(html|plain|markdown|moodle)\]")


class Block(NamedTuple):
    """What stands between blank lines, with its first line's number."""

    line: int
    text: str


class Source(NamedTuple):
    """One question in parts, escapes still hidden; `answers` is None without braces."""

    line: int
    category: str
    title: str
    text: str
    answers: str | None
    answers_line: int
    tail: str


class Text(NamedTuple):
    """A piece of text and the format it is written in."""

    format: str
    content: str


def refused_characters(text: str) -> list[Refused]:
    """The lines with characters that no text may hold."""
    return [
        Refused(number, "characters", f"U+{ord(found.group()):04X}")
        for number, line in enumerate(_lines(text), 1)
        if (found := _FORBIDDEN.search(line))
    ]


def _lines(text: str) -> list[str]:
    return text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n").split("\n")


def blocks(text: str) -> Iterator[Block]:
    """The blocks of a text, without comments; those of nothing else are left out."""
    kept: list[str] = []
    for number, line in enumerate([*_lines(text), ""], 1):
        if line.strip():
            kept.append(_COMMENT if line.lstrip().startswith("//") else line)
        elif kept:
            yield from _block(number - len(kept), kept)
            kept = []


def _block(first: int, lines: list[str]) -> Iterator[Block]:
    while lines and lines[0] == _COMMENT:
        first, lines = first + 1, lines[1:]
    if lines:
        yield Block(first, "\n".join(lines))


def take_category(block: Block) -> tuple[str | None, Block]:
    """The category that a block sets, None if it sets none, and what is left of the block."""
    found = _CATEGORY.match(block.text.lstrip())
    if found is None:
        return None, block
    rest = block.text.lstrip()[found.end() :]
    return found[1].strip(), Block(block.line + 1, rest)


def take_apart(block: Block, category: str) -> Source:
    """The question in a block. Raises Unsupported when braces or title do not pair up."""
    hidden = hide(block.text)
    title, text = _title(hidden.lstrip())
    before, opening, rest = text.partition("{")
    if not opening:
        if "}" in before:
            raise Unsupported("braces")
        return Source(block.line, category, title, before, None, block.line, "")
    answers, closing, tail = rest.partition("}")
    if "}" in before or not closing or "{" in answers:
        raise Unsupported("braces")
    if "{" in tail or "}" in tail:
        raise Unsupported("second_answers")
    line = block.line + hidden.count("\n") - f"{answers}{tail}".count("\n")
    return Source(block.line, category, title, before, answers, line, tail.strip())


def _title(text: str) -> tuple[str, str]:
    if not text.startswith("::"):
        return "", text
    title, end, rest = text[2:].partition("::")
    if not end:
        raise Unsupported("title")
    return reveal(title).strip(), rest.lstrip()


def hide(text: str) -> str:
    """Text in which nothing escaped has a meaning any more."""
    return _ESCAPE.sub(lambda escape: _hidden(escape[1]), text)


def _hidden(character: str) -> str:
    return _PLACES["\n"] if character == "n" else _PLACES.get(character, character)


def reveal(text: str) -> str:
    """Text as meant: what was escaped is itself again, and comments are gone."""
    text = text.replace(f"\n{_COMMENT}", "").replace(_COMMENT, "")
    return text.translate(_REVEALED)


def formatted(raw: str, default: str) -> Text:
    """A piece of text with the format it names itself, or else the default."""
    raw = raw.strip()
    named = _FORMAT.match(raw)
    if named is None:
        return Text(default, reveal(raw).strip())
    return Text(named[1], reveal(raw[named.end() :]).strip())
