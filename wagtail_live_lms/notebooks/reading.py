"""From an uploaded file to a notebook of format 4.5 with lasting cell ids and no outputs."""

import hashlib
import json
import re
import warnings
from collections.abc import Iterable
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from django.utils.functional import Promise, SimpleLazyObject
from django.utils.translation import gettext_lazy as _

from .manifest import METADATA_KEY, Notebook, dump

MAJOR, MINOR = 4, 5
OLDEST = 3
_ID = re.compile(r"[a-zA-Z0-9_-]{1,64}")
_JUPYTER_TRACES = ("execution", "collapsed", "scrolled", "ExecuteTime", "trusted")
"""Cell metadata that says how the author ran it."""

_MALFORMED = (KeyError, TypeError, AttributeError, ValueError, IndexError, RecursionError)
"""What comes of JSON that only resembles a notebook, here and in nbformat's converters."""

# Loaded with the first notebook: where Jupyter is installed too, its schema checker brings a
# grammar that takes seconds to build, and every process and command would wait for it.
nbformat: Any = SimpleLazyObject(lambda: import_module("nbformat"))


class NotebookError(ValueError):
    """The file cannot be used; `message` says what to do."""

    def __init__(self, message: str | Promise) -> None:
        super().__init__(str(message))
        self.message = message


@dataclass(frozen=True, slots=True)
class Upload:
    """A notebook that was read, as data and as the text that is stored."""

    notebook: Notebook
    text: str


def read_notebook(raw: bytes) -> Upload:
    """The notebook of a file, upgraded to 4.5, its ids mended, outputs and counts cleared.

    The same file gives the same text, and an unchanged cell keeps its id when others change.
    Raises NotebookError.
    """
    parsed = _parse(raw)
    try:
        notebook = _normalise(parsed)
    except NotebookError:
        raise
    except (*_MALFORMED, nbformat.ValidationError) as error:
        raise _unreadable() from error
    _validate(notebook)
    text = dump(notebook)
    if "\x00" in text or "\\u0000" in text or not _is_encodable(text):
        raise NotebookError(
            _("The notebook has characters that cannot be stored. Remove them and try again.")
        )
    return Upload(notebook, text)


def _parse(raw: bytes) -> Any:
    try:
        notebook = json.loads(raw.decode("utf-8-sig"), parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise NotebookError(
            _("This is not a notebook. Choose a file that Jupyter saved, ending in .ipynb.")
        ) from error
    if not isinstance(notebook, dict) or type(notebook.get("nbformat")) is not int:
        raise NotebookError(
            _("This file is JSON, but no notebook. Choose a file that Jupyter saved.")
        )
    return notebook


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is no JSON")


def _normalise(notebook: dict[str, Any]) -> Notebook:
    notebook = _upgrade(notebook)
    _join_lines(notebook)
    _clear(notebook)
    _mend_ids(notebook["cells"])
    return notebook


def _upgrade(notebook: dict[str, Any]) -> dict[str, Any]:
    if notebook["nbformat"] > MAJOR:
        raise NotebookError(
            _("This notebook is in a newer format than 4.5. Save it in format 4 and try again.")
        )
    if notebook["nbformat"] < OLDEST:
        raise NotebookError(
            _("This notebook is in a format of before 2012. Open it in Jupyter and save it anew.")
        )
    if notebook["nbformat"] < MAJOR:
        node = nbformat.convert(nbformat.reader.reads(json.dumps(notebook)), MAJOR)
        notebook = json.loads(json.dumps(node))  # plain data, not nbformat's node class
        notebook["cells"] = [_without_id(cell) for cell in notebook["cells"]]
    return {**notebook, "nbformat": MAJOR, "nbformat_minor": MINOR}


def _without_id(cell: dict[str, Any]) -> dict[str, Any]:
    """The converter invents ids by chance; ours come from the content."""
    return {key: value for key, value in cell.items() if key != "id"}


def _join_lines(notebook: dict[str, Any]) -> None:
    """A source may be a list of lines; two ways to write it must not be two notebooks."""
    notebook.setdefault("metadata", {})
    for cell in notebook["cells"]:
        cell.setdefault("metadata", {})
        source = cell["source"]
        cell["source"] = "".join(source) if isinstance(source, list) else source


def _clear(notebook: Notebook) -> None:
    """Take out what running it left behind, and what another export said about it."""
    for key in (METADATA_KEY, "signature", "widgets"):
        notebook["metadata"].pop(key, None)
    for cell in notebook["cells"]:
        for key in _JUPYTER_TRACES:
            cell["metadata"].pop(key, None)
        if cell.get("cell_type") == "code":
            cell["outputs"], cell["execution_count"] = [], None


def _mend_ids(cells: Iterable[dict[str, Any]]) -> None:
    """Give every cell an id of its own; the first of two with the same one keeps it."""
    cells = list(cells)
    given = [_id_of(cell) for cell in cells]
    seen: set[str] = set()
    for cell, cell_id in zip(cells, given, strict=True):
        if not cell_id or cell_id in seen:
            cell_id = _derived_id(cell, {*given, *seen})
        cell["id"] = cell_id
        seen.add(cell_id)


def _id_of(cell: dict[str, Any]) -> str:
    """The cell's id, or nothing if it has none that is allowed."""
    given = cell.get("id")
    return given if isinstance(given, str) and _ID.fullmatch(given) else ""


def _derived_id(cell: dict[str, Any], taken: set[str]) -> str:
    """From the content, so that the same file always gets the same ids."""
    content = json.dumps([cell.get("cell_type"), cell["source"]])
    base = hashlib.sha256(content.encode()).hexdigest()[:12]
    number, derived = 1, base
    while derived in taken:
        number += 1
        derived = f"{base}-{number}"
    return derived


def _validate(notebook: Notebook) -> None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            nbformat.validate(nbformat.from_dict(notebook))
    except nbformat.validator.NotebookValidationError as error:
        raise _unreadable(str(error).splitlines()[0][:200]) from error
    except RecursionError as error:
        raise _unreadable() from error


def _unreadable(reason: str = "") -> NotebookError:
    if not reason:
        return NotebookError(
            _("The notebook is damaged. Open it in Jupyter, save it and try again.")
        )
    message = _("The notebook is damaged: %(reason)s. Open it in Jupyter, save it and try again.")
    return NotebookError(message % {"reason": reason.rstrip(".")})


def _is_encodable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
