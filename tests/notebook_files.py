"""Notebook files to test with, as bytes that an editor could upload."""

from __future__ import annotations

import json
from typing import Any


def code(source: str, cell_id: str | None = None, *tags: str, **fields: Any) -> dict[str, Any]:
    """A code cell that its author has run."""
    cell = {
        "cell_type": "code",
        "execution_count": 3,
        "metadata": {"tags": list(tags)} if tags else {},
        "outputs": [{"output_type": "stream", "name": "stdout", "text": ["hello\n"]}],
        "source": source.splitlines(keepends=True),
        **fields,
    }
    return cell | ({"id": cell_id} if cell_id is not None else {})


def markdown(source: str, cell_id: str | None = None, **fields: Any) -> dict[str, Any]:
    cell = {"cell_type": "markdown", "metadata": {}, "source": source, **fields}
    return cell | ({"id": cell_id} if cell_id is not None else {})


def notebook_file(*cells: dict[str, Any], minor: int = 5, **fields: Any) -> bytes:
    """A notebook of format 4 with these cells."""
    metadata = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    notebook = {"nbformat": 4, "nbformat_minor": minor, "metadata": metadata, "cells": list(cells)}
    return json.dumps(notebook | fields).encode()


def lesson_file(*ids: str) -> bytes:
    """A small lesson: an introduction, then one exercise for each id."""
    exercises = [code(f"# Exercise {cell_id}\nassert True", cell_id) for cell_id in ids]
    return notebook_file(markdown("# A lesson", "intro"), *exercises)
