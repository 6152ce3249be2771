"""The practice notebooks run: every check fails at first, and passes with the exercise solved."""

from __future__ import annotations

import contextlib
import io
from typing import Any

import pytest

from example_site.bootcamp.demo.notebooks import Practice, read_practices
from wagtail_live_lms.notebooks import tagged_ids

PRACTICES = read_practices()

SOLUTIONS = {
    "names-exercise": (
        "cups, price, costs = 140, 3, 95\nincome = cups * price\nprofit = income - costs"
    ),
    "joining-exercise": (
        "first, last, town = 'Ada', 'Lovelace', 'London'\n"
        "badge = f'{first} {last.upper()} ({town})'"
    ),
    "cleaning-exercise": (
        "typed = '   Grace.Hopper@Example.COM \\n'\n"
        "email = typed.strip().lower()\n"
        "user = email[:email.index('@')]"
    ),
    "accumulator-exercise": (
        "total = 0\n"
        "for temperature in temperatures:\n"
        "    total = total + temperature\n"
        "average = total / len(temperatures)"
    ),
    "picking-exercise": (
        "warm = [degrees for degrees in temperatures if degrees >= 18]\nwarmest = max(temperatures)"
    ),
    "pairs-exercise": (
        "hottest = {}\n"
        "for day, temperature in zip(days, temperatures):\n"
        "    hottest[day] = max(hottest.get(day, -100), temperature)"
    ),
    "function-exercise": (
        "def total(prices, discount=0):\n    return round(sum(prices) * (100 - discount) / 100, 2)"
    ),
    "raise-exercise": (
        "def safe_total(prices, discount=0):\n"
        "    if not 0 <= discount <= 100:\n"
        "        raise ValueError(f'The discount is {discount}.')\n"
        "    return total(prices, discount)"
    ),
    "try-exercise": (
        "def read_prices(lines):\n"
        "    prices, unreadable = [], []\n"
        "    for line in lines:\n"
        "        if not line.strip():\n"
        "            continue\n"
        "        try:\n"
        "            prices.append(float(line.replace(',', '.')))\n"
        "        except ValueError:\n"
        "            unreadable.append(line)\n"
        "    return prices, unreadable"
    ),
}

by_notebook = pytest.mark.parametrize("practice", PRACTICES, ids=lambda practice: practice.slug)


def run(practice: Practice, solutions: dict[str, str]) -> set[str]:
    """Run all cells as a student would, and name those that ended without an error."""
    namespace: dict[str, Any] = {"__name__": "notebook"}
    passed = set()
    for cell in practice.upload.notebook["cells"]:
        if cell["cell_type"] != "code":
            continue
        source = solutions.get(cell["id"], cell["source"])
        with contextlib.redirect_stdout(io.StringIO()), contextlib.suppress(AssertionError):
            exec(compile(source, cell["id"], "exec"), namespace)
            passed.add(cell["id"])
    return passed


@by_notebook
def test_no_check_passes_before_anything_is_written(practice: Practice) -> None:
    required = tagged_ids(practice.upload.notebook)
    assert len(required) == 3
    assert run(practice, {}).isdisjoint(required)


@by_notebook
def test_every_check_passes_when_the_exercises_are_solved(practice: Practice) -> None:
    assert run(practice, SOLUTIONS) >= set(tagged_ids(practice.upload.notebook))


@by_notebook
def test_it_is_a_lesson_and_not_a_form(practice: Practice) -> None:
    cells = practice.upload.notebook["cells"]
    prose = " ".join(cell["source"] for cell in cells if cell["cell_type"] == "markdown")
    assert 6 <= len(cells) <= 12
    assert len(prose.split()) > 150
    assert len(practice.summary) <= 250
