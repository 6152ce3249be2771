"""Questions of a kind that a site defines itself."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Annotated, Any, Protocol

from pydantic import Field

from .base import Mark, Question, optional
from .findings import Finding

logger = logging.getLogger(__name__)

RESPONSE_LENGTH = 10_000
DefaultResponse = Annotated[str, Field(max_length=RESPONSE_LENGTH)]


class Definition(Protocol):
    """What a site supplies for a kind of question.

    Optional besides: `response_type`, a type for pydantic that JSON can store, by default a
    text; `lint(data) -> list[str]`, problems in words; `key_text(data) -> str`.
    """

    def grade(self, data: Mapping[str, Any], response: Any) -> Any:
        """How right the response is: True, False or a number from 0 to 1."""
        ...


class CustomQuestion(Question):
    """A question whose grading a site supplies. What goes wrong there waits for a person."""

    kind: str = Field(min_length=1)  # type: ignore[misc]
    data: dict[str, Any] = Field(default_factory=dict)
    definition: Any = Field(exclude=True, repr=False)

    def response_type(self) -> Any:
        declared = getattr(self.definition, "response_type", str)
        return optional(DefaultResponse if declared is str else declared)

    def judge(self, response: object) -> Mark:
        try:
            return Mark(_share(self.definition.grade(self.data, response)))
        except Exception:
            logger.exception("Grading question %s of kind %s failed", self.id, self.kind)
            return Mark(None)

    def key_text(self) -> tuple[str, ...]:
        text = getattr(self.definition, "key_text", None)
        return (str(text(self.data)),) if text else ()

    def _lint(self) -> Iterator[Finding]:
        lint = getattr(self.definition, "lint", None)
        for problem in lint(self.data) if lint else ():
            yield self._warning("custom", "data", message=problem)


def _share(grade: Any) -> Fraction:
    """The grade as a share from 0 to 1. Raises ValueError for what is no number."""
    if isinstance(grade, bool | int | Fraction | Decimal):
        exact = Fraction(grade)
    else:
        # The shortest text of a float is the number its author meant.
        exact = Fraction(Decimal(repr(float(grade))))
    return min(max(exact, Fraction(0)), Fraction(1))
