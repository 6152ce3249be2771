"""A quiz with a question of every type; whatever belongs to its key or its feedback is marked."""

from __future__ import annotations

from typing import Any

from tests.factories import items, question

KEY = "KEYKEY"
"""In every text that only a correct answer's reader may see."""

FEEDBACK = "FEEDFEED"
"""In every feedback and explanation."""

GUIDANCE = "GUIDEGUIDE"
"""In what only those who grade may see."""

SECRETS = (KEY, FEEDBACK, GUIDANCE)


def single(ident: str = "single", **value: Any) -> dict[str, Any]:
    """a is right, b gets half the points."""
    choices = items(
        {"text": "<p>Four</p>", "correct": True, "feedback": f"{FEEDBACK} right"},
        {"text": "<p>Five</p>", "credit": 50, "feedback": f"{FEEDBACK} nearly"},
        {"text": "<p>None of these</p>", "pinned": True, "feedback": f"{FEEDBACK} wrong"},
    )
    text = {"text": "<p>How much is two and two?</p>", "explanation": f"<p>{FEEDBACK}</p>"}
    return question("single_choice", ident, **(text | {"choices": choices} | value))


def multiple(ident: str = "multiple", **value: Any) -> dict[str, Any]:
    """a and b are right."""
    choices = items(
        {"text": "<p>Two</p>", "correct": True, "feedback": FEEDBACK},
        {"text": "<p>Three</p>", "correct": True, "feedback": FEEDBACK},
        {"text": "<p>Four</p>", "feedback": FEEDBACK},
        {"text": "<p>Six</p>", "feedback": FEEDBACK},
    )
    text = {"text": "<p>Which are prime?</p>", "explanation": f"<p>{FEEDBACK}</p>", "points": "2"}
    return question("multiple_choice", ident, **(text | {"choices": choices} | value))


def true_false(ident: str = "boolean", **value: Any) -> dict[str, Any]:
    """It is true."""
    text = {"text": "<p>Water is wet.</p>", "correct": "true", "feedback_true": FEEDBACK}
    return question("true_false", ident, **(text | {"feedback_false": FEEDBACK} | value))


def short(ident: str = "short", **value: Any) -> dict[str, Any]:
    """The key itself is the answer."""
    answers = items({"text": f"{KEY} Nairobi", "feedback": FEEDBACK})
    text = {"text": "<p>What is the capital of Kenya?</p>", "explanation": f"<p>{FEEDBACK}</p>"}
    return question("short_text", ident, **(text | {"answers": answers, "tail": "."} | value))


def number(ident: str = "number", **value: Any) -> dict[str, Any]:
    """299792 km, one more or less."""
    answers = items({"value": "299792", "absolute": "1", "feedback": FEEDBACK})
    text = {"text": "<p>How far does light travel in a second?</p>", "unit": "km"}
    return question("number", ident, **(text | {"answers": answers} | value))


def ordering(ident: str = "ordering", **value: Any) -> dict[str, Any]:
    """a, b, c is right."""
    things = items({"text": "<p>Press</p>"}, {"text": "<p>Phone</p>"}, {"text": "<p>Radio</p>"})
    text = {"text": "<p>Order these, the oldest first.</p>", "explanation": f"<p>{FEEDBACK}</p>"}
    return question("ordering", ident, **(text | {"items": things} | value))


def matching(ident: str = "matching", **value: Any) -> dict[str, Any]:
    """Camels live in deserts, whales in oceans, and nobody on the moon."""
    pairs = items(
        {"prompt": "<p>Camel</p>", "match": "Desert", "feedback": FEEDBACK},
        {"prompt": "<p>Whale</p>", "match": "Ocean", "feedback": FEEDBACK},
    )
    text = {"text": "<p>Which animal lives where?</p>", "points": "2"}
    extra = {"distractors": [{"type": "item", "id": "z", "value": {"text": "Moon"}}]}
    return question("matching", ident, **(text | {"pairs": pairs} | extra | value))


def long_answer(ident: str = "long", **value: Any) -> dict[str, Any]:
    """A person grades it."""
    text = {"text": "<p>Explain gravity.</p>", "guidance": f"<p>{GUIDANCE}</p>"}
    limits = {"min_words": 2, "max_words": 5, "explanation": f"<p>{FEEDBACK}</p>"}
    return question("long_answer", ident, **(text | limits | value))


def passage(ident: str = "passage", text: str = "<p>Read this first.</p>") -> dict[str, Any]:
    return {"type": "information", "id": ident, "value": {"text": text}}


def automatic() -> list[dict[str, Any]]:
    """Every type that a key grades, below a text."""
    return [
        passage(), single(), multiple(), true_false(), short(), number(), ordering(), matching(),
    ]  # fmt: skip


def everything() -> list[dict[str, Any]]:
    """Every type."""
    return [*automatic(), long_answer()]
