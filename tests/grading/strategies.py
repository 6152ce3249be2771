"""Questions and responses of every kind, as hypothesis draws them."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from wagtail_live_lms.grading import Matching, Question, load_question

words = st.text("aB\u00e9\u0301\u00df*.<&'\" \u00a0", max_size=6)
filled = words.filter(lambda word: bool(word.strip()))
texts = words | st.sampled_from(["<p>x</p>", '<embed embedtype="image" id="1"/>', "<img>", "<"])
points = st.decimals(Decimal("0.01"), Decimal(1000), places=2)
numbers = st.decimals(Decimal(-1000), Decimal(1000), places=3)
tolerances = st.decimals(Decimal(0), Decimal(50), places=2)
percents = st.integers(0, 100)

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=8,
)


def listed(entry: dict[str, st.SearchStrategy[Any]], least: int = 0, most: int = 4) -> Any:
    """Lists of such entries, each with an id of its own."""
    entries = st.lists(st.fixed_dictionaries(entry), min_size=least, max_size=most)
    return entries.map(lambda all: [{"id": f"id{i}", **one} for i, one in enumerate(all)])


CHOICE = {"text": texts, "correct": st.booleans(), "feedback": words, "pinned": st.booleans()}
FIELDS: dict[str, dict[str, Any]] = {
    "single_choice": {
        "choices": listed(CHOICE | {"credit": percents}),
        "shuffle": st.booleans(),
        "tail": words,
    },
    "multiple_choice": {
        "choices": listed(CHOICE),
        "method": st.sampled_from(["right_minus_wrong", "all_or_nothing", "each_decision"]),
        "shuffle": st.booleans(),
    },
    "true_false": {"correct": st.booleans(), "feedback_true": words, "feedback_false": words},
    "short_text": {
        "answers": listed(
            {"text": filled | st.sampled_from(["a*", "*", "\\*", "*b*c"]), "credit": percents}
        ),
        "match_case": st.booleans(),
        "ignore_accents": st.booleans(),
        "ignore_punctuation": st.booleans(),
        "wildcards": st.booleans(),
    },
    "number": {
        "answers": listed(
            {"value": numbers, "absolute": tolerances, "relative": tolerances, "credit": percents}
        ),
        "unit": words,
        "decimal_comma": st.booleans(),
    },
    "ordering": {
        "items": listed({"text": texts}, 2),
        "method": st.sampled_from(["each_position", "all_or_nothing"]),
    },
    "matching": {
        "pairs": listed({"prompt": texts, "match": words, "feedback": words}, 2),
        "distractors": st.just([]) | st.just([{"id": "extra", "text": "extra"}]),
        "shuffle": st.booleans(),
    },
    "long_answer": {"guidance": texts, "max_words": st.integers(0, 5)},
    "information": {},
}
COMMON = {"text": texts, "explanation": texts, "void": st.booleans(), "points": points}


def values(kind: str) -> st.SearchStrategy[dict[str, Any]]:
    """Values as a block stores them."""
    common = {} if kind == "information" else COMMON
    return st.fixed_dictionaries({"text": texts, **common, **FIELDS[kind]})


def of_kind(kind: str) -> st.SearchStrategy[Question]:
    return values(kind).map(lambda value: load_question(kind, "q", value))


questions = st.sampled_from(sorted(FIELDS)).flatmap(of_kind)


def forms(question: Question) -> st.SearchStrategy[Any]:
    """Responses as a browser sends them, valid ones for the most part."""
    shown = [option.id for option in question.order("seed")] or ["none"]
    match question.kind:
        case "single_choice" | "true_false":
            return st.sampled_from(shown)
        case "multiple_choice":
            return st.lists(st.sampled_from(shown), unique=True)
        case "ordering":
            return st.permutations(shown) | st.permutations(range(1, len(shown) + 1)).map(
                lambda places: dict(zip(shown, places, strict=True))
            )
        case "number":
            return numbers.map(str) | st.text(max_size=70)
    if isinstance(question, Matching):
        prompts = [prompt.id for prompt in question.prompts("seed")]
        return st.dictionaries(st.sampled_from(prompts), st.sampled_from(shown))
    return st.text(max_size=520)


def through_json(value: Any) -> Any:
    return json.loads(json.dumps(value))
