"""What checking a question finds. Codes only: the words are made where they can be translated."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

_IMAGE = re.compile(
    r"""<(?P<name>img|embed)\b(?P<attributes>(?:[^<>"']|"[^"]*"|'[^']*')*+)>""", re.IGNORECASE
)
_ATTRIBUTE = re.compile(r"""([^\s"'=<>/]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'<>]+)))?""")
_EDITOR_KEY = re.compile(r"""\s+data-block-key="[^"]*\"""")


class Finding(NamedTuple):
    """One thing to look at. An error must be put right before students see the question.

    `field` is a path as in `choices.2.text`; `params` holds what a message may name.
    """

    code: str
    question_id: str
    is_error: bool
    field: str = ""
    params: Mapping[str, Any] = {}


def images_without_alternative(value: Any, path: str = "") -> list[str]:
    """Paths of the texts with an image that lacks `alt`; an empty one marks a decoration."""
    return [where for where, text in _texts(value, path) if _lacks_alternative(text)]


def _texts(value: Any, path: str) -> Iterator[tuple[str, str]]:
    match value:
        case str():
            yield path, value
        case Mapping():
            for name, inner in value.items():
                yield from _texts(inner, f"{path}.{name}" if path else str(name))
        case list() | tuple():
            for index, inner in enumerate(value):
                yield from _texts(inner, f"{path}.{index}")


def _lacks_alternative(text: str) -> bool:
    tags = ((tag["name"], _attributes(tag["attributes"])) for tag in _IMAGE.finditer(text))
    return any(
        "alt" not in attributes
        for name, attributes in tags
        if name.lower() == "img" or attributes.get("embedtype") == "image"
    )


def _attributes(text: str) -> dict[str, str]:
    found = _ATTRIBUTE.findall(text)
    return {name.lower(): double or single or plain for name, double, single, plain in found}


def bare(text: str) -> str:
    """A rich text without what its editor notes for itself, to compare it with another."""
    return _EDITOR_KEY.sub("", text).strip()


def duplicates(texts: Iterable[str]) -> list[str]:
    """Each text that occurs again, once."""
    seen: set[str] = set()
    again: dict[str, None] = {}
    for text in texts:
        if text in seen:
            again[text] = None
        seen.add(text)
    return list(again)
