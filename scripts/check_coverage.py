"""Judge coverage.json by the promises in pyproject.toml, [tool.live_lms.coverage]."""

from __future__ import annotations

import json
import sys
import tomllib
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent


def problems_in(report: dict[str, Any], promises: dict[str, Any]) -> list[str]:
    """One line for each broken promise; empty when all are kept."""
    found = []
    files: dict[str, Any] = report["files"]
    for promised in promises["complete"]:
        matching = {path: data for path, data in files.items() if _belongs(path, promised)}
        if not matching:
            found.append(f"{promised}: promised complete, but no such file was measured")
        found += [_gap(path, data) for path, data in sorted(matching.items()) if _is_partial(data)]
    overall = report["totals"]["percent_covered"]
    if overall < promises["overall"]:
        found.append(
            f"overall: {overall:.2f} % of lines and branches, below {promises['overall']} %"
        )
    return found


def _belongs(path: str, promised: str) -> bool:
    return path.startswith(promised) if promised.endswith("/") else path == promised


def _is_partial(data: dict[str, Any]) -> bool:
    return bool(data["missing_lines"] or data["missing_branches"])


def _gap(path: str, data: dict[str, Any]) -> str:
    branches = [f"{start}->{end}" for start, end in data["missing_branches"]]
    return f"{path}: must be complete; lines {data['missing_lines']}, branches {branches}"


def main() -> int:
    """0 when every promise is kept, else 1 with the broken ones printed."""
    report = json.loads((ROOT / "coverage.json").read_text())
    configuration = tomllib.loads((ROOT / "pyproject.toml").read_text())
    found = problems_in(report, configuration["tool"]["live_lms"]["coverage"])
    for problem in found:
        print(f"coverage: {problem}")
    if not found:
        print(f"coverage: {report['totals']['percent_covered']:.2f} % overall, promises kept")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
