"""Typed text made comparable, and answers with wildcards."""

from __future__ import annotations

import unicodedata
from functools import reduce

# What phones and word processors put in place of what was typed.
_TYPOGRAPHY = str.maketrans(
    {
        "\u2018": "'",
        "\u2019": "'",
        "\u02bc": "'",
        "\u201c": '"',
        "\u201d": '"',
        "\u2010": "-",
        "\u2011": "-",
        "\u2212": "-",
        # Invisible: soft hyphen, zero width space and joiner of words, direction marks, BOM.
        **dict.fromkeys("\u00ad\u200b\u2060\u200e\u200f\ufeff"),
    }
)
_SENTENCE_MARKS = ".,;:!?\u3002\u3001\u060c\u061f\u061b\u0964"
_ESCAPED_STAR = "\x00"


def normalised(
    text: str,
    *,
    match_case: bool = False,
    ignore_accents: bool = False,
    ignore_punctuation: bool = False,
) -> str:
    """Text with what a reader would not notice taken out.

    Compatibility forms (NFKC), typographic quotes and hyphens, invisible characters, outer and
    repeated white space; unless it matters, case; if asked, accents and the marks at the end.
    """
    text = unicodedata.normalize("NFKC", text.translate(_TYPOGRAPHY)).translate(_TYPOGRAPHY)
    if not match_case:
        text = unicodedata.normalize("NFKC", text.casefold())
    if ignore_accents:
        text = _without_accents(text)
    text = " ".join(text.split())
    return (text.rstrip(_SENTENCE_MARKS + " ") or text) if ignore_punctuation else text


def _without_accents(text: str) -> str:
    parts = unicodedata.normalize("NFD", text)
    bare = "".join(character for character in parts if not unicodedata.combining(character))
    return unicodedata.normalize("NFC", bare)


class Pattern:
    """An accepted answer in which `*` stands for any text, also none, and `\\*` for itself.

    It must match from the first character to the last, and takes time linear in the text.
    """

    def __init__(self, pieces: list[str]) -> None:
        self.pieces = pieces

    @classmethod
    def exactly(cls, text: str) -> Pattern:
        return cls([text])

    @classmethod
    def with_wildcards(cls, text: str) -> Pattern:
        """From text normalised after `hide_escapes`."""
        return cls([piece.replace(_ESCAPED_STAR, "*") for piece in text.split("*")])

    @property
    def matches_anything(self) -> bool:
        return len(self.pieces) > 1 and not any(piece.strip() for piece in self.pieces)

    @property
    def shortest(self) -> str:
        """The shortest text that matches."""
        return "".join(self.pieces)

    def matches(self, text: str) -> bool:
        first, *rest = self.pieces
        if not rest:
            return text == first
        *middle, last = rest
        if not text.startswith(first):
            return False
        end = reduce(lambda at, piece: _after(text, piece, at), middle, len(first))
        return 0 <= end <= len(text) - len(last) and text.endswith(last)

    def covers(self, other: Pattern) -> bool:
        """Whether all that the other one matches is matched by this one."""
        # No normalised text has a line break, so it can stand for the other one's wildcard.
        return self.matches("\n".join(other.pieces))


def hide_escapes(text: str) -> str:
    """Text in which `\\*` is no wildcard any more."""
    return text.replace("\\*", _ESCAPED_STAR)


def _after(text: str, piece: str, start: int) -> int:
    """Where the first occurrence from `start` ends; -1 when there is none."""
    found = text.find(piece, start) if start >= 0 else -1
    return found + len(piece) if found >= 0 else -1
