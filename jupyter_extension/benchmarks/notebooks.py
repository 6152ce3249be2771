"""Lessons of ten megabytes, as pictures and printed lines make them."""

from __future__ import annotations

from typing import Any

from jupyter_extension.tests.lms import cell, lesson

CELLS = 200
PICTURE = {"output_type": "display_data", "metadata": {}, "data": {"image/png": "A" * 50_000}}
LINES = {
    "output_type": "stream",
    "name": "stdout",
    "text": [f"step {number}: loss 0.{number:05} · ok\n" for number in range(1500)],
}
KINDS = {"pictures": PICTURE, "printed lines": LINES}


def large_lesson(site: str, kind: str) -> dict[str, Any]:
    """200 required cells with 10 MB of outputs, all passed."""
    ids = [f"cell-{number}" for number in range(CELLS)]
    cells = [cell(one, outputs=[KINDS[kind]]) for one in ids]
    return lesson(site, *cells, required=ids)


def small_lesson(site: str) -> dict[str, Any]:
    """A lesson as most are."""
    return lesson(site, *[cell(f"cell-{number}") for number in range(20)])
