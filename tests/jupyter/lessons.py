"""What a student writes into the demo's practice notebooks."""

from __future__ import annotations

import json
from typing import Any

SOLUTIONS = {
    "names-exercise": [("income = ...", "income = cups * price"), ("= ...", "= income - costs")],
    "joining-exercise": [("= ...", '= f"{first} {last.upper()} ({town})"')],
    "cleaning-exercise": [
        ("email = ...", "email = typed.strip().lower()"),
        ("user = ...", 'user = email[: email.index("@")]'),
    ],
    "accumulator-exercise": [
        ("    ...", "    total += temperature"),
        ("= ...", "= total / len(temperatures)"),
    ],
    "picking-exercise": [("if ...", "if temperature >= 18"), ("= ...", "= max(temperatures)")],
    "pairs-exercise": [
        ("    ...", "    hottest[day] = max(hottest.get(day, temperature), temperature)")
    ],
}
LAST_WORDS = "Check 3 passed."
"""What the last check prints when it passes."""


def solve(notebook: dict[str, Any]) -> dict[str, Any]:
    """The notebook with every exercise done, and nothing run."""
    for cell in notebook["cells"]:
        source = "".join(cell["source"])
        for blank, answer in SOLUTIONS.get(cell["id"], []):
            assert blank in source
            source = source.replace(blank, answer, 1)
        cell["source"] = source
    return notebook


def run_by_hand(notebook: dict[str, Any]) -> dict[str, Any]:
    """The notebook as it is after a run without errors."""
    code = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    for number, cell in enumerate(code, 1):
        cell["execution_count"] = number
    return notebook


def one_cell(**metadata: Any) -> str:
    """The text of a notebook with these metadata and nothing to do."""
    cell = {
        "cell_type": "code", "id": "a", "source": "1", "metadata": {},
        "outputs": [], "execution_count": None,
    }  # fmt: skip
    return as_text({"cells": [cell], "metadata": metadata, "nbformat": 4, "nbformat_minor": 5})


def as_text(notebook: dict[str, Any]) -> str:
    return json.dumps(notebook, indent=1)
