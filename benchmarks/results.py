"""What was measured: rows with their targets, the machine, the table and the file."""

import json
import os
import platform
import statistics
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

import psutil

FILE = Path(__file__).parent / "results.json"


@dataclass(slots=True)
class Samples:
    """Values of one thing, by repetition."""

    name: str
    unit: str
    repetitions: list[list[float]] = field(default_factory=list)
    missing: int = 0

    def add(self, values: list[float]) -> None:
        """Another repetition."""
        if values:
            self.repetitions.append(values)

    def quantile(self, share: float) -> float:
        """The value that `share` of all samples do not exceed."""
        values = sorted(value for values in self.repetitions for value in values)
        if not values:
            return float("nan")
        return values[min(len(values) - 1, round(share * (len(values) - 1)))]

    @property
    def p50(self) -> float:
        return self.quantile(0.5)

    @property
    def p99(self) -> float:
        return self.quantile(0.99)

    @property
    def medians(self) -> tuple[float, float]:
        """The smallest and the largest median of a repetition: how noisy the machine was."""
        medians = [statistics.median(values) for values in self.repetitions]
        return (min(medians), max(medians)) if medians else (self.p50, self.p50)

    def as_json(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "unit": self.unit,
            "p50": round(self.p50, 3),
            "p99": round(self.p99, 3),
            "medians": [round(median, 3) for median in self.medians],
            "repetitions": len(self.repetitions),
            "samples": sum(map(len, self.repetitions)),
            "missing": self.missing,
        }


@dataclass(frozen=True, slots=True)
class Target:
    """What a number must show: of the ratio of medians, or of our own median."""

    sign: Literal["<=", ">="]
    bound: float
    of: Literal["ratio", "ours", "difference"] = "ratio"
    unit: str = "x"

    def __str__(self) -> str:
        return f"{self.sign} {self.bound:g} {self.unit}".replace(" x", "x")

    def is_met_by(self, value: float) -> bool:
        return value >= self.bound if self.sign == ">=" else value <= self.bound


@dataclass(slots=True)
class Row:
    """One line of the table. `ratio` is ours to theirs, or theirs to ours where ours is faster."""

    what: str
    ours: Samples
    other: Samples | None = None
    target: Target | None = None
    note: str = ""

    @property
    def ratio(self) -> float | None:
        """How many times faster or cheaper (`>=` targets), or what share of the other."""
        if self.other is None:
            return None
        ours, other = self.ours.p50, self.other.p50
        return other / ours if self.target and self.target.sign == ">=" else ours / other

    @property
    def is_met(self) -> bool | None:
        """None where there is no target."""
        if self.target is None:
            return None
        if self.ours.missing or (self.other and self.other.missing):
            return False
        return self.target.is_met_by(self._judged())

    def _judged(self) -> float:
        assert self.target is not None
        if self.target.of == "difference" and self.other is not None:
            return self.ours.p50 - self.other.p50
        if self.target.of == "ratio" and self.ratio is not None:
            return self.ratio
        return self.ours.p50

    def as_json(self) -> dict[str, Any]:
        return {
            "what": self.what,
            "ours": self.ours.as_json(),
            "other": self.other.as_json() if self.other else None,
            "ratio": round(self.ratio, 3) if self.ratio is not None else None,
            "target": asdict(self.target) if self.target else None,
            "met": self.is_met,
            "note": self.note,
        }

    def cells(self) -> list[str]:
        """The table's columns."""
        met = {True: "yes", False: "NO", None: ""}[self.is_met]
        ratio = f"{self.ratio:.2f}" if self.ratio is not None else ""
        target = str(self.target) if self.target else ""
        return [self.what, _figures(self.ours), _figures(self.other), ratio, target, met]


HEADINGS = ["what", "ours p50 / p99", "floor or peer p50 / p99", "ratio", "target", "met"]


def table(rows: list[Row]) -> str:
    """Rows as aligned text."""
    cells = [HEADINGS, *(row.cells() for row in rows)]
    widths = [max(len(line[column]) for line in cells) for column in range(len(HEADINGS))]
    lines = ["  ".join(c.ljust(w) for c, w in zip(line, widths, strict=True)) for line in cells]
    return "\n".join([lines[0], "  ".join("-" * width for width in widths), *lines[1:]])


def _figures(samples: Samples | None) -> str:
    if samples is None:
        return ""
    low, high = samples.medians
    text = f"{samples.p50:.4g} / {samples.p99:.4g} {samples.unit} ({low:.4g}-{high:.4g})"
    return text + (f" {samples.missing} MISSING" if samples.missing else "")


def machine() -> dict[str, Any]:
    """Where it ran, and how busy the machine is now."""
    return {
        "python": platform.python_version(),
        "system": platform.platform(terse=True),
        "cores": os.cpu_count(),
        "memory_gb": round(psutil.virtual_memory().total / 2**30, 1),
        "load_average": [round(load, 2) for load in os.getloadavg()],
    }


def write(rows: list[Row], about: dict[str, Any]) -> None:
    """Write `results.json`."""
    content = {"about": about, "rows": [row.as_json() for row in rows]}
    FILE.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n")
