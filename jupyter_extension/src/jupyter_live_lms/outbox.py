"""Reports on disk until the course site has them; survives a killed process."""

from __future__ import annotations

import contextlib
import json
import os
import time
import uuid
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

SCHEMA = 1
LEFTOVER_SECONDS = 86_400.0


@dataclass(frozen=True)
class Report:
    """The required cells of a lesson that passed; sent at least once, counted once by its key."""

    site: str
    module: int
    title: str
    passed: tuple[str, ...]
    required: int
    digest: str | None
    mode: str
    key: str
    evaluated_at: str

    @property
    def is_complete(self) -> bool:
        return len(self.passed) >= self.required


def make_report(
    *,
    site: str,
    module: int,
    title: str,
    passed: tuple[str, ...],
    required: int,
    digest: str | None,
    mode: str,
) -> Report:
    """A report of this moment with a key of its own."""
    now = datetime.now(timezone.utc).isoformat(timespec="seconds")
    return Report(site, module, title, passed, required, digest, mode, str(uuid.uuid4()), now)


@dataclass(frozen=True)
class Failure:
    """A report the course site will never accept, and what it answered."""

    report: Report | None
    path: Path
    status: int
    code: str
    detail: str


class Outbox:
    """One file per report, written whole or not at all. Every method may block on the disk."""

    def __init__(self, folder: Path) -> None:
        self.waiting = folder / "outbox"
        self.refused = folder / "failed"

    def add(self, report: Report) -> None:
        """Keep a report; older ones of the same lesson that it includes are dropped."""
        older = [
            path
            for path, other in self._read_waiting()
            if (other.site, other.module) == (report.site, report.module)
            and set(other.passed) <= set(report.passed)
        ]
        write_durably(self._path(report), _dump(report))
        for path in older:
            _remove(path)

    def pending(self) -> list[Report]:
        """The reports to send, oldest first; an unreadable file is set aside as failed."""
        return [report for _, report in self._read_waiting()]

    def remove(self, report: Report) -> None:
        """The course site has it."""
        _remove(self._path(report))

    def refuse(self, report: Report, *, status: int, code: str, detail: str) -> None:
        """Set a report aside that can never succeed, with the reason."""
        answer = {"status": status, "code": code, "detail": detail}
        write_durably(self.refused / self._path(report).name, _dump(report, answer=answer))
        self.remove(report)

    def failures(self) -> list[Failure]:
        """What was set aside, oldest first."""
        return [_read_failure(path) for path in _files(self.refused)]

    def forget_failures(self, site: str, module: int) -> None:
        """Drop what was set aside for a lesson that has been accepted since."""
        for failure in self.failures():
            report = failure.report
            if report is not None and (report.site, report.module) == (site, module):
                _remove(failure.path)

    def sweep(self) -> None:
        """Remove half-written files a killed process left more than a day ago."""
        folders = [folder for folder in (self.waiting, self.refused) if folder.is_dir()]
        for path in [path for folder in folders for path in folder.glob(".*.tmp")]:
            with contextlib.suppress(OSError):
                if time.time() - path.stat().st_mtime > LEFTOVER_SECONDS:
                    path.unlink()

    def _path(self, report: Report) -> Path:
        moment = report.evaluated_at.replace(":", "").replace("+0000", "Z")
        return self.waiting / f"{moment}-{report.key}.json"

    def _read_waiting(self) -> list[tuple[Path, Report]]:
        found = []
        for path in _files(self.waiting):
            try:
                found.append((path, _load(path)))
            except FileNotFoundError:
                continue  # another process has just delivered it
            except (OSError, ValueError, TypeError, KeyError):
                self._set_aside(path)
        return found

    def _set_aside(self, path: Path) -> None:
        self.refused.mkdir(parents=True, exist_ok=True, mode=0o700)
        with contextlib.suppress(OSError):
            os.replace(path, self.refused / path.name)


def write_durably(path: Path, content: bytes) -> None:
    """Replace a file so that a crash at any moment leaves the old or the new one; mode 0600."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    temporary = path.with_name(f".{path.name}.{uuid.uuid4().hex}.tmp")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException:
        _remove(temporary)
        raise
    _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    """Make a rename survive a power cut, where the system can open a folder."""
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _remove(path: Path) -> None:
    with contextlib.suppress(OSError):
        path.unlink()


def _files(folder: Path) -> list[Path]:
    if not folder.is_dir():
        return []
    return sorted(path for path in folder.glob("*.json") if not path.name.startswith("."))


def _dump(report: Report, **more: object) -> bytes:
    content = {"schema": SCHEMA, **asdict(report), **more}
    return json.dumps(content, indent=1).encode()


def _load(path: Path) -> Report:
    return _report_from(json.loads(path.read_bytes()))


def _report_from(content: dict[str, Any]) -> Report:
    """The report in a file's content; raises where anything in it is not what it must be."""
    if content["schema"] != SCHEMA:
        raise ValueError("a report of another version")
    fields = {name: content[name] for name in Report.__dataclass_fields__}
    report = replace(Report(**fields), passed=tuple(fields["passed"]))
    texts = (report.site, report.title, report.mode, report.evaluated_at, *report.passed)
    if not all(isinstance(text, str) for text in texts) or not isinstance(report.module, int):
        raise ValueError("not a report")
    return replace(report, key=str(uuid.UUID(report.key)))


def _read_failure(path: Path) -> Failure:
    try:
        content = json.loads(path.read_bytes())
        report, answer = _report_from(content), content["answer"]
        return Failure(report, path, int(answer["status"]), answer["code"], answer["detail"])
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return Failure(None, path, 0, "unreadable", "the file is not a report")
