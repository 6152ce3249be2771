"""`python -m jupyter_extension.benchmarks`: measure, print a table, write results.json."""

from __future__ import annotations

import argparse
import json
import math
import os
import platform
import statistics
import sys
from pathlib import Path

from . import chain, loop, saves

HOLD_LIMIT, ROW_LIMIT = 20.0, 500.0
"""Milliseconds."""
Found = dict[str, list[float]]
FILE = Path(__file__).parent / "results.json"


def main() -> int:
    """Exit status 1 when a limit is not kept."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a look, not a result")
    is_quick = parser.parse_args().quick
    held = loop.measure(5 if is_quick else 50)
    _show("Event loop held, milliseconds", held)
    saved = saves.measure(4 if is_quick else 40)
    _show("Save by a browser, milliseconds", saved)
    added = {size: differences(modes) for size, modes in saved.items()}
    for size, values in added.items():
        print(f"{size}, added by the extension: {describe_difference(values)}")
    parts = chain.measure(5 if is_quick else 40)
    _show("From a save to the instructor's row, milliseconds", parts)
    if not is_quick:
        _write(held, saved, parts)
    return _judge(held, parts)


def differences(modes: Found) -> list[float]:
    """With less without, pair by pair."""
    return [ours - without for ours, without in zip(modes["ours"], modes["without"], strict=True)]


def describe_difference(values: list[float]) -> str:
    """The median, and the interval that holds it with 95 %, by ranks."""
    ranked, count = sorted(values), len(values)
    reach = 0.98 * math.sqrt(count)
    low = ranked[max(0, math.floor(count / 2 - reach))]
    high = ranked[min(count - 1, math.ceil(count / 2 + reach) - 1)]
    return f"{statistics.median(ranked):+.1f} ms, between {low:+.1f} and {high:+.1f}"


def _judge(held: dict[str, Found], parts: dict[str, Found]) -> int:
    longest = max(max(kinds["ours"]) for kinds in held.values())
    row = p95(parts[chain.ALL]["ours"])
    print(f"\nlongest hold: {longest:.1f} ms, limit {HOLD_LIMIT:.0f} ms")
    print(f"save to row, p95: {row:.0f} ms, limit {ROW_LIMIT:.0f} ms")
    return 0 if longest <= HOLD_LIMIT and row <= ROW_LIMIT else 1


def p95(values: list[float]) -> float:
    return sorted(values)[math.ceil(len(values) * 0.95) - 1]


def _show(title: str, found: dict[str, Found]) -> None:
    print(f"\n{title:50} {'median':>8} {'p95':>8} {'max':>8}")
    for what, modes in found.items():
        for mode, values in modes.items():
            row = f"{statistics.median(values):8.1f} {p95(values):8.1f} {max(values):8.1f}"
            print(f"{what + ', ' + mode:50} {row}", flush=True)


def _write(*found: dict[str, Found]) -> None:
    results = {
        "machine": {
            "python": platform.python_version(),
            "cores": os.cpu_count(),
            "load": os.getloadavg()[0],
        },
        "milliseconds": {
            f"{what}, {mode}": [round(value, 2) for value in values]
            for part in found
            for what, modes in part.items()
            for mode, values in modes.items()
        },
    }
    FILE.write_text(json.dumps(results, indent=1) + "\n")


if __name__ == "__main__":
    sys.exit(main())
