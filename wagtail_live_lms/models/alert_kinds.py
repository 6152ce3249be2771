"""What instructors are alerted to: the kinds a site has, and how each finds its causes."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Text = str | Promise


class AlertKind(models.TextChoices):
    """The kinds we bring. Other packages add theirs to `alert_kinds`."""

    HELP = "help", _("Asks for help")
    STUCK = "stuck", _("Stuck")
    FAILED_QUIZ = "failed_quiz", _("Keeps failing a quiz")
    HARD_QUESTION = "hard_question", _("Question too hard")
    INACTIVE = "inactive", _("No activity")


@dataclass(frozen=True, slots=True)
class Cause:
    """Why there should be an alert now.

    `key` names what it is about, within the course and the kind: while an alert of that key is
    not cleared there is no second one. `data` fills the placeholders of the kind's sentence.
    """

    key: str
    enrolment_id: int | None = None
    module_id: int | None = None
    quiz_id: int | None = None
    question_id: str = ""
    since: datetime | None = None
    data: Mapping[str, Any] = field(default_factory=dict)


Find = Callable[[int, int, datetime], Iterable[Cause]]
"""All causes there are in a course, by its id, the rule's threshold and the time, in a number of
queries that the roster does not change."""


@dataclass(frozen=True, slots=True)
class KindOfAlert:
    """A kind: its words, its threshold, and where its causes come from.

    `sentence` may have the placeholders `threshold`, and those that the causes' data fill.
    `measure` says what the threshold counts; a kind without a threshold is only on or off.
    Causes of a `is_timed` kind come by time alone: they are looked for when a dashboard is read.
    A kind without `find` is opened and cleared by those who know, as help that is asked for.
    """

    name: str
    label: Text
    sentence: Text
    measure: Text = ""
    threshold: int | None = None
    minimum: int = 1
    maximum: int = 1000
    find: Find | None = None
    is_timed: bool = True


class AlertKinds:
    """The kinds a site has, by name."""

    def __init__(self) -> None:
        self._kinds: dict[str, KindOfAlert] = {}

    def register(self, name: str, **parts: Any) -> KindOfAlert:
        """Add a kind, as from an app's `ready()`: the fields of KindOfAlert.

        Raises ValueError for a taken name, and for a threshold out of its own bounds.
        """
        kind = KindOfAlert(name, **parts)
        if name in self._kinds:
            raise ValueError(f"There is already a kind of alert named {name!r}.")
        if kind.threshold is not None and not kind.minimum <= kind.threshold <= kind.maximum:
            raise ValueError(f"The threshold of {name!r} is out of its own bounds.")
        self._kinds[name] = kind
        return kind

    def forget(self, name: str) -> None:
        """Take a kind out, as at the end of a test."""
        self._kinds.pop(name, None)

    def get(self, name: str) -> KindOfAlert:
        """The kind; for one whose package has gone, a kind that reads like its subject."""
        return self._kinds.get(name) or KindOfAlert(name, name, "%(title)s")

    def choices(self) -> list[tuple[str, Text]]:
        """Names and labels, for a form."""
        return [(kind.name, kind.label) for kind in self]

    def __contains__(self, name: object) -> bool:
        return name in self._kinds

    def __iter__(self) -> Iterator[KindOfAlert]:
        return iter(self._kinds.values())


alert_kinds = AlertKinds()
