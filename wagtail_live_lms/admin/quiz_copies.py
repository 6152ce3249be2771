"""Questions taken over into another quiz."""

from typing import Any
from uuid import uuid4


def with_fresh_ids(questions: Any) -> list[dict[str, Any]]:
    """The questions of a StreamField as data, each and every item of its lists with a new id."""
    return [_fresh(dict(item)) for item in questions.get_prep_value()]


def _fresh(value: Any) -> Any:
    match value:
        case dict():
            copy = {name: _fresh(inner) for name, inner in value.items()}
            return {**copy, "id": str(uuid4())} if {"type", "value", "id"} <= value.keys() else copy
        case list():
            return [_fresh(inner) for inner in value]
    return value
