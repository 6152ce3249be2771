"""`python -m jupyter_extension.benchmarks`: measure, print a table, write results.json."""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import sys
from pathlib import Path

from . import loop, saves

LIMIT_MILLISECONDS = 20.0
FILE = Path(__file__).parent / "results.json"


def main() -> int:
    """Exit status 1 when the loop was held longer than 20 ms in an evaluation."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a look, not a result")
    is_quick = parser.parse_args().quick
    held = loop.measure(5 if is_quick else 50)
    saved = saves.measure(4 if is_quick else 30)
    _show("Event loop held, milliseconds", held)
    _show("Save by a browser, milliseconds", saved)
    worst = max(max(kinds["ours"]) for kinds in held.values())
    print(f"\nlongest hold: {worst:.1f} ms, target {LIMIT_MILLISECONDS:.0f} ms")
    if not is_quick:
        _write(held, saved)
    return 0 if worst <= LIMIT_MILLISECONDS else 1


def _show(title: str, found: dict[str, dict[str, list[float]]]) -> None:
    print(f"\n{title:46} {'median':>8} {'p95':>8} {'max':>8}")
    for what, modes in found.items():
        for mode, values in modes.items():
            p95 = sorted(values)[int(len(values) * 0.95)]
            row = f"{statistics.median(values):8.1f} {p95:8.1f} {max(values):8.1f}"
            print(f"{what + ', ' + mode:46} {row}")


def _write(*found: dict[str, dict[str, list[float]]]) -> None:
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
