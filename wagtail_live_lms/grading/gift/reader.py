"""From GIFT text to questions as a StreamField stores them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from uuid import uuid4

from pydantic import ValidationError

from ..base import Question
from ..loading import load_question
from . import answers
from .refusals import GiftErrors, Refused, Unsupported
from .richtext import FORMATTING, Rich, plain, rich
from .scan import Source, Text, blocks, formatted, refused_characters, take_apart, take_category

GAP = "_____"
_WITH_TAIL = {"single_choice", "short_text", "number"}


class Draft(NamedTuple):
    """A question that can be stored. `notes` are codes of what differs from the text:

    `formatting` was left out, a weight was `rounded`, `ticking_all` no longer scores.
    """

    kind: str
    id: str
    value: Mapping[str, Any]
    line: int
    title: str = ""
    category: str = ""
    notes: tuple[str, ...] = ()

    def block(self) -> dict[str, Any]:
        """The block as a StreamField stores it."""
        return {"type": self.kind, "id": self.id, "value": dict(self.value)}

    def question(self) -> Question:
        return load_question(self.kind, self.id, self.value)


def parse(text: str, *, new_id: Callable[[], str] = lambda: str(uuid4())) -> list[Draft]:
    """The questions of a GIFT text, in order, with fresh ids.

    Raises GiftErrors with all that is refused; then nothing of the text should be used.
    """
    if unreadable := refused_characters(text):
        raise GiftErrors(unreadable)
    drafts: list[Draft] = []
    refused: list[Refused] = []
    category = ""
    for block in blocks(text):
        try:
            named, block = take_category(block)
            category = category if named is None else named
            if block.text.strip():
                drafts.append(_draft(take_apart(block, category), new_id, refused))
        except Unsupported as error:
            refused.append(Refused(block.line, error.code, error.detail))
    if refused:
        raise GiftErrors(refused)
    return drafts


@dataclass
class Reading:
    """One question being read: where it stands, and what is said about it on the way."""

    source: Source
    new_id: Callable[[], str]
    format: str
    refused: list[Refused]
    notes: dict[str, None] = field(default_factory=dict)

    def rich(self, raw: str) -> str:
        return self._noted(rich(formatted(raw, self.format)))

    def plain(self, raw: str) -> str:
        return self._noted(plain(formatted(raw, self.format)))

    def note(self, code: str) -> None:
        self.notes[code] = None

    def refuse(self, offset: int, error: Unsupported) -> None:
        """Refuse an answer, which begins there among the answers, and go on with the next."""
        before = (self.source.answers or "")[:offset]
        line = self.source.answers_line + before.count("\n")
        self.refused.append(Refused(line, error.code, error.detail))

    def listed(
        self, entries: Iterable[answers.Answer], read: Callable[[answers.Answer], dict[str, Any]]
    ) -> list[dict[str, Any]]:
        """Each answer as a list block's entry, without those that are refused."""
        found = []
        for entry in entries:
            try:
                found.append({"type": "item", "id": self.new_id(), "value": read(entry)})
            except Unsupported as error:
                self.refuse(entry.offset, error)
        return found

    def _noted(self, text: Rich) -> str:
        if text.lost_styles:
            self.note(FORMATTING)
        return text.source


def _draft(source: Source, new_id: Callable[[], str], refused: list[Refused]) -> Draft:
    stated = formatted(source.text, "moodle")
    reading = Reading(source, new_id, stated.format, refused)
    before = len(refused)
    kind, value = _value(reading)
    draft = Draft(
        kind,
        new_id(),
        {"text": _question_text(reading, stated, kind)} | value,
        source.line,
        source.title,
        source.category,
        tuple(reading.notes),
    )
    if len(refused) == before:
        _check(draft)
    return draft


def _value(reading: Reading) -> tuple[str, dict[str, Any]]:
    source = reading.source
    if source.answers is None:
        return "information", {}
    body, _, general = source.answers.rpartition("####")
    if "####" not in source.answers:
        body, general = source.answers, ""
    kind, value = answers.read(reading, body)
    if source.tail and kind in _WITH_TAIL:
        value["tail"] = reading.plain(source.tail)
    if general.strip():
        value["explanation"] = reading.rich(general)
    return kind, value


def _question_text(reading: Reading, stated: Text, kind: str) -> str:
    """The text; where a kind knows no gap, the gap is drawn in it."""
    tail = formatted(reading.source.tail, stated.format)
    if tail.content and kind not in _WITH_TAIL:
        stated = stated._replace(content=f"{stated.content} {GAP} {tail.content}")
    if not stated.content:
        raise Unsupported("no_text")
    return reading._noted(rich(stated))


def _check(draft: Draft) -> None:
    """Raises Unsupported for what breaks a rule of the kind, as an answer that is too long."""
    try:
        draft.question()
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        raise Unsupported("invalid", f"{where}: {first['msg']}") from error
