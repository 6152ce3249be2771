"""A large notebook is judged in a process of its own, with the same result as a small one."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from jupyter_extension.tests.lms import ERROR, cell, lesson
from jupyter_live_lms import judge
from jupyter_live_lms.judge import LARGE_BYTES, judge_file
from jupyter_live_lms.lesson import Evaluation, digest_of

FILLER = {"output_type": "display_data", "metadata": {}, "data": {"image/png": "A" * LARGE_BYTES}}


@pytest.fixture
def large(tmp_path: Path) -> Path:
    """One cell of each fate, and a picture."""
    cells = [
        cell("passed", outputs=[FILLER]), cell("waiting", "# Größe", count=None),
        cell("broken", outputs=[ERROR]), cell("empty", " "),
    ]  # fmt: skip
    ids = ["passed", "waiting", "broken", "empty", "gone"]
    path = tmp_path / "large.ipynb"
    path.write_text(json.dumps(lesson("https://x.test", *cells, required=ids), ensure_ascii=False))
    return path


@pytest.fixture
def commands(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The processes that were really started."""
    started, run = [], subprocess.run

    def note(command: list[str], **options: Any) -> Any:
        started.append(command)
        return run(command, **options)

    monkeypatch.setattr(judge.subprocess, "run", note)
    return started


def here(path: Path, ran: dict[str, bool] | None = None) -> Evaluation | None:
    return judge.judge_text(judge.read_in_slices(path), ran)


@pytest.mark.parametrize("ran", [None, {}, {digest_of("1 + 1"): True}, {digest_of("1 + 1"): False}])
def test_the_process_judges_as_the_server_would(
    large: Path, commands: list[list[str]], ran: dict[str, bool] | None
) -> None:
    found = judge_file(large, ran)
    assert found is not None
    assert found == here(large, ran)
    assert len(commands) == 1


def test_a_small_notebook_needs_no_process(tmp_path: Path, commands: list[list[str]]) -> None:
    path = tmp_path / "small.ipynb"
    path.write_text(json.dumps(lesson("https://x.test", cell("a"), cell("b"))))
    found = judge_file(path, None)
    assert found is not None
    assert found.is_complete
    assert commands == []


@pytest.mark.parametrize("content", [b"{", b"\xff", b'"live_lms"', b"[]"])
def test_a_large_file_that_is_no_lesson(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x.ipynb"
    path.write_bytes(content + b" " * LARGE_BYTES)
    assert judge_file(path, None) is None


def test_modules_in_the_students_folder_are_not_loaded(
    large: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (large.parent / "json.py").write_text("raise SystemExit('loaded')")
    monkeypatch.chdir(large.parent)
    monkeypatch.setenv("PYTHONPATH", str(large.parent))
    monkeypatch.setattr(judge, "read_in_slices", None)  # the server itself reads nothing
    assert judge_file(large, None) is not None


def test_without_processes_the_server_judges_itself(
    large: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(judge.sys, "executable", str(large.parent / "gone"))
    assert judge_file(large, None) == here(large)


def test_a_process_that_takes_too_long_is_ended(
    large: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(judge, "PROGRAM", "import threading; threading.Event().wait()")
    monkeypatch.setattr(judge, "LONGEST_SECONDS", 0.2)
    assert judge_file(large, None) == here(large)
