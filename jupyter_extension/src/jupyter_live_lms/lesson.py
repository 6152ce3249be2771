"""What a saved notebook says about a lesson: pure functions, no input or output."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

METADATA_KEY = "live_lms"
SCHEMA = 1
POLICY = "required-cells"
LABEL_LENGTH = 60
SLICE_LENGTH = 1 << 19
RAISES_EXCEPTION = "raises-exception"

Json = dict[str, Any]
Ran = Mapping[str, bool]
"""What kernels really ran: digest of the code, and whether its last run ended without an error."""


@dataclass(frozen=True)
class Mark:
    """What the course site wrote into the notebook; `problem` says why it cannot be used."""

    site: str
    module: int
    title: str
    required: tuple[str, ...]
    digest: str | None
    problem: str = ""


class Reason(str, Enum):
    """Why a required cell does not count yet."""

    MISSING = "missing"
    NOT_CODE = "not_code"
    EMPTY = "empty"
    NOT_RUN = "not_run"
    FAILED = "failed"
    NOT_SEEN = "not_seen"


@dataclass(frozen=True)
class Remaining:
    """A required cell that does not count yet."""

    id: str
    label: str
    reason: Reason


@dataclass(frozen=True)
class Evaluation:
    """The required cells of one notebook, sorted into passed and remaining."""

    mark: Mark
    passed: tuple[str, ...]
    remaining: tuple[Remaining, ...]

    @property
    def is_complete(self) -> bool:
        return bool(self.mark.required) and not self.remaining and not self.mark.problem


def parse(text: str) -> Json | None:
    """The notebook in `text` without its outputs' contents; None where it names no lesson.

    Safe to call in a thread beside an event loop: the hook makes the JSON scanner, written in C,
    give way between objects instead of holding the interpreter for the whole file.
    """
    if not _names_a_lesson(text):
        return None
    try:
        notebook = json.loads(text, object_hook=_without_content)
    except (ValueError, RecursionError):
        return None
    return notebook if isinstance(notebook, dict) else None


def _names_a_lesson(text: str) -> bool:
    """Whether the key occurs at all, looked for in slices for the same reason."""
    key = f'"{METADATA_KEY}"'
    starts = range(0, len(text), SLICE_LENGTH)
    return any(text.find(key, at, at + SLICE_LENGTH + len(key)) >= 0 for at in starts)


def _without_content(value: Json) -> Json:
    """Keeps an output's kind only, so that its megabytes are freed while the rest is read."""
    return {"output_type": value["output_type"]} if "output_type" in value else value


def read_mark(notebook: Json) -> Mark | None:
    """The lesson's mark; None in a notebook that is no lesson."""
    metadata = notebook.get("metadata")
    raw = metadata.get(METADATA_KEY) if isinstance(metadata, dict) else None
    if raw is None:
        return None
    if not isinstance(raw, dict):
        return _damaged()
    is_whole = _is_number(raw.get("module")) and _are_texts(raw.get("required"))
    if not is_whole or not isinstance(raw.get("site"), str):
        return _damaged()
    return Mark(
        site=raw["site"],
        module=raw["module"],
        title=str(raw.get("title") or "Lesson"),
        required=tuple(dict.fromkeys(raw["required"])),
        digest=raw["digest"] if isinstance(raw.get("digest"), str) else None,
        problem=_problem(raw),
    )


def _damaged() -> Mark:
    text = "The lesson's marks in this notebook are damaged. Download the lesson again."
    return Mark(site="", module=0, title="Lesson", required=(), digest=None, problem=text)


def _problem(raw: Json) -> str:
    if raw.get("schema") != SCHEMA or raw.get("policy") != POLICY:
        return "This lesson needs a newer version of jupyter-live-lms."
    if not raw["required"]:
        return "This lesson names no cells to run; your instructor can set that right."
    return ""


def _is_number(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value > 0


def _are_texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def evaluate(notebook: Json, ran: Ran | None = None) -> Evaluation | None:
    """Judge the required cells of a notebook; None where it is no lesson.

    A cell passes when it is code, is not blank, has been executed and shows no error, or is tagged
    `raises-exception`. With `ran`, its very code must also have been seen to run. Never raises, in
    whatever shape the notebook is.
    """
    mark = read_mark(notebook)
    if mark is None:
        return None
    cells = _cells_by_id(notebook)
    passed, remaining = [], []
    for cell_id in mark.required:
        cell = cells.get(cell_id)
        reason = _judge(cell, ran)
        if reason is None:
            passed.append(cell_id)
        else:
            remaining.append(Remaining(cell_id, _label(cell, cell_id), reason))
    return Evaluation(mark, tuple(passed), tuple(remaining))


def digest_of(code: str) -> str:
    """What the ledger keeps of code; blank lines and spaces around it do not count."""
    return hashlib.sha256(code.strip().encode("utf-8", "surrogatepass")).hexdigest()


def _cells_by_id(notebook: Json) -> dict[str, Json]:
    """Cells by id; of several with one id the first counts, as Jupyter itself decides."""
    found: dict[str, Json] = {}
    for cell in _cells(notebook):
        cell_id = cell.get("id")
        if isinstance(cell_id, str):
            found.setdefault(cell_id, cell)
    return found


def _cells(notebook: Json) -> Iterator[Json]:
    cells = notebook.get("cells")
    for cell in cells if isinstance(cells, list) else []:
        if isinstance(cell, dict):
            yield cell


def _judge(cell: Json | None, ran: Ran | None) -> Reason | None:
    if cell is None:
        return Reason.MISSING
    if cell.get("cell_type") != "code":
        return Reason.NOT_CODE
    source = _text(cell.get("source"))
    if not source.strip():
        return Reason.EMPTY
    if not _is_number(cell.get("execution_count")):
        return Reason.NOT_RUN
    expects_error = RAISES_EXCEPTION in _tags(cell)
    if _has_error(cell) and not expects_error:
        return Reason.FAILED
    return None if ran is None else _judge_run(ran.get(digest_of(source)), expects_error)


def _judge_run(run: bool | None, expects_error: bool) -> Reason | None:
    if run is None:
        return Reason.NOT_SEEN
    return None if run or expects_error else Reason.FAILED


def _has_error(cell: Json) -> bool:
    outputs = cell.get("outputs")
    return isinstance(outputs, list) and any(
        isinstance(output, dict) and output.get("output_type") == "error" for output in outputs
    )


def _tags(cell: Json) -> list[object]:
    metadata = cell.get("metadata")
    tags = metadata.get("tags") if isinstance(metadata, dict) else None
    return tags if isinstance(tags, list) else []


def _label(cell: Json | None, cell_id: str) -> str:
    """The first line of the cell's text, as a person would recognise it, without comment signs."""
    source = _text(cell.get("source")) if cell else ""
    line = next((line.strip("# \t") for line in source.splitlines() if line.strip("# \t")), cell_id)
    return line if len(line) <= LABEL_LENGTH else line[: LABEL_LENGTH - 1] + "…"


def _text(source: object) -> str:
    """The text of a cell; files hold a list of lines, Jupyter's memory one string."""
    if isinstance(source, list):
        return "".join(line for line in source if isinstance(line, str))
    return source if isinstance(source, str) else ""
