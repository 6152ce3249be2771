"""What of a question decides what a response is worth."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .base import Question

_SHOWN = {"text", "explanation", "guidance", "tail", "unit", "shuffle", "prompt", "pinned"}
_FEEDBACK = {"feedback", "feedback_true", "feedback_false"}
_COMPARED = {"short_text", "ordering", "matching"}
"""Kinds whose inner texts are compared, with what students typed or with each other."""


def judgement(question: Question) -> tuple[Any, ...]:
    """Equal for two questions that judge every response alike, wording and feedback apart.

    It may differ for two that judge alike: it is a reason to look, not a proof.
    """
    left_out = _SHOWN | _FEEDBACK
    fields = {name: value for name, value in question.model_dump().items() if name not in left_out}
    data = fields.pop("data", None)  # of a site's own kind, and only the site knows what counts
    kept = {"text"} if question.kind in _COMPARED else set()
    return question.kind, _bare(fields, left_out - kept), data


def _bare(value: Any, left_out: set[str]) -> Any:
    match value:
        case Mapping():
            return {
                name: _bare(inner, left_out)
                for name, inner in value.items()
                if name not in left_out
            }
        case list() | tuple():
            return [_bare(inner, left_out) for inner in value]
    return value
