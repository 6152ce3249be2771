"""Run every part of the test suite in its own process and say at the end what was not run."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

from scripts.check_coverage import main as check_coverage
from scripts.parts import CHROMIUM, Part, is_ci, missing_parts

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Step:
    """One pytest process; `needs` is the part without which none of its tests can run."""

    title: str
    arguments: tuple[str, ...]
    needs: Part | None = None
    measured: bool = True
    environment: dict[str, str] = field(default_factory=dict)

    def command(self) -> list[str]:
        runner = ["-m", "coverage", "run", "-m", "pytest"] if self.measured else ["-m", "pytest"]
        return [sys.executable, *runner, *self.arguments]


QUICK = "not browser and not resilience and not jupyter and not hub and not slow"
# A page on a busy machine may miss its moment. As browser runners do, a failure is tried once more,
# and a test that then passes is named, so that somebody mends it; one that fails twice has failed.
ONCE_MORE = ("--reruns", "1", "-rfER")
# Playwright's synchronous API keeps an event loop running in the main thread.
BESIDE_PLAYWRIGHT = {"DJANGO_ALLOW_ASYNC_UNSAFE": "true"}

STEPS = (
    Step(
        "unit and integration tests",
        ("-n", "2", "--dist", "loadgroup", "-m", QUICK, "tests"),
    ),
    # What follows is not measured: it would take longer, and no promise of coverage needs it.
    Step(
        "resilience and long tests",
        ("-n", "2", "--dist", "loadgroup", "-m", "resilience or slow", "tests"),
        measured=False,
    ),
    Step(
        "browser tests",
        ("-n", "2", "--dist", "loadfile", *ONCE_MORE, "-m", "browser", "tests"),
        needs=CHROMIUM,
        measured=False,
        environment=BESIDE_PLAYWRIGHT,
    ),
    Step("JupyterHub", ("-m", "hub", "tests/hub"), measured=False),
    Step("Jupyter extension", ("-p", "no:django", "jupyter_extension"), measured=False),
    Step(
        "Jupyter in a browser",
        (*ONCE_MORE, "-m", "jupyter", "tests/jupyter"),
        needs=CHROMIUM,
        measured=False,
        environment=BESIDE_PLAYWRIGHT,
    ),
)


def main() -> int:
    """0 when everything that ran passed, and on CI only when everything ran."""
    missing = missing_parts()
    if missing and is_ci():
        for part in missing:
            print(f"FAILED: {part.advice}")
        return 1
    for leftover in ROOT.glob(".coverage.*"):
        leftover.unlink()
    results = [_run(step, missing) for step in STEPS]
    complete = all(result == "passed" for _, result in results) and not missing
    results.append(("coverage", _measure(complete)))
    return _report(results, missing)


def _run(step: Step, missing: list[Part]) -> tuple[str, str]:
    if step.needs in missing:
        return step.title, "not run"
    print(f"\n=== {step.title} ===", flush=True)
    started = time.monotonic()
    environment = {**os.environ, **step.environment}
    code = subprocess.run(step.command(), cwd=ROOT, env=environment, check=False).returncode
    print(f"=== {step.title}: {time.monotonic() - started:.0f} s, exit {code} ===", flush=True)
    return step.title, "passed" if code == 0 else f"FAILED (exit {code})"


def _measure(complete: bool) -> str:
    """Combine what the processes measured; judged only when every test ran and passed."""
    print("\n=== coverage ===", flush=True)
    coverage = [sys.executable, "-m", "coverage"]
    for arguments in (["combine", "--quiet"], ["json", "--quiet"], ["report"]):
        code = subprocess.run([*coverage, *arguments], cwd=ROOT, check=False).returncode
        if code:
            return f"FAILED (coverage {arguments[0]})"
    if not complete:
        return "measured, not judged: not every test ran and passed"
    return "passed" if check_coverage() == 0 else "FAILED"


def _report(results: list[tuple[str, str]], missing: list[Part]) -> int:
    print("\n=== summary ===")
    for title, result in results:
        print(f"{title}: {result}")
    for part in missing:
        print(f"NOT RUN: {part.tests}. {part.advice}")
    return 1 if any(result.startswith("FAILED") for _, result in results) else 0


if __name__ == "__main__":
    sys.exit(main())
