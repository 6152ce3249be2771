"""What of a notebook counts, under which names, and the file that students get."""

import copy
import hashlib
import json
from collections.abc import Iterable
from typing import Any

Notebook = dict[str, Any]

REQUIRED_TAG = "required"
METADATA_KEY = "live_lms"
SCHEMA = 1
POLICY = "required-cells"
LABEL_LENGTH = 80


def dump(notebook: Notebook) -> str:
    """The notebook as text: the same text for the same notebook."""
    return json.dumps(notebook, ensure_ascii=False, sort_keys=True, indent=1) + "\n"


def cells_of(notebook: Notebook) -> list[dict[str, Any]]:
    """The cells that can be required: code that is not blank."""
    return [
        cell
        for cell in notebook["cells"]
        if cell["cell_type"] == "code" and str(cell["source"]).strip()
    ]


def tagged_ids(notebook: Notebook) -> list[str]:
    """Ids of the cells that their author tagged `required`."""
    cells = cells_of(notebook)
    return [cell["id"] for cell in cells if REQUIRED_TAG in cell["metadata"].get("tags", ())]


def label_of(cell: dict[str, Any]) -> str:
    """A cell in a few words: its first line, without the marks of a comment."""
    lines = (line.strip(" \t#") for line in str(cell["source"]).splitlines())
    first = next((line for line in lines if line), "")
    return first if len(first) <= LABEL_LENGTH else f"{first[: LABEL_LENGTH - 1]}…"


def manifest_of(notebook: Notebook, required_ids: Iterable[str]) -> list[dict[str, str]]:
    """Each required cell that the notebook has, in its order, with a label."""
    wanted = set(required_ids)
    return [
        {"id": cell["id"], "label": label_of(cell)}
        for cell in cells_of(notebook)
        if cell["id"] in wanted
    ]


def digest_of(text: str, required_ids: Iterable[str]) -> str:
    """Names this very version of a notebook and of what is required of it."""
    parts = json.dumps([text, list(required_ids)], ensure_ascii=False)
    return f"sha256:{hashlib.sha256(parts.encode()).hexdigest()}"


def export(notebook: Notebook, identity: dict[str, Any], required_ids: Iterable[str]) -> str:
    """The file a student gets: the notebook, and in its metadata whose module it is."""
    told = {"schema": SCHEMA, "policy": POLICY, "required": list(required_ids), **identity}
    copied = copy.copy(notebook)
    copied["metadata"] = {**notebook["metadata"], METADATA_KEY: told}
    return dump(copied)
