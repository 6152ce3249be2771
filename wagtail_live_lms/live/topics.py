"""Topics: what a socket can be told about, each declared once with its access rule beside it."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from .exceptions import ComponentError, NotFound
from .models import LiveTopic

View = tuple[str, dict[str, Any]]
"""A component's name and its parameters."""

_NAME = re.compile(r"(?P<prefix>[a-z]{1,30})-(?P<id>[A-Za-z0-9_-]{1,50})")


@dataclass(frozen=True, slots=True)
class TopicRule:
    """Who may listen (`admit` raises when not), and what a bare topic socket shows."""

    prefix: str
    admit: Callable[[Any, str], object]
    views: Callable[[Any, str], Iterable[View]]


class TopicRules:
    """The topics a site has, by prefix."""

    def __init__(self) -> None:
        self._rules: dict[str, TopicRule] = {}

    def declare(
        self,
        prefix: str,
        *,
        admit: Callable[[Any, str], object],
        views: Callable[[Any, str], Iterable[View]] = lambda user, ident: (),
    ) -> None:
        """Declare `<prefix>-<id>`. Raises ComponentError when it is declared already."""
        if prefix in self._rules:
            raise ComponentError(f"Topic {prefix!r} is declared already.")
        self._rules[prefix] = TopicRule(prefix, admit, views)

    def forget(self, prefix: str) -> None:
        """Undeclare, as at the end of a test."""
        self._rules.pop(prefix, None)

    def admit(self, user: Any, name: str) -> None:
        """Raises NotFound or PermissionDenied unless this user may listen to the topic."""
        rule, ident = self.parse(name)
        rule.admit(user, ident)

    def views(self, user: Any, name: str) -> list[View]:
        """What a socket of that topic shows when it names no views."""
        rule, ident = self.parse(name)
        return list(rule.views(user, ident))

    def parse(self, name: str) -> tuple[TopicRule, str]:
        """The rule and the id of a topic. Raises NotFound for a name nobody declared."""
        match = _NAME.fullmatch(name)
        if match is None or match["prefix"] not in self._rules:
            raise NotFound(code="unknown_topic")
        return self._rules[match["prefix"]], match["id"]

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(self._rules))


topics = TopicRules()


def row_id(ident: str) -> int:
    """A topic's id as a primary key. Raises NotFound for what no table can hold."""
    if ident.isascii() and ident.isdigit() and 0 < int(ident) < 2**63:
        return int(ident)
    raise NotFound(code="unknown_topic")


def personal_topic(user_id: Any) -> str:
    """The topic of one person: their progress, their notices, their right to be here."""
    return f"student-{user_id}"


@dataclass(frozen=True, slots=True)
class Position:
    """How far a topic is: the database's epoch and the sequence number."""

    epoch: str
    seq: int

    def __str__(self) -> str:
        return f"{self.epoch}.{self.seq}"


NOWHERE = Position("", 0)
"""The position of a topic that has never had a change."""


def positions(names: Iterable[str]) -> dict[str, Position]:
    """Where each topic is now, in one query."""
    wanted = list(names)
    rows = LiveTopic.objects.filter(name__in=wanted).values_list("name", "epoch", "seq")
    found = {name: Position(epoch.hex[:8], seq) for name, epoch, seq in rows}
    return {name: found.get(name, NOWHERE) for name in wanted}


def format_since(at: Mapping[str, Position]) -> str:
    """Positions as one attribute value: `instructor-5:1a2b3c4d.17 student-3:...`."""
    return " ".join(f"{name}:{position}" for name, position in sorted(at.items()))


def parse_since(text: str) -> dict[str, Position]:
    """The inverse of `format_since`, for one component or several of a page.

    What cannot be read is left out, and so is a topic of which two components know different
    positions; that costs a snapshot.
    """
    found: dict[str, Position] = {}
    unclear = set()
    for part in text.split():
        name, _, position = part.rpartition(":")
        epoch, _, seq = position.partition(".")
        if seq.isascii() and seq.isdigit() and len(seq) < 20:
            told = Position(epoch, int(seq))
            if found.setdefault(name, told) != told:
                unclear.add(name)
    return {name: position for name, position in found.items() if name not in unclear}
