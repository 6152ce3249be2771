"""Judges a large notebook in a short-lived process, so that the server's interpreter stays free.

A thread would not do: while it reads megabytes of JSON it holds the interpreter again and again.
"""

from __future__ import annotations

import codecs
import json
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

from .lesson import Evaluation, Json, Mark, Ran, Reason, Remaining, evaluate, parse

LARGE_BYTES = 1 << 18
SLICE_BYTES = 1 << 19
LONGEST_SECONDS = 60.0
# Neither the student's folder nor their site-packages are looked at for modules.
PROGRAM = (
    "import sys; sys.path.append(sys.argv[1]); "
    "from jupyter_live_lms.judge import main; main(sys.argv[2])"
)
PACKAGES = str(Path(__file__).resolve().parent.parent)


def judge_file(path: Path, ran: Ran | None) -> Evaluation | None:
    """The lesson in a file, None when it is none. Blocks; call it in a thread.

    Raises OSError and ValueError for what cannot be read.
    """
    if path.stat().st_size >= LARGE_BYTES and sys.executable:
        judged = _judge_elsewhere(path, ran)
        if judged is not None:
            return _load(judged)
    return judge_text(read_in_slices(path), ran)


def judge_text(text: str, ran: Ran | None) -> Evaluation | None:
    """The lesson in a notebook's text; None when it is none."""
    notebook = parse(text)
    return None if notebook is None else evaluate(notebook, ran)


def read_in_slices(path: Path) -> str:
    """The text of a file; decoded in slices, because each holds the interpreter."""
    decoder, parts = codecs.getincrementaldecoder("utf-8")(), []
    with path.open("rb") as file:
        while data := file.read(SLICE_BYTES):
            parts.append(decoder.decode(data))
    parts.append(decoder.decode(b"", final=True))
    return "".join(parts)


def main(path: str) -> None:
    """Judge a file by what kernels ran, read from standard input, and print the result."""
    ran = json.loads(sys.stdin.buffer.read())
    try:
        found = judge_text(read_in_slices(Path(path)), ran)
    except (OSError, ValueError):
        found = None
    sys.stdout.write(json.dumps(asdict(found) if found else None))


def _judge_elsewhere(path: Path, ran: Ran | None) -> bytes | None:
    """What the process printed; None where there can be no process, or it was ended."""
    command = [sys.executable, "-I", "-S", "-c", PROGRAM, PACKAGES, str(path)]
    known = json.dumps(None if ran is None else dict(ran)).encode()
    try:
        done = subprocess.run(  # noqa: S603 - this package, by the interpreter that runs it
            command, input=known, capture_output=True, timeout=LONGEST_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout if done.returncode == 0 else None


def _load(judged: bytes) -> Evaluation | None:
    found: Json | None = json.loads(judged)
    if found is None:
        return None
    mark = found["mark"]
    return Evaluation(
        mark=Mark(**{**mark, "required": tuple(mark["required"])}),
        passed=tuple(found["passed"]),
        remaining=tuple(
            Remaining(cell["id"], cell["label"], Reason(cell["reason"]))
            for cell in found["remaining"]
        ),
    )
