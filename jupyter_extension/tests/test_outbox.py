"""The outbox on a real disk, and under kill -9."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from jupyter_live_lms.outbox import Outbox, Report, make_report

SITE = "https://courses.example.org"
ENDLESS = """
import sys
from pathlib import Path
from jupyter_live_lms.outbox import Outbox, make_report
outbox = Outbox(Path(sys.argv[1]))
for module in range(1, 10**9):
    outbox.add(make_report(site="https://courses.example.org", module=module, title="x" * 2000,
        passed=("a",), required=1, digest=None, mode="saved"))
    print(module, flush=True)
"""


def report(module: int = 7, passed: tuple[str, ...] = ("a",), **more: Any) -> Report:
    options = {"site": SITE, "title": "Loops", "required": 2, "digest": None, "mode": "saved"}
    return make_report(module=module, passed=passed, **(options | more))


@pytest.fixture
def outbox(tmp_path: Path) -> Outbox:
    return Outbox(tmp_path)


def test_report_survives_as_it_was(outbox: Outbox, tmp_path: Path) -> None:
    kept = report()
    outbox.add(kept)
    assert Outbox(tmp_path).pending() == [kept]


def test_report_is_for_its_owner_only(outbox: Outbox) -> None:
    outbox.add(report())
    (path,) = outbox.waiting.iterdir()
    assert path.stat().st_mode & 0o777 == 0o600
    assert outbox.waiting.stat().st_mode & 0o777 == 0o700


def test_report_that_includes_older_ones_replaces_them(outbox: Outbox) -> None:
    newest = report(passed=("a", "b"))
    for added in (report(), report(8), report(passed=("b",)), newest):
        outbox.add(added)
    assert {(one.module, one.passed) for one in outbox.pending()} == {(7, ("a", "b")), (8, ("a",))}


def test_report_of_another_site_is_kept(outbox: Outbox) -> None:
    outbox.add(report(site="https://other.example.org"))
    outbox.add(report())
    assert len(outbox.pending()) == 2


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b'{"schema": 1}', b'{"schema": 9}', b"\xff\xfe"]
)
def test_damaged_file_is_set_aside_and_stops_nothing(outbox: Outbox, content: bytes) -> None:
    outbox.add(report())
    (outbox.waiting / "0.json").write_bytes(content)
    assert len(outbox.pending()) == 1
    assert [failure.code for failure in outbox.failures()] == ["unreadable"]
    assert [path.name for path in outbox.waiting.iterdir()] != ["0.json"]


def test_key_that_is_no_uuid_is_not_trusted_as_a_file_name(outbox: Outbox) -> None:
    outbox.add(report())
    (path,) = outbox.waiting.iterdir()
    path.write_text(path.read_text().replace('"key": "', '"key": "../../'))
    assert outbox.pending() == []


def test_refused_report_is_explained_until_the_lesson_is_accepted(outbox: Outbox) -> None:
    refused = report()
    outbox.add(refused)
    outbox.refuse(refused, status=409, code="not_enrolled", detail="You are not enrolled.")
    assert outbox.pending() == []
    (failure,) = outbox.failures()
    assert (failure.report, failure.status, failure.code) == (refused, 409, "not_enrolled")
    outbox.forget_failures(SITE, 7)
    assert outbox.failures() == []


def test_old_half_written_file_is_swept_and_a_new_one_is_not(outbox: Outbox) -> None:
    outbox.add(report())
    old, new = outbox.waiting / ".1.tmp", outbox.waiting / ".2.tmp"
    for path in (old, new):
        path.write_text("half")
    two_days_ago = time.time() - 2 * 86_400
    os.utime(old, (two_days_ago, two_days_ago))
    outbox.sweep()
    assert new.exists()
    assert not old.exists()
    assert len(outbox.pending()) == 1


@pytest.mark.parametrize("count", [1, 7, 23])
def test_killed_process_leaves_every_report_it_had_added(tmp_path: Path, count: int) -> None:
    """The process says each report it has added; a kill -9 comes while it adds the next ones."""
    writer = subprocess.Popen(
        [sys.executable, "-c", ENDLESS, str(tmp_path)], stdout=subprocess.PIPE, text=True
    )
    assert writer.stdout is not None
    said = 0
    while said < count:
        said = int(writer.stdout.readline())
    writer.send_signal(signal.SIGKILL)
    writer.wait()
    said = max([said, *(int(line) for line in writer.stdout.read().split())])
    writer.stdout.close()
    outbox = Outbox(tmp_path)
    found = {one.module for one in outbox.pending()}
    assert set(range(1, said + 1)) <= found
    assert outbox.failures() == []
