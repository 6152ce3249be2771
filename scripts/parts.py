"""The programs a full test run needs beside Python packages, and where to find them."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path


def find_redis() -> Path | None:
    """The redis-server program, if installed."""
    found = shutil.which("redis-server")
    return Path(found) if found else None


def find_postgres() -> Path | None:
    """The newest folder that holds both `initdb` and `postgres`, if any."""
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=_major_version, reverse=True)
    on_path = shutil.which("initdb")
    if on_path:
        folders.append(Path(on_path).resolve().parent)
    for folder in folders:
        if (folder / "initdb").exists() and (folder / "postgres").exists():
            return folder
    return None


def find_chromium() -> Path | None:
    """A Chromium or Chrome program, if installed; the headless one is the cheapest to run."""
    for name in ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome"):
        found = shutil.which(name)
        if found:
            return Path(found)
    return None


def _major_version(folder: Path) -> float:
    try:
        return float(folder.parent.name)
    except ValueError:
        return 0.0


@dataclass(frozen=True)
class Part:
    """One such program: what it is called, how to get it and which tests wait for it."""

    name: str
    package: str
    tests: str
    find: Callable[[], Path | None]

    @property
    def advice(self) -> str:
        return f"{self.name} is missing; get it with: apt-get install {self.package}"


REDIS = Part("redis-server", "redis-server", "tests with a real Redis", find_redis)
POSTGRES = Part("PostgreSQL", "postgresql", "tests with a real PostgreSQL", find_postgres)
CHROMIUM = Part("Chromium", "chromium-headless-shell", "browser tests", find_chromium)
ALL_PARTS = (REDIS, POSTGRES, CHROMIUM)


def missing_parts() -> list[Part]:
    """The parts not found on this machine."""
    return [part for part in ALL_PARTS if part.find() is None]


def is_ci() -> bool:
    """True where a missing part is a failure instead of a note."""
    return os.environ.get("CI", "").lower() in {"1", "true", "yes"}


def main() -> int:
    """Print the apt packages still needed, one a line."""
    for part in missing_parts():
        print(part.package)
    return 0


if __name__ == "__main__":
    sys.exit(main())
